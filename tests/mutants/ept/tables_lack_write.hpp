#pragma once

#include "tests/mutants/ept/base.hpp"

namespace twinwalk::mutants::ept {

struct TablesLackWrite : Ept4 {
  static constexpr Info info{.kind = Kind::permissions,
                             .origin = "B28, B24: rights of a table",
                             .oracle = "tables-grant-everything",
                             .summary = "makes tables without WRITE",
                             .ops_max = 3};

  Word table(Word address) override { return Format::table(address) & ~bit(1); }
};

}  // namespace twinwalk::mutants::ept
