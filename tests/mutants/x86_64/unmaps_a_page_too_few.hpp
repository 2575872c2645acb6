#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct UnmapsAPageTooFew : FourLevels {
  static constexpr Info info{.kind = Kind::ranges,
                             .origin = "B71, PTG weakness 13",
                             .oracle = "result-agrees",
                             .summary = "ends a range one page early",
                             .ops_max = 3};

  Word length_of_range(VirtAddr, Word length) override {
    return length > 0x1000 ? length - 0x1000 : length;
  }
};

}  // namespace twinwalk::mutants::x86_64
