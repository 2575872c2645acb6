#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct LosesDirtyWithTheRight : Stage1 {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36: AP[2] is dirty as well",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "forgets with WRITE that a page was written",
                             .ops_max = 3};

  Word with_attributes(int level, Word entry, Attributes<Word> attributes) override {
    return Format::with_attributes(level, entry, attributes) & ~Format::was_dirty_bit;
  }
};

}  // namespace twinwalk::mutants::aarch64
