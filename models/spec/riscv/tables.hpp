// The entries of RISC-V paging as the manual prints them: one format for Sv39, Sv48, Sv57 and for
// the second stage of a guest's addresses (Sv39x4, Sv48x4, Sv57x4).
//
// The RISC-V Instruction Set Manual, volume II, "Supervisor-Level ISA", sections "Sv39", "Sv48" and
// "Sv57"; chapters "Svnapot", "Svpbmt" and "Svrsw60t59b"; "Hypervisor Extension", "Two-Stage
// Address Translation". Where the manual says of D, A and U of a pointer that software must clear
// them, the Sail model and Spike fault, and so do these tables.
//
// Levels count as everywhere here: 1 is the last, the manual's i is one less.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "models/spec/field.hpp"

namespace twinwalk::models::riscv {

inline constexpr int level_max = 5;
inline constexpr int ppn_lo = 10;

// A leaf: R, W and X are not all 0. The PPN of a superpage has zeros where an address has offset.
template <int Level>
constexpr auto leaf() {
  constexpr int lowest = ppn_lo + 9 * (Level - 1);
  std::array<Field, Level == 1 ? 14 : 15> fields{
      Field{"N", 63, 63, Level == 1 ? Role::contiguous : Role::reserved, "priv. Svnapot"},
      Field{"PBMT", 62, 61, Role::memory_type, "priv. Svpbmt"},
      Field{"reserved", 60, 59, Role::software_optional, "priv. Svrsw60t59b"},
      Field{"reserved", 58, 54, Role::reserved, "priv. Sv39 PTE bits 58:54"},
      Field{"PPN", 53, lowest, Role::address, "priv. Sv39 PTE bits 53:10"}};
  std::size_t next = 5;
  if (Level > 1) {
    fields[next++] = {"misaligned", lowest - 1, ppn_lo, Role::reserved, "priv. translation step 5"};
  }
  for (Field const& field : {Field{"RSW", 9, 8, Role::software, "priv. Sv39 PTE bits 9:8"},
                             Field{"D", 7, 7, Role::dirty, "priv. Sv39 PTE bit 7"},
                             Field{"A", 6, 6, Role::accessed, "priv. Sv39 PTE bit 6"},
                             Field{"G", 5, 5, Role::global, "priv. Sv39 PTE bit 5"},
                             Field{"U", 4, 4, Role::user, "priv. Sv39 PTE bit 4"},
                             Field{"X", 3, 3, Role::executable, "priv. Sv39 PTE bit 3"},
                             Field{"W", 2, 2, Role::writable, "priv. Sv39 PTE bit 2"},
                             Field{"R", 1, 1, Role::readable, "priv. Sv39 PTE bit 1"},
                             Field{"V", 0, 0, Role::present, "priv. Sv39 PTE bit 0"}}) {
    fields[next++] = field;
  }
  return fields;
}
inline constexpr auto page_4k = leaf<1>();
inline constexpr auto page_2m = leaf<2>();
inline constexpr auto page_1g = leaf<3>();
inline constexpr auto page_512g = leaf<4>();
inline constexpr auto page_256t = leaf<5>();
static_assert(partitions_word(page_4k) && partitions_word(page_2m) && partitions_word(page_1g) &&
              partitions_word(page_512g) && partitions_word(page_256t));

// A pointer to the next table, at any level but the last: R, W and X are 0.
inline constexpr std::array pointer{
    Field{"N", 63, 63, Role::reserved, "priv. Svnapot"},
    Field{"PBMT", 62, 61, Role::reserved, "priv. Svpbmt"},
    Field{"reserved", 60, 59, Role::software_optional, "priv. Svrsw60t59b"},
    Field{"reserved", 58, 54, Role::reserved, "priv. Sv39 PTE bits 58:54"},
    Field{"PPN", 53, 10, Role::address, "priv. Sv39 PTE bits 53:10"},
    Field{"RSW", 9, 8, Role::software, "priv. Sv39 PTE bits 9:8"},
    Field{"D", 7, 7, Role::reserved, "priv. translation step 3"},
    Field{"A", 6, 6, Role::reserved, "priv. translation step 3"},
    Field{"G", 5, 5, Role::global, "priv. Sv39 PTE bit 5"},
    Field{"U", 4, 4, Role::reserved, "priv. translation step 3"},
    Field{"X = 0", 3, 3, Role::executable, "priv. Sv39 PTE bit 3"},
    Field{"W = 0", 2, 2, Role::writable, "priv. Sv39 PTE bit 2"},
    Field{"R = 0", 1, 1, Role::readable, "priv. Sv39 PTE bit 1"},
    Field{"V", 0, 0, Role::present, "priv. Sv39 PTE bit 0"},
};
static_assert(partitions_word(pointer));

// An entry with V = 0, at any level.
inline constexpr std::array invalid{
    Field{"ignored", 63, 1, Role::ignored, "priv. Sv39 PTE bit 0"},
    Field{"V", 0, 0, Role::present, "priv. Sv39 PTE bit 0"},
};
static_assert(partitions_word(invalid));

inline constexpr std::array satp{
    Field{"MODE", 63, 60, Role::control, "priv. satp"},
    Field{"ASID", 59, 44, Role::address_space, "priv. satp"},
    Field{"PPN", 43, 0, Role::address, "priv. satp"},
};
static_assert(partitions_word(satp));

// The root of the second stage is 16 KiB large, so the last two bits of its PPN are 0.
inline constexpr std::array hgatp{
    Field{"MODE", 63, 60, Role::control, "priv. hgatp"},
    Field{"reserved", 59, 58, Role::reserved, "priv. hgatp"},
    Field{"VMID", 57, 44, Role::address_space, "priv. hgatp"},
    Field{"PPN", 43, 2, Role::address, "priv. hgatp"},
    Field{"PPN[1:0]", 1, 0, Role::reserved, "priv. hgatp"},
};
static_assert(partitions_word(hgatp));

// Every table, top level first: what `twinwalk spec` prints of a format of so many levels is the
// end of the list.
inline constexpr std::array tables{
    FieldTable{"PTE, 256-TByte page", 5, EntryKind::leaf, "priv. Sv57", page_256t},
    FieldTable{"PTE to a table", 5, EntryKind::table, "priv. Sv57", pointer},
    FieldTable{"PTE, 512-GByte page", 4, EntryKind::leaf, "priv. Sv48", page_512g},
    FieldTable{"PTE to a table", 4, EntryKind::table, "priv. Sv48", pointer},
    FieldTable{"PTE, 1-GByte page", 3, EntryKind::leaf, "priv. Sv39", page_1g},
    FieldTable{"PTE to a table", 3, EntryKind::table, "priv. Sv39", pointer},
    FieldTable{"PTE, 2-MByte page", 2, EntryKind::leaf, "priv. Sv39", page_2m},
    FieldTable{"PTE to a table", 2, EntryKind::table, "priv. Sv39", pointer},
    FieldTable{"PTE, 4-KByte page", 1, EntryKind::leaf, "priv. Sv39", page_4k},
};
inline constexpr std::array satp_tables{
    FieldTable{"satp", 0, EntryKind::table, "priv. satp", satp},
};
inline constexpr std::array hgatp_tables{
    FieldTable{"hgatp", 0, EntryKind::table, "priv. hgatp", hgatp},
};

// The table of one level and kind; no fields where there is no such entry.
constexpr std::span<Field const> fields_of(int level, EntryKind kind) {
  if (kind == EntryKind::hole) return invalid;
  for (FieldTable const& table : tables) {
    if (table.level == level && table.kind == kind) return table.fields;
  }
  return {};
}

}  // namespace twinwalk::models::riscv
