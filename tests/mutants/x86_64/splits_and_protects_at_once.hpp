#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct SplitsAndProtectsAtOnce : FourLevels {
  static constexpr Info info{.kind = Kind::break_before_make,
                             .origin = "B53: aarch64-paging 0.5",
                             .oracle = "break-before-make",
                             .summary = "takes WRITE from the pieces in the store that makes them",
                             .ops_max = 3};

  Word first_piece(int level, Word entry) override {
    return Format::first_piece(level, entry) & ~Format::writable_bit;
  }
};

}  // namespace twinwalk::mutants::x86_64
