#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct MisplacesPat : FourLevels {
  static constexpr Info info{.kind = Kind::huge_pages,
                             .origin = "B16, B18: PAT and address mixed up on a large page",
                             .oracle = "no-reserved-bit",
                             .summary = "writes the PAT bit of large pages one too high",
                             .ops_max = 1};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    Word const pat = attributes.bits & bit(12);
    if (level == 1) return Format::leaf(level, pa, attributes);
    return Format::leaf(level, pa, {attributes.bits & ~bit(12)}) | pat << 1;
  }
};

}  // namespace twinwalk::mutants::x86_64
