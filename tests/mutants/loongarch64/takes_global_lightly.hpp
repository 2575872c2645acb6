#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct TakesGlobalLightly : La64 {
  static constexpr Info info{.kind = Kind::break_before_make,
                             .origin = "docs/invalidation.md 2.7: a global entry beside another",
                             .oracle = "break-before-make",
                             .summary = "makes a page global in one store",
                             .ops_max = 3};

  bool demands_break(int, Word, Word) override { return false; }
};

}  // namespace twinwalk::mutants::loongarch64
