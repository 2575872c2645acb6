#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct TablesCarryAKey : FourLevels {
  static constexpr Info info{
      .kind = Kind::permissions,
      .origin = "B25: attributes of the first mapping in the tables above it",
      .oracle = "tables-grant-everything",
      .summary = "gives tables the key that leaves have",
      .ops_max = 1};

  Word table(Word address) override { return Format::table(address) | bit(59); }
};

}  // namespace twinwalk::mutants::x86_64
