#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ProtectDropsDirty : FourLevels {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36, PTM weakness 11: dirty lost with a right",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "takes the dirty bit along with WRITE",
                             .ops_max = 3};

  Word with_attributes(int level, Word entry, Attributes<Word> attributes) override {
    Word const after = Format::with_attributes(level, entry, attributes);
    return (after & Format::writable_bit) != 0 ? after : after & ~Format::dirty_bit;
  }
};

}  // namespace twinwalk::mutants::x86_64
