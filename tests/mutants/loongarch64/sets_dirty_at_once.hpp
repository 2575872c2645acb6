#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct SetsDirtyAtOnce : La64 {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36: PTM e537bd4",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "sets D with W, so that no first write is seen",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    Word const bits = Format::encode(options, flags).bits;
    return {bits | (bits >> 7 & bit(1))};
  }
};

}  // namespace twinwalk::mutants::loongarch64
