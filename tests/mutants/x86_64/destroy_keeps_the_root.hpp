#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct DestroyKeepsTheRoot : FourLevels {
  static constexpr Info info{.kind = Kind::lifetime,
                             .origin = "B54: PTM PR 22",
                             .oracle = "frames-balance",
                             .summary = "destroys a table and keeps its root",
                             .ops_max = 0};

  void dealloc_frames(Machine& machine, Word frame, int size_log2) override {
    bool const root = record_of(machine, frame).level == Format::levels;
    if (!root) machine.dealloc_frames(frame, size_log2);
  }
};

}  // namespace twinwalk::mutants::x86_64
