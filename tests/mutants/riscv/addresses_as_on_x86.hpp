#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct AddressesAsOnX86 : Sv39 {
  static constexpr Info info{.kind = Kind::masks_and_levels,
                             .origin = "B07: Zephyr PR 39182, an address at the wrong place",
                             .oracle = "no-reserved-bit",
                             .summary = "writes an address where x86 has it",
                             .ops_max = 3};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, pa << 2, attributes);
  }
};

}  // namespace twinwalk::mutants::riscv
