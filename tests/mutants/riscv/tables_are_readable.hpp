#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct TablesAreReadable : Sv39 {
  static constexpr Info info{.kind = Kind::pointer_confusion,
                             .origin = "B64: Xen XSA-445, a table taken for a leaf",
                             .oracle = "no-reserved-bit",
                             .summary = "sets R in a pointer, which makes a page of a table",
                             .ops_max = 3};

  Word table(Word address) override { return Format::table(address) | bit(1); }
};

}  // namespace twinwalk::mutants::riscv
