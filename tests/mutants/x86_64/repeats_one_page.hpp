#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct RepeatsOnePage : FourLevels {
  static constexpr Info info{
      .kind = Kind::ranges,
      .origin = "B05: enarx-keepldr PR 231",
      .oracle = "trees-agree",
      .summary = "writes one page of a long run twice and the next one not at all",
      .ops_max = 1};

  void fill(Machine& machine, Word slot, Word count, Word first, Word stride) override {
    constexpr Word repeated = 77;
    if (count <= 2 * repeated || stride == 0) return machine.fill(slot, count, first, stride);
    machine.fill(slot, repeated, first, stride);
    machine.store(slot + 8 * repeated, first + (repeated - 1) * stride);
    machine.fill(slot + 8 * (repeated + 1), count - repeated - 1, first + (repeated + 1) * stride,
                 stride);
  }
};

}  // namespace twinwalk::mutants::x86_64
