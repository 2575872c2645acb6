#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct BlocksAreMarkedAsPages : Stage1 {
  static constexpr Info info{
      .kind = Kind::masks_and_levels,
      .origin = "B09: aarch64-paging 0.12",
      .oracle = "walker-agrees",
      .summary = "writes a block as a page is written, which is a table there",
      .ops_max = 3};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, pa, attributes) | bit(1);
  }
};

}  // namespace twinwalk::mutants::aarch64
