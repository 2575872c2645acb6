#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FlushesGlobalsAlways : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B50: a shootdown by the wrong condition",
                             .oracle = "plan-is-exact",
                             .summary = "takes every leaf for a global one",
                             .ops_max = 2};

  bool global(int, Word) override { return true; }
};

}  // namespace twinwalk::mutants::x86_64
