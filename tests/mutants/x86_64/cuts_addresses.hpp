#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct CutsAddresses : FourLevels {
  static constexpr Info info{.kind = Kind::masks_and_levels,
                             .origin = "B12: Xen XSA-173, an address stored in too few bits",
                             .oracle = "walker-agrees",
                             .summary = "keeps 40 bits of a physical address",
                             .ops_max = 1};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, pa & mask(39, 0), attributes);
  }
};

}  // namespace twinwalk::mutants::x86_64
