#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ForgetsNoExecute : FourLevels {
  static constexpr Info info{
      .kind = Kind::permissions,
      .origin = "B35: aarch64-paging 0.12.1, an execute bit of the wrong value",
      .oracle = "walker-agrees",
      .summary = "lets large pages be executed always",
      .ops_max = 1};

  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    Word const entry = Format::leaf(level, pa, attributes);
    return level > 1 ? entry & ~Format::execute_disable_bit : entry;
  }
};

}  // namespace twinwalk::mutants::x86_64
