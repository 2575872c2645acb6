#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct SplitsWithoutFlush : FourLevels {
  static constexpr Info info{
      .kind = Kind::break_before_make,
      .origin = "B53: EDK2 PR 7057",
      .oracle = "break-before-make",
      .summary = "changes the pieces of a split leaf while processors may hold it whole",
      .ops_max = 2};

  void invalidate(Machine& machine, FlushScope scope) override {
    if (!in_call) machine.invalidate(scope);
  }
};

}  // namespace twinwalk::mutants::x86_64
