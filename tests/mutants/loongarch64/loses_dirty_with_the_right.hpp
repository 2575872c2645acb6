#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct LosesDirtyWithTheRight : La64 {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36: D is dirty as well",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "forgets with WRITE that a page was written",
                             .ops_max = 3};

  Word with_attributes(int level, Word entry, Attributes<Word> attributes) override {
    return Format::with_attributes(level, entry, attributes) & ~bit(9);
  }
};

}  // namespace twinwalk::mutants::loongarch64
