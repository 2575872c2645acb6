#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct SplitsByTheWrongStride : FourLevels {
  static constexpr Info info{.kind = Kind::masks_and_levels,
                             .origin = "B06: asterinas issue 3920",
                             .oracle = "break-before-make",
                             .summary = "lays the pieces of a 1G page 4K apart",
                             .ops_max = 2};

  void fill(Machine& machine, Word slot, Word count, Word first, Word stride) override {
    bool const pieces = in_call && count == 512 && stride == bytes(PageSize::Size2M);
    machine.fill(slot, count, first, pieces ? bytes(PageSize::Size4K) : stride);
  }
};

}  // namespace twinwalk::mutants::x86_64
