#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct NeverReclaims : FourLevels {
  static constexpr Info info{.kind = Kind::lifetime,
                             .origin = "B59, PTM weakness 3",
                             .oracle = "frames-balance",
                             .summary = "leaves an empty table where it is",
                             .ops_max = 2};

  static constexpr Word never_empty = bit(31);

  Word live_count(Machine& machine, Word table) override {
    return machine.live_count(table) | (in_unmap ? never_empty : 0);
  }
  void set_live_count(Machine& machine, Word table, Word count) override {
    machine.set_live_count(table, count & ~never_empty);
  }
};

}  // namespace twinwalk::mutants::x86_64
