// What the theorems about the layout ask of a spec, each in one word: masks by role from the field
// tables, and the readings of a leaf on whichever machine it is.
#pragma once

#include <cstdint>
#include <string>

#include "engine/api.hpp"
#include "models/spec/field.hpp"
#include "models/spec/neutral.hpp"
#include "proofs/spec_of.hpp"

namespace twinwalk::proofs {

inline std::string at_level(int level) { return "level " + std::to_string(level); }

// Every bit that plays this role in entries of one level and kind.
template <class S>
constexpr std::uint64_t role_mask(int level, models::EntryKind kind, models::Role role) {
  for (models::FieldTable const& table : S::field_tables()) {
    if (table.level == level && table.kind == kind) return models::mask_of(table.fields, role);
  }
  return 0;
}
template <class S>
constexpr std::uint64_t leaf_mask(int level, models::Role role) {
  return role_mask<S>(level, models::EntryKind::leaf, role);
}

// The bits that say whether a leaf was used, and where one of them says that it is there, which.
template <class S>
constexpr std::uint64_t accessed_field(int level) {
  if constexpr (requires { S::accessed_field(level); }) return S::accessed_field(level);
  return leaf_mask<S>(level, models::Role::accessed);
}
// The bits that say whether a leaf was written, and where that is one bit with the right to write,
// who has it.
template <class S>
constexpr std::uint64_t dirty_field(int level) {
  if constexpr (requires { S::dirty_field(level); }) return S::dirty_field(level);
  return leaf_mask<S>(level, models::Role::dirty);
}

// Any address that a leaf of the level, or an entry for a table, can hold on this machine.
template <class S>
SymWord any_leaf_address(SpecOf<S> const& spec, int level) {
  return S::leaf_address(level, free_word("entry_for_address")) & spec.machine().physical_mask;
}
template <class S>
SymWord any_table_address(SpecOf<S> const& spec, int level) {
  return S::table_address(level, free_word("entry_for_address")) & spec.machine().physical_mask;
}

template <class S>
SymBool is_leaf(SpecOf<S> const& spec, int level, SymWord const& entry) {
  return spec.is_leaf(level, entry);
}
// What a leaf's fields say in neutral flags.
template <class S>
SymWord flags_of_leaf(SpecOf<S> const& spec, int level, SymWord const& entry) {
  return spec.machine().of_options(
      [&](MachineOptions const& options) { return S::flags_of_leaf(options, level, entry).bits; });
}

// The software part of neutral flags.
inline constexpr std::uint64_t neutral_software_field = MappingFlags::software_mask
                                                        << MappingFlags::software_shift;

}  // namespace twinwalk::proofs
