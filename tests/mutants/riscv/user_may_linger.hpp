#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct UserMayLinger : Sv39 {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B49: asterinas issue 3672",
                             .oracle = "tlb-never-stale",
                             .summary = "takes U for a right like the others",
                             .ops_max = 3};

  bool must_invalidate(Options const& options, int level, Word before, Word after) override {
    Word const gained = after & ~before & bit(4);
    return Format::must_invalidate(options, level, before | gained, after);
  }
};

}  // namespace twinwalk::mutants::riscv
