#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct SuperpagesAreMisaligned : Sv39 {
  static constexpr Info info{.kind = Kind::huge_pages,
                             .origin = "B08: aarch64-paging PR 17",
                             .oracle = "no-reserved-bit",
                             .summary = "puts a large page one small page further",
                             .ops_max = 3};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, level > 1 ? pa + 0x1000 : pa, attributes);
  }
};

}  // namespace twinwalk::mutants::riscv
