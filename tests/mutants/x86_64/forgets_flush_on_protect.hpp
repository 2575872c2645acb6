#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ForgetsFlushOnProtect : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B41: asterinas 69abc09f",
                             .oracle = "tlb-never-stale",
                             .summary = "takes no flush to be due when the address stays",
                             .ops_max = 2};

  bool must_invalidate(Options const&, int, Word, Word) override { return false; }
};

}  // namespace twinwalk::mutants::x86_64
