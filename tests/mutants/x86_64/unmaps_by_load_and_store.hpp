#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct UnmapsByLoadAndStore : FourLevels {
  static constexpr Info info{.kind = Kind::races_with_hardware,
                             .origin = "B31, B37: a leaf read and then overwritten",
                             .oracle = "result-agrees",
                             .summary = "reads the leaf, then writes the hole",
                             .ops_max = 3};

  Word exchange(Machine& machine, Word slot, Word entry) override {
    Word const before = machine.load(slot);
    machine.store(slot, entry);
    return before;
  }
};

}  // namespace twinwalk::mutants::x86_64
