#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FlushesForEveryChange : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B38: EDK2 issue 10461, accessed bits taken for a change",
                             .oracle = "plan-is-exact",
                             .summary = "owes a flush for every change of a leaf",
                             .ops_max = 3};

  bool must_invalidate(Options const&, int, Word, Word) override { return true; }
};

}  // namespace twinwalk::mutants::x86_64
