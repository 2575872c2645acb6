#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct TakesAnyPhysicalAddress : FourLevels {
  static constexpr Info info{.kind = Kind::masks_and_levels,
                             .origin = "B11: ACRN 4a22801d",
                             .oracle = "result-agrees",
                             .summary = "takes physical addresses of 52 bits on every machine",
                             .ops_max = 3};

  bool fits(Options const&, Word first, Word last) override { return ((first | last) >> 52) == 0; }
};

}  // namespace twinwalk::mutants::x86_64
