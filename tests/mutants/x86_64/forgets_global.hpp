#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ForgetsGlobal : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B01: the wrong instruction for a global page",
                             .oracle = "tlb-never-stale",
                             .summary = "leaves global translations where they are",
                             .ops_max = 2};

  void invalidate(Machine& machine, FlushScope scope) override {
    scope.global = false;
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
