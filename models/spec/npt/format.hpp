// Nested page tables as one type: 4 levels of the host's format, and addresses without a sign.
#pragma once

#include <span>
#include <string_view>

#include "models/spec/field.hpp"
#include "models/spec/npt/cache.hpp"
#include "models/spec/npt/tables.hpp"
#include "models/spec/radix.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

class NptVectors;

struct NptSpec : NptCache, UnsignedAddresses<Radix<4>> {
  static constexpr std::string_view name = "npt";
  static constexpr std::string_view arch = "npt";  // the name of its sheet and vector table

  // The first table, from the nested CR3 of a VMCB.
  template <class Word>
  static constexpr Word root_table(Word root) {
    return root & Word(mask_of(npt::ncr3, Role::address));
  }

  // The field tables of this format's entries, top level first, and of its root register.
  static constexpr std::span<FieldTable const> field_tables() { return npt::tables; }
  static constexpr std::span<FieldTable const> root_tables() { return npt::root_tables; }

  using Vectors = NptVectors;
};

}  // namespace twinwalk::models
