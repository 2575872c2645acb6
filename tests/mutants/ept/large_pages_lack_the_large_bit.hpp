#pragma once

#include "tests/mutants/ept/base.hpp"

namespace twinwalk::mutants::ept {

struct LargePagesLackTheLargeBit : Ept4 {
  static constexpr Info info{.kind = Kind::huge_pages,
                             .origin = "B20: coconut-svsm PR 1118",
                             .oracle = "no-reserved-bit",
                             .summary = "drops bit 7 of a large page",
                             .ops_max = 3};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, pa, attributes) & ~(level > 1 ? bit(7) : 0);
  }
};

}  // namespace twinwalk::mutants::ept
