// The entries of Intel's extended page tables as the manual prints them, with 4 and 5 levels.
//
// Intel SDM vol. 3C, "The Extended Page Table Mechanism (EPT)": section 28.3 in the edition of
// 2016, 31.3 in that of 2026; the cites name the format each table is for. Where the manual makes a
// bit depend on a control that these models leave off (guest-paging verification, paging-write,
// supervisor shadow stacks, sub-page write permissions, #VE), it is ignored, and named for it.
//
// Levels: 5 EPT PML5E, 4 EPT PML4E, 3 EPT PDPTE, 2 EPT PDE, 1 EPT PTE. Address bits at and above
// MAXPHYADDR are reserved (role address). What else makes an entry misconfigured is no matter of
// reserved bits: its rights and its memory type, which reading.hpp judges.
#pragma once

#include <array>

#include "models/spec/field.hpp"

namespace twinwalk::models::ept {

inline constexpr std::array pml5e{
    Field{"ignored", 63, 63, Role::ignored, "SDM EPT PML5E bit 63"},
    Field{"software", 62, 62, Role::software, "SDM EPT PML5E bit 62"},
    Field{"ignored", 61, 60, Role::ignored, "SDM EPT PML5E bits 61:60"},
    Field{"software", 59, 59, Role::software, "SDM EPT PML5E bit 59"},
    Field{"ignored", 58, 57, Role::ignored, "SDM EPT PML5E bits 58:57"},
    Field{"software", 56, 52, Role::software, "SDM EPT PML5E bits 56:52"},
    Field{"EPT PML4 table", 51, 12, Role::address, "SDM EPT PML5E bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM EPT PML5E bit 11"},
    Field{"XU", 10, 10, Role::executable_user, "SDM EPT PML5E bit 10"},
    Field{"ignored", 9, 9, Role::ignored, "SDM EPT PML5E bit 9"},
    Field{"A", 8, 8, Role::accessed, "SDM EPT PML5E bit 8"},
    Field{"reserved", 7, 3, Role::reserved, "SDM EPT PML5E bits 7:3"},
    Field{"X", 2, 2, Role::executable, "SDM EPT PML5E bit 2"},
    Field{"W", 1, 1, Role::writable, "SDM EPT PML5E bit 1"},
    Field{"R", 0, 0, Role::readable, "SDM EPT PML5E bit 0"},
};
static_assert(partitions_word(pml5e));

inline constexpr std::array pml4e{
    Field{"ignored", 63, 63, Role::ignored, "SDM EPT PML4E bit 63"},
    Field{"software", 62, 62, Role::software, "SDM EPT PML4E bit 62"},
    Field{"ignored", 61, 60, Role::ignored, "SDM EPT PML4E bits 61:60"},
    Field{"software", 59, 59, Role::software, "SDM EPT PML4E bit 59"},
    Field{"ignored", 58, 57, Role::ignored, "SDM EPT PML4E bits 58:57"},
    Field{"software", 56, 52, Role::software, "SDM EPT PML4E bits 56:52"},
    Field{"EPT page-directory-pointer table", 51, 12, Role::address, "SDM EPT PML4E bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM EPT PML4E bit 11"},
    Field{"XU", 10, 10, Role::executable_user, "SDM EPT PML4E bit 10"},
    Field{"ignored", 9, 9, Role::ignored, "SDM EPT PML4E bit 9"},
    Field{"A", 8, 8, Role::accessed, "SDM EPT PML4E bit 8"},
    Field{"reserved", 7, 3, Role::reserved, "SDM EPT PML4E bits 7:3"},
    Field{"X", 2, 2, Role::executable, "SDM EPT PML4E bit 2"},
    Field{"W", 1, 1, Role::writable, "SDM EPT PML4E bit 1"},
    Field{"R", 0, 0, Role::readable, "SDM EPT PML4E bit 0"},
};
static_assert(partitions_word(pml4e));

inline constexpr std::array pdpte_1g{
    Field{"suppress #VE", 63, 63, Role::ignored, "SDM EPT PDPTE, page bit 63"},
    Field{"software", 62, 62, Role::software, "SDM EPT PDPTE, page bit 62"},
    Field{"ignored", 61, 61, Role::ignored, "SDM EPT PDPTE, page bit 61"},
    Field{"SSS", 60, 60, Role::ignored, "SDM EPT PDPTE, page bit 60"},
    Field{"software", 59, 59, Role::software, "SDM EPT PDPTE, page bit 59"},
    Field{"PW", 58, 58, Role::ignored, "SDM EPT PDPTE, page bit 58"},
    Field{"VGP", 57, 57, Role::ignored, "SDM EPT PDPTE, page bit 57"},
    Field{"software", 56, 52, Role::software, "SDM EPT PDPTE, page bits 56:52"},
    Field{"1-GByte page frame", 51, 30, Role::address, "SDM EPT PDPTE, page bits 51:30"},
    Field{"reserved", 29, 12, Role::reserved, "SDM EPT PDPTE, page bits 29:12"},
    Field{"software", 11, 11, Role::software, "SDM EPT PDPTE, page bit 11"},
    Field{"XU", 10, 10, Role::executable_user, "SDM EPT PDPTE, page bit 10"},
    Field{"D", 9, 9, Role::dirty, "SDM EPT PDPTE, page bit 9"},
    Field{"A", 8, 8, Role::accessed, "SDM EPT PDPTE, page bit 8"},
    Field{"PS = 1", 7, 7, Role::page_size_optional, "SDM EPT PDPTE, page bit 7"},
    Field{"IPAT", 6, 6, Role::memory_type, "SDM EPT PDPTE, page bit 6"},
    Field{"memory type", 5, 3, Role::memory_type, "SDM EPT PDPTE, page bits 5:3"},
    Field{"X", 2, 2, Role::executable, "SDM EPT PDPTE, page bit 2"},
    Field{"W", 1, 1, Role::writable, "SDM EPT PDPTE, page bit 1"},
    Field{"R", 0, 0, Role::readable, "SDM EPT PDPTE, page bit 0"},
};
static_assert(partitions_word(pdpte_1g));

inline constexpr std::array pdpte{
    Field{"ignored", 63, 63, Role::ignored, "SDM EPT PDPTE, table bit 63"},
    Field{"software", 62, 62, Role::software, "SDM EPT PDPTE, table bit 62"},
    Field{"ignored", 61, 60, Role::ignored, "SDM EPT PDPTE, table bits 61:60"},
    Field{"software", 59, 59, Role::software, "SDM EPT PDPTE, table bit 59"},
    Field{"ignored", 58, 57, Role::ignored, "SDM EPT PDPTE, table bits 58:57"},
    Field{"software", 56, 52, Role::software, "SDM EPT PDPTE, table bits 56:52"},
    Field{"EPT page directory", 51, 12, Role::address, "SDM EPT PDPTE, table bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM EPT PDPTE, table bit 11"},
    Field{"XU", 10, 10, Role::executable_user, "SDM EPT PDPTE, table bit 10"},
    Field{"ignored", 9, 9, Role::ignored, "SDM EPT PDPTE, table bit 9"},
    Field{"A", 8, 8, Role::accessed, "SDM EPT PDPTE, table bit 8"},
    Field{"PS = 0", 7, 7, Role::page_size, "SDM EPT PDPTE, table bit 7"},
    Field{"reserved", 6, 3, Role::reserved, "SDM EPT PDPTE, table bits 6:3"},
    Field{"X", 2, 2, Role::executable, "SDM EPT PDPTE, table bit 2"},
    Field{"W", 1, 1, Role::writable, "SDM EPT PDPTE, table bit 1"},
    Field{"R", 0, 0, Role::readable, "SDM EPT PDPTE, table bit 0"},
};
static_assert(partitions_word(pdpte));

inline constexpr std::array pde_2m{
    Field{"suppress #VE", 63, 63, Role::ignored, "SDM EPT PDE, page bit 63"},
    Field{"software", 62, 62, Role::software, "SDM EPT PDE, page bit 62"},
    Field{"ignored", 61, 61, Role::ignored, "SDM EPT PDE, page bit 61"},
    Field{"SSS", 60, 60, Role::ignored, "SDM EPT PDE, page bit 60"},
    Field{"software", 59, 59, Role::software, "SDM EPT PDE, page bit 59"},
    Field{"PW", 58, 58, Role::ignored, "SDM EPT PDE, page bit 58"},
    Field{"VGP", 57, 57, Role::ignored, "SDM EPT PDE, page bit 57"},
    Field{"software", 56, 52, Role::software, "SDM EPT PDE, page bits 56:52"},
    Field{"2-MByte page frame", 51, 21, Role::address, "SDM EPT PDE, page bits 51:21"},
    Field{"reserved", 20, 12, Role::reserved, "SDM EPT PDE, page bits 20:12"},
    Field{"software", 11, 11, Role::software, "SDM EPT PDE, page bit 11"},
    Field{"XU", 10, 10, Role::executable_user, "SDM EPT PDE, page bit 10"},
    Field{"D", 9, 9, Role::dirty, "SDM EPT PDE, page bit 9"},
    Field{"A", 8, 8, Role::accessed, "SDM EPT PDE, page bit 8"},
    Field{"PS = 1", 7, 7, Role::page_size, "SDM EPT PDE, page bit 7"},
    Field{"IPAT", 6, 6, Role::memory_type, "SDM EPT PDE, page bit 6"},
    Field{"memory type", 5, 3, Role::memory_type, "SDM EPT PDE, page bits 5:3"},
    Field{"X", 2, 2, Role::executable, "SDM EPT PDE, page bit 2"},
    Field{"W", 1, 1, Role::writable, "SDM EPT PDE, page bit 1"},
    Field{"R", 0, 0, Role::readable, "SDM EPT PDE, page bit 0"},
};
static_assert(partitions_word(pde_2m));

inline constexpr std::array pde{
    Field{"ignored", 63, 63, Role::ignored, "SDM EPT PDE, table bit 63"},
    Field{"software", 62, 62, Role::software, "SDM EPT PDE, table bit 62"},
    Field{"ignored", 61, 60, Role::ignored, "SDM EPT PDE, table bits 61:60"},
    Field{"software", 59, 59, Role::software, "SDM EPT PDE, table bit 59"},
    Field{"ignored", 58, 57, Role::ignored, "SDM EPT PDE, table bits 58:57"},
    Field{"software", 56, 52, Role::software, "SDM EPT PDE, table bits 56:52"},
    Field{"EPT page table", 51, 12, Role::address, "SDM EPT PDE, table bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM EPT PDE, table bit 11"},
    Field{"XU", 10, 10, Role::executable_user, "SDM EPT PDE, table bit 10"},
    Field{"ignored", 9, 9, Role::ignored, "SDM EPT PDE, table bit 9"},
    Field{"A", 8, 8, Role::accessed, "SDM EPT PDE, table bit 8"},
    Field{"PS = 0", 7, 7, Role::page_size, "SDM EPT PDE, table bit 7"},
    Field{"reserved", 6, 3, Role::reserved, "SDM EPT PDE, table bits 6:3"},
    Field{"X", 2, 2, Role::executable, "SDM EPT PDE, table bit 2"},
    Field{"W", 1, 1, Role::writable, "SDM EPT PDE, table bit 1"},
    Field{"R", 0, 0, Role::readable, "SDM EPT PDE, table bit 0"},
};
static_assert(partitions_word(pde));

inline constexpr std::array pte{
    Field{"suppress #VE", 63, 63, Role::ignored, "SDM EPT PTE bit 63"},
    Field{"software", 62, 62, Role::software, "SDM EPT PTE bit 62"},
    Field{"SPP", 61, 61, Role::ignored, "SDM EPT PTE bit 61"},
    Field{"SSS", 60, 60, Role::ignored, "SDM EPT PTE bit 60"},
    Field{"software", 59, 59, Role::software, "SDM EPT PTE bit 59"},
    Field{"PW", 58, 58, Role::ignored, "SDM EPT PTE bit 58"},
    Field{"VGP", 57, 57, Role::ignored, "SDM EPT PTE bit 57"},
    Field{"software", 56, 52, Role::software, "SDM EPT PTE bits 56:52"},
    Field{"4-KByte page frame", 51, 12, Role::address, "SDM EPT PTE bits 51:12"},
    Field{"software", 11, 11, Role::software, "SDM EPT PTE bit 11"},
    Field{"XU", 10, 10, Role::executable_user, "SDM EPT PTE bit 10"},
    Field{"D", 9, 9, Role::dirty, "SDM EPT PTE bit 9"},
    Field{"A", 8, 8, Role::accessed, "SDM EPT PTE bit 8"},
    Field{"ignored", 7, 7, Role::ignored, "SDM EPT PTE bit 7"},
    Field{"IPAT", 6, 6, Role::memory_type, "SDM EPT PTE bit 6"},
    Field{"memory type", 5, 3, Role::memory_type, "SDM EPT PTE bits 5:3"},
    Field{"X", 2, 2, Role::executable, "SDM EPT PTE bit 2"},
    Field{"W", 1, 1, Role::writable, "SDM EPT PTE bit 1"},
    Field{"R", 0, 0, Role::readable, "SDM EPT PTE bit 0"},
};
static_assert(partitions_word(pte));

// An entry that is not present, at any level.
inline constexpr std::array not_present{
    Field{"suppress #VE", 63, 63, Role::ignored, "SDM EPT, not present: bit 63"},
    Field{"ignored", 62, 0, Role::ignored, "SDM EPT, not present"},
};
static_assert(partitions_word(not_present));

// The EPT pointer, a field of the VMCS.
inline constexpr std::array eptp{
    Field{"reserved", 63, 52, Role::reserved, "SDM EPTP bits 63:N"},
    Field{"root table", 51, 12, Role::address, "SDM EPTP bits N-1:12"},
    Field{"reserved", 11, 8, Role::reserved, "SDM EPTP bits 11:8"},
    Field{"supervisor shadow stack", 7, 7, Role::control, "SDM EPTP bit 7"},
    Field{"A/D", 6, 6, Role::control, "SDM EPTP bit 6"},
    Field{"walk length - 1", 5, 3, Role::control, "SDM EPTP bits 5:3"},
    Field{"memory type", 2, 0, Role::control, "SDM EPTP bits 2:0"},
};
static_assert(partitions_word(eptp));

// Every table, top level first: what `twinwalk spec` prints.
inline constexpr std::array tables{
    FieldTable{"EPT PML5E", 5, EntryKind::table, "SDM vol. 3C, format of an EPT PML5E", pml5e},
    FieldTable{"EPT PML4E", 4, EntryKind::table, "SDM vol. 3C, format of an EPT PML4E", pml4e},
    FieldTable{"EPT PDPTE, 1-GByte page", 3, EntryKind::leaf,
               "SDM vol. 3C, format of an EPT PDPTE that maps a page", pdpte_1g},
    FieldTable{"EPT PDPTE", 3, EntryKind::table,
               "SDM vol. 3C, format of an EPT PDPTE that references a directory", pdpte},
    FieldTable{"EPT PDE, 2-MByte page", 2, EntryKind::leaf,
               "SDM vol. 3C, format of an EPT PDE that maps a page", pde_2m},
    FieldTable{"EPT PDE", 2, EntryKind::table,
               "SDM vol. 3C, format of an EPT PDE that references a table", pde},
    FieldTable{"EPT PTE", 1, EntryKind::leaf, "SDM vol. 3C, format of an EPT PTE", pte},
};
inline constexpr std::array root_tables{
    FieldTable{"EPTP", 0, EntryKind::table, "SDM vol. 3C, extended-page-table pointer", eptp},
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

}  // namespace twinwalk::models::ept
