#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct PaysBeforeItJudges : FourLevels {
  static constexpr Info info{.kind = Kind::rollback,
                             .origin = "B60: allocation in the midst of a walk",
                             .oracle = "frames-balance",
                             .summary = "takes frames before it looks at what it was asked",
                             .ops_max = 2};

  Failure refused(Machine& machine, Word, VirtAddr, Failure failure) override {
    Word frame = 0;
    if (machine.alloc_frames(12, frame)) machine.dealloc_frames(frame, 12);
    return failure;
  }
};

}  // namespace twinwalk::mutants::x86_64
