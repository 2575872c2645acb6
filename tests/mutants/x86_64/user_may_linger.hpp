#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct UserMayLinger : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B32: NOVA 85b0e55d",
                             .oracle = "tlb-never-stale",
                             .summary = "takes U/S for no right",
                             .ops_max = 3};

  bool must_invalidate(Options const& options, int level, Word before, Word after) override {
    return Format::must_invalidate(options, level, before | Format::user_bit,
                                   after | Format::user_bit);
  }
};

}  // namespace twinwalk::mutants::x86_64
