#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FlushesTheFirstPageOnly : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B42: a range taken for its first page",
                             .oracle = "tlb-never-stale",
                             .summary = "flushes the first page of a range alone",
                             .ops_max = 2};

  void invalidate(Machine& machine, FlushScope scope) override {
    for (int i = 0; i < scope.range_count; ++i) scope.ranges[i].last = scope.ranges[i].first;
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
