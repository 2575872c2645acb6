#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ClearsDirtyWithWrite : FourLevels {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36: PTM e537bd4",
                             .oracle = "walker-agrees",
                             .summary = "takes WRITE as it clears dirty",
                             .ops_max = 3};

  Word without_dirty(Word entry) override {
    return Format::without_dirty(entry) & ~Format::writable_bit;
  }
};

}  // namespace twinwalk::mutants::x86_64
