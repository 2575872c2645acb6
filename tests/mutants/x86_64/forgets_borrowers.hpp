#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ForgetsBorrowers : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B46: Linux CVE-2021-4002, shared tables",
                             .oracle = "tlb-never-stale",
                             .summary = "flushes leaves below shared tables for their owner alone",
                             .ops_max = 3};

  void invalidate(Machine& machine, FlushScope scope) override {
    scope.every_space &= scope.table_changed;
    machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
