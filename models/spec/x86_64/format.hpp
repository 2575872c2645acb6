// x86-64 paging as one type: the geometry of 4 and of 5 levels, on top of everything that reading,
// rules, flags and cache say for both.
#pragma once

#include <span>
#include <string_view>

#include "models/spec/field.hpp"
#include "models/spec/radix.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/cache.hpp"
#include "models/spec/x86_64/tables.hpp"

namespace twinwalk::models {

class X86_64Vectors;

// Every member of a spec is static. A walker, a flat map and an oracle are templates over a type
// such as this one; the members of the bases are part of it.
template <int Levels>
struct X86_64Spec : X86_64Cache, SignedAddresses<Radix<Levels>> {
  static_assert(Levels == 4 || Levels == 5);

  static constexpr std::string_view name = Levels == 4 ? "x86_64-4" : "x86_64-5";
  static constexpr std::string_view arch = "x86_64";  // the name of its sheet and vector table

  // The first table, from the value of CR3: PCID, PWT, PCD and LAM are no part of it.
  template <class Word>
  static constexpr Word root_table(Word root) {
    return root & Word(mask_of(x86_64::cr3, Role::address));
  }

  // ---- What there is to print ----

  // The field tables of this format's entries, top level first, and of its root register.
  static constexpr std::span<FieldTable const> field_tables() {
    return std::span<FieldTable const>(x86_64::tables).subspan(Levels == 5 ? 0 : 1);
  }
  static constexpr std::span<FieldTable const> root_tables() { return x86_64::root_tables; }

  // ---- What its vector tables mean ----

  using Vectors = X86_64Vectors;
};

}  // namespace twinwalk::models
