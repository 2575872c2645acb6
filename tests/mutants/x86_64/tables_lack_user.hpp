#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct TablesLackUser : FourLevels {
  static constexpr Info info{.kind = Kind::permissions,
                             .origin = "B24: x86_64 issue 113",
                             .oracle = "walker-agrees",
                             .summary = "makes tables without USER",
                             .ops_max = 1};

  Word table(Word address) override { return Format::table(address) & ~Format::user_bit; }
};

}  // namespace twinwalk::mutants::x86_64
