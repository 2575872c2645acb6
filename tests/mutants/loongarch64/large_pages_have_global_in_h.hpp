#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct LargePagesHaveGlobalInH : La64 {
  static constexpr Info info{.kind = Kind::huge_pages,
                             .origin = "live in PTM: G at bit 12 is address",
                             .oracle = "walker-agrees",
                             .summary = "leaves G of a large page out",
                             .ops_max = 3};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, pa, attributes) & ~(level > 1 ? bit(12) : 0);
  }
};

}  // namespace twinwalk::mutants::loongarch64
