#pragma once

#include "tests/mutants/ept/base.hpp"

namespace twinwalk::mutants::ept {

struct FlushesTheFirstPageOnly : Ept4 {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B47: Bareflank issue 413, INVEPT of the wrong type",
                             .oracle = "tlb-never-stale",
                             .summary = "invalidates the first page of a range alone",
                             .ops_max = 3};

  void invalidate(Machine& machine, FlushScope scope) override {
    for (int i = 0; i < scope.range_count; ++i) scope.ranges[i].last = scope.ranges[i].first;
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::ept
