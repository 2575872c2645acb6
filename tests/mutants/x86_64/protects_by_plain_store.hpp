#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ProtectsByPlainStore : FourLevels {
  static constexpr Info info{.kind = Kind::races_with_hardware,
                             .origin = "B31: entries of a live table written bit by bit",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "overwrites what hardware set while it protects",
                             .ops_max = 3};

  Word compare_exchange(Machine& machine, Word slot, Word expected, Word desired) override {
    machine.store(slot, desired);
    return expected;
  }
};

}  // namespace twinwalk::mutants::x86_64
