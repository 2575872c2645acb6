#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct Stage2NeverBreaks : Stage2 {
  static constexpr Info info{.kind = Kind::break_before_make,
                             .origin = "B53: casemate bad_no_bbm",
                             .oracle = "break-before-make",
                             .summary = "changes address and type in one store",
                             .ops_max = 3};

  bool demands_break(int, Word, Word) override { return false; }
};

}  // namespace twinwalk::mutants::aarch64
