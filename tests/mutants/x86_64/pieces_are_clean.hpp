#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct PiecesAreClean : FourLevels {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B37: Huge Dirty COW, CVE-2017-1000405",
                             .oracle = "break-before-make",
                             .summary = "splits a dirty page into clean ones",
                             .ops_max = 3};

  Word first_piece(int level, Word entry) override {
    return Format::first_piece(level, entry) & ~Format::dirty_bit;
  }
};

}  // namespace twinwalk::mutants::x86_64
