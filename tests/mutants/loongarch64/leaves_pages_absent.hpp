#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct LeavesPagesAbsent : La64 {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "PTM: entries without P",
                             .oracle = "holes-are-clean",
                             .summary = "writes no P",
                             .ops_max = 3};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, pa, attributes) & ~Format::present_bit;
  }
};

}  // namespace twinwalk::mutants::loongarch64
