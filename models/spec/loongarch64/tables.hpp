// The entries that LDDIR and LDPTE read, as the manual prints them: a last level of 4 KiB pages and
// three of directories, for addresses of 48 bits, with physical addresses of 48.
//
// LoongArch Reference Manual, volume 1, "Multi-level Page Table Structure Supported by page
// walking" and "TLB Entry". A directory entry is the address of a table and nothing else; no bit
// says whether it is there.
//
// Levels count as everywhere here: 1 is the last, whose base is PWCL.PTbase; 2, 3 and 4 are the
// directories 1 to 3.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "models/spec/field.hpp"

namespace twinwalk::models::loongarch64 {

inline constexpr int level_max = 4;

inline constexpr std::array page_4k{
    Field{"RPLV", 63, 63, Role::exact_privilege, "TLB Entry"},
    Field{"NX", 62, 62, Role::not_executable, "TLB Entry"},
    Field{"NR", 61, 61, Role::not_readable, "TLB Entry"},
    Field{"ignored", 60, 48, Role::ignored, "page walking"},
    Field{"PPN", 47, 12, Role::address, "TLB Entry"},
    Field{"software", 11, 10, Role::software, "page walking"},
    Field{"was dirty", 9, 9, Role::dirty_kept, "software's; contract"},
    Field{"W", 8, 8, Role::write_managed, "page walking"},
    Field{"P", 7, 7, Role::present, "page walking"},
    Field{"G", 6, 6, Role::global, "TLB Entry"},
    Field{"MAT", 5, 4, Role::memory_type, "TLB Entry"},
    Field{"PLV", 3, 2, Role::privilege, "TLB Entry"},
    Field{"D", 1, 1, Role::writable, "TLB Entry"},
    Field{"V", 0, 0, Role::accessed, "TLB Entry"},
};

// A page that stands in a directory: bit 6 tells it from one, so G stands where a page of 4 KiB has
// the lowest bit of its frame; LDDIR notes its level in the two bits above.
template <int Level>
constexpr auto huge() {
  constexpr int lowest = 12 + 9 * (Level - 1);
  return std::array{
      Field{"RPLV", 63, 63, Role::exact_privilege, "TLB Entry"},
      Field{"NX", 62, 62, Role::not_executable, "TLB Entry"},
      Field{"NR", 61, 61, Role::not_readable, "TLB Entry"},
      Field{"ignored", 60, 48, Role::ignored, "page walking"},
      Field{"PPN", 47, lowest, Role::address, "page walking"},
      Field{"ignored", lowest - 1, 15, Role::ignored, "page walking"},
      Field{"level", 14, 13, Role::ignored, "LDDIR"},
      Field{"G", 12, 12, Role::global, "page walking"},
      Field{"software", 11, 10, Role::software, "page walking"},
      Field{"was dirty", 9, 9, Role::dirty_kept, "software's; contract"},
      Field{"W", 8, 8, Role::write_managed, "page walking"},
      Field{"P", 7, 7, Role::present, "page walking"},
      Field{"H", 6, 6, Role::page_size, "page walking"},
      Field{"MAT", 5, 4, Role::memory_type, "TLB Entry"},
      Field{"PLV", 3, 2, Role::privilege, "TLB Entry"},
      Field{"D", 1, 1, Role::writable, "TLB Entry"},
      Field{"V", 0, 0, Role::accessed, "TLB Entry"},
  };
}
inline constexpr auto page_2m = huge<2>();
inline constexpr auto page_1g = huge<3>();
inline constexpr auto page_512g = huge<4>();

inline constexpr std::array directory{
    Field{"ignored", 63, 48, Role::ignored, "page walking"},
    Field{"next table", 47, 12, Role::address, "page walking"},
    Field{"ignored", 11, 7, Role::ignored, "page walking"},
    Field{"H = 0", 6, 6, Role::page_size, "page walking"},
    Field{"ignored", 5, 0, Role::ignored, "page walking"},
};
static_assert(partitions_word(page_4k) && partitions_word(page_2m) && partitions_word(page_1g) &&
              partitions_word(page_512g) && partitions_word(directory));

inline constexpr std::array pgd{
    Field{"reserved", 63, 48, Role::reserved, "PGDL, PGDH"},
    Field{"base", 47, 12, Role::address, "PGDL, PGDH"},
    Field{"0", 11, 0, Role::reserved, "PGDL, PGDH"},
};
static_assert(partitions_word(pgd));

// Every table, top level first.
inline constexpr std::array tables{
    FieldTable{"directory 3 entry, 512-GByte page", 4, EntryKind::leaf, "page walking", page_512g},
    FieldTable{"directory 3 entry", 4, EntryKind::table, "page walking", directory},
    FieldTable{"directory 2 entry, 1-GByte page", 3, EntryKind::leaf, "page walking", page_1g},
    FieldTable{"directory 2 entry", 3, EntryKind::table, "page walking", directory},
    FieldTable{"directory 1 entry, 2-MByte page", 2, EntryKind::leaf, "page walking", page_2m},
    FieldTable{"directory 1 entry", 2, EntryKind::table, "page walking", directory},
    FieldTable{"page table entry, 4-KByte page", 1, EntryKind::leaf, "TLB Entry", page_4k},
};
inline constexpr std::array root_tables{
    FieldTable{"PGDL, PGDH", 0, EntryKind::table, "PGDL, PGDH", pgd},
};

constexpr std::span<Field const> fields_of(int level, EntryKind kind) {
  for (FieldTable const& table : tables) {
    if (table.level == level && table.kind == kind) return table.fields;
  }
  return page_4k;
}

}  // namespace twinwalk::models::loongarch64
