// The entries of x86-64 paging as the manual prints them, 4-level and 5-level.
//
// Intel SDM vol. 3A, section 4.5 "4-Level Paging and 5-Level Paging", tables 4-12 to 4-20; editions
// since 2024 count the chapter as 5 and keep the tables' order (5-12 to 5-20). Where AMD differs
// (APM vol. 2, section 5.3 "Long-Mode Page Translation") the role says so.
//
// Levels: 5 PML5E, 4 PML4E, 3 PDPTE, 2 PDE, 1 PTE. Address bits at and above MAXPHYADDR are
// reserved (role address), and so is bit 63 while EFER.NXE = 0 (role not_executable). Bit 11 is the
// restart bit of HLAT paging alone; ordinary paging ignores it.
#pragma once

#include <array>

#include "models/spec/field.hpp"

namespace twinwalk::models::x86_64 {

inline constexpr std::array pml5e{
    Field{"XD", 63, 63, Role::not_executable, "SDM 4-14 bit 63"},
    Field{"ignored", 62, 59, Role::ignored, "SDM 4-14 bits 62:59"},
    Field{"software", 58, 52, Role::software, "SDM 4-14 bits 58:52"},
    Field{"PML4 table", 51, 12, Role::address, "SDM 4-14 bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM 4-14 bit 11"},
    Field{"software", 10, 9, Role::software, "SDM 4-14 bits 10:9"},
    Field{"reserved on AMD", 8, 8, Role::reserved_on_amd, "APM vol. 2, 5.3: MBZ bit 8"},
    Field{"reserved", 7, 7, Role::reserved, "SDM 4-14 bit 7"},
    Field{"ignored", 6, 6, Role::ignored, "SDM 4-14 bit 6"},
    Field{"A", 5, 5, Role::accessed, "SDM 4-14 bit 5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-14 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-14 bit 3"},
    Field{"U/S", 2, 2, Role::user, "SDM 4-14 bit 2"},
    Field{"R/W", 1, 1, Role::writable, "SDM 4-14 bit 1"},
    Field{"P", 0, 0, Role::present, "SDM 4-14 bit 0"},
};
static_assert(partitions_word(pml5e));

inline constexpr std::array pml4e{
    Field{"XD", 63, 63, Role::not_executable, "SDM 4-15 bit 63"},
    Field{"ignored", 62, 59, Role::ignored, "SDM 4-15 bits 62:59"},
    Field{"software", 58, 52, Role::software, "SDM 4-15 bits 58:52"},
    Field{"page-directory-pointer table", 51, 12, Role::address, "SDM 4-15 bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM 4-15 bit 11"},
    Field{"software", 10, 9, Role::software, "SDM 4-15 bits 10:9"},
    Field{"reserved on AMD", 8, 8, Role::reserved_on_amd, "APM vol. 2, 5.3: MBZ bit 8"},
    Field{"reserved", 7, 7, Role::reserved, "SDM 4-15 bit 7"},
    Field{"ignored", 6, 6, Role::ignored, "SDM 4-15 bit 6"},
    Field{"A", 5, 5, Role::accessed, "SDM 4-15 bit 5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-15 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-15 bit 3"},
    Field{"U/S", 2, 2, Role::user, "SDM 4-15 bit 2"},
    Field{"R/W", 1, 1, Role::writable, "SDM 4-15 bit 1"},
    Field{"P", 0, 0, Role::present, "SDM 4-15 bit 0"},
};
static_assert(partitions_word(pml4e));

inline constexpr std::array pdpte_1g{
    Field{"XD", 63, 63, Role::not_executable, "SDM 4-16 bit 63"},
    Field{"PKEY", 62, 59, Role::key, "SDM 4-16 bits 62:59"},
    Field{"software", 58, 52, Role::software, "SDM 4-16 bits 58:52"},
    Field{"1-GByte page frame", 51, 30, Role::address, "SDM 4-16 bits 51:30"},
    Field{"reserved", 29, 13, Role::reserved, "SDM 4-16 bits 29:13"},
    Field{"PAT", 12, 12, Role::memory_type, "SDM 4-16 bit 12"},
    Field{"software", 11, 11, Role::software, "SDM 4-16 bit 11"},
    Field{"software", 10, 9, Role::software, "SDM 4-16 bits 10:9"},
    Field{"G", 8, 8, Role::global, "SDM 4-16 bit 8"},
    Field{"PS = 1", 7, 7, Role::page_size_optional, "SDM 4-16 bit 7"},
    Field{"D", 6, 6, Role::dirty, "SDM 4-16 bit 6"},
    Field{"A", 5, 5, Role::accessed, "SDM 4-16 bit 5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-16 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-16 bit 3"},
    Field{"U/S", 2, 2, Role::user, "SDM 4-16 bit 2"},
    Field{"R/W", 1, 1, Role::writable, "SDM 4-16 bit 1"},
    Field{"P", 0, 0, Role::present, "SDM 4-16 bit 0"},
};
static_assert(partitions_word(pdpte_1g));

inline constexpr std::array pdpte{
    Field{"XD", 63, 63, Role::not_executable, "SDM 4-17 bit 63"},
    Field{"ignored", 62, 59, Role::ignored, "SDM 4-17 bits 62:59"},
    Field{"software", 58, 52, Role::software, "SDM 4-17 bits 58:52"},
    Field{"page directory", 51, 12, Role::address, "SDM 4-17 bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM 4-17 bit 11"},
    Field{"software", 10, 9, Role::software, "SDM 4-17 bits 10:9"},
    Field{"ignored", 8, 8, Role::ignored, "SDM 4-17 bit 8"},
    Field{"PS = 0", 7, 7, Role::page_size, "SDM 4-17 bit 7"},
    Field{"ignored", 6, 6, Role::ignored, "SDM 4-17 bit 6"},
    Field{"A", 5, 5, Role::accessed, "SDM 4-17 bit 5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-17 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-17 bit 3"},
    Field{"U/S", 2, 2, Role::user, "SDM 4-17 bit 2"},
    Field{"R/W", 1, 1, Role::writable, "SDM 4-17 bit 1"},
    Field{"P", 0, 0, Role::present, "SDM 4-17 bit 0"},
};
static_assert(partitions_word(pdpte));

inline constexpr std::array pde_2m{
    Field{"XD", 63, 63, Role::not_executable, "SDM 4-18 bit 63"},
    Field{"PKEY", 62, 59, Role::key, "SDM 4-18 bits 62:59"},
    Field{"software", 58, 52, Role::software, "SDM 4-18 bits 58:52"},
    Field{"2-MByte page frame", 51, 21, Role::address, "SDM 4-18 bits 51:21"},
    Field{"reserved", 20, 13, Role::reserved, "SDM 4-18 bits 20:13"},
    Field{"PAT", 12, 12, Role::memory_type, "SDM 4-18 bit 12"},
    Field{"software", 11, 11, Role::software, "SDM 4-18 bit 11"},
    Field{"software", 10, 9, Role::software, "SDM 4-18 bits 10:9"},
    Field{"G", 8, 8, Role::global, "SDM 4-18 bit 8"},
    Field{"PS = 1", 7, 7, Role::page_size, "SDM 4-18 bit 7"},
    Field{"D", 6, 6, Role::dirty, "SDM 4-18 bit 6"},
    Field{"A", 5, 5, Role::accessed, "SDM 4-18 bit 5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-18 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-18 bit 3"},
    Field{"U/S", 2, 2, Role::user, "SDM 4-18 bit 2"},
    Field{"R/W", 1, 1, Role::writable, "SDM 4-18 bit 1"},
    Field{"P", 0, 0, Role::present, "SDM 4-18 bit 0"},
};
static_assert(partitions_word(pde_2m));

inline constexpr std::array pde{
    Field{"XD", 63, 63, Role::not_executable, "SDM 4-19 bit 63"},
    Field{"ignored", 62, 59, Role::ignored, "SDM 4-19 bits 62:59"},
    Field{"software", 58, 52, Role::software, "SDM 4-19 bits 58:52"},
    Field{"page table", 51, 12, Role::address, "SDM 4-19 bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM 4-19 bit 11"},
    Field{"software", 10, 9, Role::software, "SDM 4-19 bits 10:9"},
    Field{"ignored", 8, 8, Role::ignored, "SDM 4-19 bit 8"},
    Field{"PS = 0", 7, 7, Role::page_size, "SDM 4-19 bit 7"},
    Field{"ignored", 6, 6, Role::ignored, "SDM 4-19 bit 6"},
    Field{"A", 5, 5, Role::accessed, "SDM 4-19 bit 5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-19 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-19 bit 3"},
    Field{"U/S", 2, 2, Role::user, "SDM 4-19 bit 2"},
    Field{"R/W", 1, 1, Role::writable, "SDM 4-19 bit 1"},
    Field{"P", 0, 0, Role::present, "SDM 4-19 bit 0"},
};
static_assert(partitions_word(pde));

inline constexpr std::array pte{
    Field{"XD", 63, 63, Role::not_executable, "SDM 4-20 bit 63"},
    Field{"PKEY", 62, 59, Role::key, "SDM 4-20 bits 62:59"},
    Field{"software", 58, 52, Role::software, "SDM 4-20 bits 58:52"},
    Field{"4-KByte page frame", 51, 12, Role::address, "SDM 4-20 bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM 4-20 bit 11"},
    Field{"software", 10, 9, Role::software, "SDM 4-20 bits 10:9"},
    Field{"G", 8, 8, Role::global, "SDM 4-20 bit 8"},
    Field{"PAT", 7, 7, Role::memory_type, "SDM 4-20 bit 7"},
    Field{"D", 6, 6, Role::dirty, "SDM 4-20 bit 6"},
    Field{"A", 5, 5, Role::accessed, "SDM 4-20 bit 5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-20 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-20 bit 3"},
    Field{"U/S", 2, 2, Role::user, "SDM 4-20 bit 2"},
    Field{"R/W", 1, 1, Role::writable, "SDM 4-20 bit 1"},
    Field{"P", 0, 0, Role::present, "SDM 4-20 bit 0"},
};
static_assert(partitions_word(pte));

// An entry with P = 0, at any level.
inline constexpr std::array not_present{
    Field{"ignored", 63, 1, Role::ignored, "SDM 4-20 note: P = 0"},
    Field{"P", 0, 0, Role::present, "SDM 4-20 note: P = 0"},
};
static_assert(partitions_word(not_present));

// CR3 with CR4.PCIDE = 0.
inline constexpr std::array cr3{
    Field{"reserved", 63, 63, Role::reserved, "SDM 4-12 bit 63"},
    Field{"LAM", 62, 61, Role::control, "SDM 4-12 bits 62:61"},
    Field{"reserved", 60, 52, Role::reserved, "SDM 4-12 bits 60:52"},
    Field{"root table", 51, 12, Role::address, "SDM 4-12 bits 51:12"},
    Field{"ignored", 11, 5, Role::ignored, "SDM 4-12 bits 11:5"},
    Field{"PCD", 4, 4, Role::cache_disable, "SDM 4-12 bit 4"},
    Field{"PWT", 3, 3, Role::write_through, "SDM 4-12 bit 3"},
    Field{"ignored", 2, 0, Role::ignored, "SDM 4-12 bits 2:0"},
};
static_assert(partitions_word(cr3));

// CR3 with CR4.PCIDE = 1. Bit 63 is an order to MOV to CR3 and is not kept.
inline constexpr std::array cr3_pcide{
    Field{"no flush", 63, 63, Role::control, "SDM 4-13 bit 63"},
    Field{"LAM", 62, 61, Role::control, "SDM 4-13 bits 62:61"},
    Field{"reserved", 60, 52, Role::reserved, "SDM 4-13 bits 60:52"},
    Field{"root table", 51, 12, Role::address, "SDM 4-13 bits 51:12"},
    Field{"PCID", 11, 0, Role::address_space, "SDM 4-13 bits 11:0"},
};
static_assert(partitions_word(cr3_pcide));

// Every table, top level first: what `twinwalk spec` prints.
inline constexpr std::array tables{
    FieldTable{"PML5E", 5, EntryKind::table, "SDM vol. 3A, table 4-14", pml5e},
    FieldTable{"PML4E", 4, EntryKind::table, "SDM vol. 3A, table 4-15", pml4e},
    FieldTable{"PDPTE, 1-GByte page", 3, EntryKind::leaf, "SDM vol. 3A, table 4-16", pdpte_1g},
    FieldTable{"PDPTE", 3, EntryKind::table, "SDM vol. 3A, table 4-17", pdpte},
    FieldTable{"PDE, 2-MByte page", 2, EntryKind::leaf, "SDM vol. 3A, table 4-18", pde_2m},
    FieldTable{"PDE", 2, EntryKind::table, "SDM vol. 3A, table 4-19", pde},
    FieldTable{"PTE", 1, EntryKind::leaf, "SDM vol. 3A, table 4-20", pte},
};
inline constexpr std::array root_tables{
    FieldTable{"CR3, CR4.PCIDE = 0", 0, EntryKind::table, "SDM vol. 3A, table 4-12", cr3},
    FieldTable{"CR3, CR4.PCIDE = 1", 0, EntryKind::table, "SDM vol. 3A, table 4-13", cr3_pcide},
};

// The table of one level and kind. Malformed entries are printed by the shape that bit 7 gives
// them, so the caller asks for that; no fields where the manual has no such entry.
constexpr std::span<Field const> fields_of(int level, EntryKind kind) {
  if (kind == EntryKind::hole) return not_present;
  for (FieldTable const& table : tables) {
    if (table.level == level && table.kind == kind) return table.fields;
  }
  return {};
}

}  // namespace twinwalk::models::x86_64
