#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct OnlyAddsFlags : FourLevels {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "B02: x86_64 936d4fa",
                             .oracle = "walker-agrees",
                             .summary = "adds flags and never takes any",
                             .ops_max = 2};

  Word with_attributes(int level, Word entry, Attributes<Word> attributes) override {
    return entry | Format::with_attributes(level, entry, attributes);
  }
};

}  // namespace twinwalk::mutants::x86_64
