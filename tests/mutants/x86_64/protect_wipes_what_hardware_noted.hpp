#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ProtectWipesWhatHardwareNoted : FourLevels {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "PTM weakness 11: set_flags",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "drops accessed and dirty as it protects",
                             .ops_max = 3};

  Word with_attributes(int level, Word entry, Attributes<Word> attributes) override {
    return Format::with_attributes(level, entry, attributes) &
           ~(Format::accessed_bit | Format::dirty_bit);
  }
};

}  // namespace twinwalk::mutants::x86_64
