#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct TakesTypesLightly : Stage1 {
  static constexpr Info info{.kind = Kind::break_before_make,
                             .origin = "B53: EDK2 PR 7057",
                             .oracle = "break-before-make",
                             .summary = "changes a memory type in one store",
                             .ops_max = 3};

  bool demands_break(int level, Word before, Word after) override {
    return Format::demands_break(level, before, (after & ~mask(4, 2)) | (before & mask(4, 2)));
  }
};

}  // namespace twinwalk::mutants::aarch64
