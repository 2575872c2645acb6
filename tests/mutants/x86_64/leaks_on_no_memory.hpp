#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct LeaksOnNoMemory : FourLevels {
  static constexpr Info info{.kind = Kind::rollback,
                             .origin = "PTM weakness 5",
                             .oracle = "frames-balance",
                             .summary = "keeps what it took when a later frame is missing",
                             .ops_max = 2};

  void dealloc_frames(Machine& machine, Word frame, int size_log2) override {
    if (!in_call) machine.dealloc_frames(frame, size_log2);
  }
};

}  // namespace twinwalk::mutants::x86_64
