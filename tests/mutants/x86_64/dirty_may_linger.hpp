#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct DirtyMayLinger : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B41: asterinas issue 970",
                             .oracle = "tlb-never-stale",
                             .summary = "flushes nothing as dirty is cleared",
                             .ops_max = 3};

  bool must_invalidate(Options const& options, int level, Word before, Word after) override {
    return Format::must_invalidate(options, level, before | Format::dirty_bit,
                                   after | Format::dirty_bit);
  }
};

}  // namespace twinwalk::mutants::x86_64
