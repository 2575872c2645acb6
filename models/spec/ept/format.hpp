// Extended page tables as one type: the geometry of 4 and of 5 levels, on top of everything that
// reading, rules, flags and cache say for both.
#pragma once

#include <span>
#include <string_view>

#include "models/spec/ept/cache.hpp"
#include "models/spec/ept/tables.hpp"
#include "models/spec/field.hpp"
#include "models/spec/radix.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

class EptVectors;

// Every member of a spec is static. A walker, a flat map and an oracle are templates over a type
// such as this one; the members of the bases are part of it.
template <int Levels>
struct EptSpec : EptCache, UnsignedAddresses<Radix<Levels>> {
  static_assert(Levels == 4 || Levels == 5);

  static constexpr std::string_view name = Levels == 4 ? "ept-4" : "ept-5";
  static constexpr std::string_view arch = "ept";  // the name of its sheet and vector table

  // The first table, from the value of the EPT pointer.
  template <class Word>
  static constexpr Word root_table(Word root) {
    return root & Word(mask_of(ept::eptp, Role::address));
  }

  // ---- What there is to print ----

  // The field tables of this format's entries, top level first, and of its root register.
  static constexpr std::span<FieldTable const> field_tables() {
    return std::span<FieldTable const>(ept::tables).subspan(Levels == 5 ? 0 : 1);
  }
  static constexpr std::span<FieldTable const> root_tables() { return ept::root_tables; }

  // ---- What its vector tables mean ----

  using Vectors = EptVectors;
};

}  // namespace twinwalk::models
