#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FlushesTheNextPage : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B42: asterinas 78831bc8",
                             .oracle = "tlb-never-stale",
                             .summary = "flushes where the cursor stands afterwards",
                             .ops_max = 2};

  void invalidate(Machine& machine, FlushScope scope) override {
    for (int i = 0; i < scope.range_count; ++i) {
      scope.ranges[i].first += bytes(scope.ranges[i].stride);
      scope.ranges[i].last += bytes(scope.ranges[i].stride);
    }
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
