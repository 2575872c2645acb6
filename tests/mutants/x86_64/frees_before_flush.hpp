#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FreesBeforeFlush : FourLevels {
  static constexpr Info info{.kind = Kind::lifetime,
                             .origin = "B43: Xen XSA-480, CVE-2026-23554",
                             .oracle = "freed-while-cached",
                             .summary = "gives the frames of a plan back first and flushes then",
                             .ops_max = 2};

  FlushScope late;
  bool owed = false;

  void invalidate(Machine& machine, FlushScope scope) override {
    owed = !scope.everything && machine.frames().in_state(models::FrameState::awaiting_flush) != 0;
    late = scope;
    if (!owed) machine.invalidate(scope);
  }
  void dealloc_frames(Machine& machine, Word frame, int size_log2) override {
    machine.dealloc_frames(frame, size_log2);
    if (owed) machine.invalidate(late);
    owed = false;
  }
};

}  // namespace twinwalk::mutants::x86_64
