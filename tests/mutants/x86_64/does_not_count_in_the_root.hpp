#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct DoesNotCountInTheRoot : FourLevels {
  static constexpr Info info{.kind = Kind::lifetime,
                             .origin = "B59: tgoskits, the wrong test for an empty table",
                             .oracle = "no-empty-table",
                             .summary = "counts no entry of the root",
                             .ops_max = 1};

  void set_live_count(Machine& machine, Word table, Word count) override {
    if (!is_linked_root(machine, table)) machine.set_live_count(table, count);
  }
};

}  // namespace twinwalk::mutants::x86_64
