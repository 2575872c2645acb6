#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct TablesAreWriteThrough : FourLevels {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "B80: toaruos PR 85, attributes at the wrong place",
                             .oracle = "tables-grant-everything",
                             .summary = "wants tables read write-through",
                             .ops_max = 1};

  Word table(Word address) override { return Format::table(address) | bit(3); }
};

}  // namespace twinwalk::mutants::x86_64
