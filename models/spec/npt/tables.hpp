// The entries of nested page tables: those of the host's 4-level paging, but that no translation is
// global and there are no protection keys. AMD APM vol. 2, section 15.25 "Nested Paging"; that G
// and bits 62:59 of a leaf are ignored, Bochs (`nested_walk_long_mode`) and QEMU (the nested walk
// of `excp_helper.c`, a user's without keys) agree.
#pragma once

#include <array>
#include <cstddef>

#include "models/spec/field.hpp"
#include "models/spec/x86_64/tables.hpp"

namespace twinwalk::models::npt {

// An entry of the host's as a nested walk reads it.
template <std::size_t N>
constexpr std::array<Field, N> nested(std::array<Field, N> fields) {
  for (Field& field : fields) {
    if (field.role == Role::global || field.role == Role::key) {
      field = {"ignored", field.hi, field.lo, Role::ignored, "APM vol. 2, 15.25"};
    }
    if (field.role == Role::reserved_on_amd) {
      field = {"reserved", field.hi, field.lo, Role::reserved, "APM vol. 2, 5.3: MBZ bit 8"};
    }
  }
  return fields;
}

inline constexpr auto pml4e = nested(x86_64::pml4e);
inline constexpr auto pdpte_1g = nested(x86_64::pdpte_1g);
inline constexpr auto pdpte = nested(x86_64::pdpte);
inline constexpr auto pde_2m = nested(x86_64::pde_2m);
inline constexpr auto pde = nested(x86_64::pde);
inline constexpr auto pte = nested(x86_64::pte);
static_assert(partitions_word(pml4e) && partitions_word(pdpte_1g) && partitions_word(pte));

// The nested CR3 of a VMCB.
inline constexpr std::array ncr3{
    Field{"reserved", 63, 52, Role::reserved, "APM vol. 2, 15.25.3"},
    Field{"root table", 51, 12, Role::address, "APM vol. 2, 15.25.3"},
    Field{"ignored", 11, 0, Role::ignored, "APM vol. 2, 15.25.3"},
};
static_assert(partitions_word(ncr3));

// Every table, top level first: what `twinwalk spec` prints.
inline constexpr std::array tables{
    FieldTable{"nested PML4E", 4, EntryKind::table, "APM vol. 2, 5.3.3", pml4e},
    FieldTable{"nested PDPTE, 1-GByte page", 3, EntryKind::leaf, "APM vol. 2, 5.3.5", pdpte_1g},
    FieldTable{"nested PDPTE", 3, EntryKind::table, "APM vol. 2, 5.3.3", pdpte},
    FieldTable{"nested PDE, 2-MByte page", 2, EntryKind::leaf, "APM vol. 2, 5.3.4", pde_2m},
    FieldTable{"nested PDE", 2, EntryKind::table, "APM vol. 2, 5.3.3", pde},
    FieldTable{"nested PTE", 1, EntryKind::leaf, "APM vol. 2, 5.3.3", pte},
};
inline constexpr std::array root_tables{
    FieldTable{"nCR3", 0, EntryKind::table, "APM vol. 2, 15.25.3", ncr3},
};

// The table of one level and kind; no fields where there is no such entry.
constexpr std::span<Field const> fields_of(int level, EntryKind kind) {
  if (kind == EntryKind::hole) return x86_64::not_present;
  for (FieldTable const& table : tables) {
    if (table.level == level && table.kind == kind) return table.fields;
  }
  return {};
}

}  // namespace twinwalk::models::npt
