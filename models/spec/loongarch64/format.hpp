// LoongArch64 paging as one type: a last level of 4 KiB pages and three levels of directories.
#pragma once

#include <span>
#include <string_view>

#include "engine/api.hpp"
#include "models/spec/field.hpp"
#include "models/spec/loongarch64/cache.hpp"
#include "models/spec/loongarch64/tables.hpp"
#include "models/spec/radix.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

class LoongArchVectors;

// PWCL and PWCH describe any geometry; this is what kernels with pages of 4 KiB choose: a table of
// 9 bits at 12, directories of 9 at 21, 30 and 39. PGDL serves the addresses whose highest bit is
// 0, PGDH the others: a walk is given the one that its address is served by.
struct LoongArchSpec : LoongArchCache, SignedAddresses<Radix<4>> {
  static constexpr std::string_view name = "loongarch64";
  static constexpr std::string_view arch = "loongarch64";

  static constexpr int largest_leaf_level = loongarch64::level_max;
  static constexpr bool supports(MachineOptions const& /*options*/, PageSize size) {
    for (int level = 1; level <= levels; ++level) {
      if (page_size(level) == size) return true;
    }
    return false;
  }

  template <class Word>
  static constexpr Word root_table(Word root) {
    return root & Word(mask(47, root_bits));
  }
  static constexpr std::span<FieldTable const> field_tables() { return loongarch64::tables; }
  static constexpr std::span<FieldTable const> root_tables() { return loongarch64::root_tables; }

  using Vectors = LoongArchVectors;
};

}  // namespace twinwalk::models
