#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct CountsEveryTableAsShared : FourLevels {
  static constexpr Info info{.kind = Kind::lifetime,
                             .origin = "B63: Xen XSA-409, accounting by the wrong set",
                             .oracle = "no-empty-table",
                             .summary = "counts one entry more than there is in each new table",
                             .ops_max = 3};

  void set_live_count(Machine& machine, Word table, Word count) override {
    machine.set_live_count(table, count == 1 ? 2 : count);
  }
};

}  // namespace twinwalk::mutants::x86_64
