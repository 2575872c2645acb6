#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ReadsPastTheTable : FourLevels {
  static constexpr Info info{.kind = Kind::ranges,
                             .origin = "B13: Xen XSA-301, an index beyond the table",
                             .oracle = "stays-in-memory",
                             .summary = "reads one slot further than it has to",
                             .ops_max = 3};

  void have_read(Machine& machine, Word slot, Word count) override {
    machine.load(slot + 8 * count);
  }
};

}  // namespace twinwalk::mutants::x86_64
