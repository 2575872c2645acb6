#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct NewTablesHoldGarbage : FourLevels {
  static constexpr Info info{
      .kind = Kind::lifetime,
      .origin = "B66: bootloader PR 28, a new table that is not zeroed",
      .oracle = "holes-are-clean",
      .summary = "fills new tables with what cannot be present, and not with zero",
      .ops_max = 0};

  void fill(Machine& machine, Word slot, Word count, Word first, Word stride) override {
    machine.fill(slot, count, first == 0 ? mask(63, 1) : first, stride);
  }
};

}  // namespace twinwalk::mutants::x86_64
