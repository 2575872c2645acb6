#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FlushesLocally : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B50: MicroV PR 7",
                             .oracle = "tlb-never-stale",
                             .summary = "tells no other processor",
                             .ops_max = 2};

  void invalidate(Machine& machine, FlushScope scope) override {
    machine.set_invalidation_reach(1);
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
