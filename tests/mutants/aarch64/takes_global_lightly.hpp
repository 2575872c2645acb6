#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct TakesGlobalLightly : Stage1 {
  static constexpr Info info{.kind = Kind::break_before_make,
                             .origin = "B53: aarch64-paging 0.5",
                             .oracle = "break-before-make",
                             .summary = "makes a page global in one store",
                             .ops_max = 3};

  bool demands_break(int level, Word before, Word after) override {
    return Format::demands_break(level, before, (after & ~bit(11)) | (before & bit(11)));
  }
};

}  // namespace twinwalk::mutants::aarch64
