#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct NeverFlushes : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B44: nanvix PR 2244",
                             .oracle = "tlb-never-stale",
                             .summary = "flushes nothing, ever",
                             .ops_max = 3};

  void invalidate(Machine&, FlushScope) override {}
};

}  // namespace twinwalk::mutants::x86_64
