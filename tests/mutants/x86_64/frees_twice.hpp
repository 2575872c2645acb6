#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FreesTwice : FourLevels {
  static constexpr Info info{.kind = Kind::lifetime,
                             .origin = "B55: PTM PR 20",
                             .oracle = "frames-balance",
                             .summary = "gives every frame back twice",
                             .ops_max = 3};

  void dealloc_frames(Machine& machine, Word frame, int size_log2) override {
    machine.dealloc_frames(frame, size_log2);
    machine.dealloc_frames(frame, size_log2);
  }
};

}  // namespace twinwalk::mutants::x86_64
