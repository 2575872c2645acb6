#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ExecutionMayLinger : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B33: a page that must not be executed any more",
                             .oracle = "tlb-never-stale",
                             .summary = "flushes nothing as XD is set",
                             .ops_max = 3};

  bool must_invalidate(Options const& options, int level, Word before, Word after) override {
    return Format::must_invalidate(options, level, before & ~Format::execute_disable_bit,
                                   after & ~Format::execute_disable_bit);
  }
};

}  // namespace twinwalk::mutants::x86_64
