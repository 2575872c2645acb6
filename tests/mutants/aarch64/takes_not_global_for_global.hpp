#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct TakesNotGlobalForGlobal : Stage1 {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B01: the wrong instruction for a global page",
                             .oracle = "tlb-never-stale",
                             .summary = "reads nG as other formats have G",
                             .ops_max = 3};

  bool global(int, Word entry) override { return (entry & bit(11)) != 0; }
};

}  // namespace twinwalk::mutants::aarch64
