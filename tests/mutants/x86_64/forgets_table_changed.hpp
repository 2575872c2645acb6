#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ForgetsTableChanged : FourLevels {
  static constexpr Info info{
      .kind = Kind::flush,
      .origin = "B44, B45: Xen XSA-286",
      .oracle = "freed-while-cached",
      .summary = "flushes the leaves of an unlinked table and not the way to it",
      .ops_max = 2};

  void invalidate(Machine& machine, FlushScope scope) override {
    scope.table_changed = false;
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
