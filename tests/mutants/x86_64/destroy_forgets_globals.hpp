#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct DestroyForgetsGlobals : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B48: a switch of roots without the flush that it needs",
                             .oracle = "tlb-never-stale",
                             .summary = "leaves global translations when a table is destroyed",
                             .ops_max = 1};

  void invalidate(Machine& machine, FlushScope scope) override {
    scope.global &= !scope.everything;
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
