#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct TakesAddressesWithoutASign : FourLevels {
  static constexpr Info info{.kind = Kind::ranges,
                             .origin = "B68: x86_64 b0d47b3",
                             .oracle = "result-agrees",
                             .summary = "takes 48 bits for an address, and its upper half for none",
                             .ops_max = 3};

  bool canonical(Word va) override { return va >> 48 == 0; }
};

}  // namespace twinwalk::mutants::x86_64
