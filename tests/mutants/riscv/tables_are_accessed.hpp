#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct TablesAreAccessed : Sv39 {
  static constexpr Info info{.kind = Kind::pointer_confusion,
                             .origin = "B39: Linux 00839ee3, A and D where they mean nothing",
                             .oracle = "no-reserved-bit",
                             .summary = "sets A in a pointer",
                             .ops_max = 3};

  Word table(Word address) override { return Format::table(address) | bit(6); }
};

}  // namespace twinwalk::mutants::riscv
