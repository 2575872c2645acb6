#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct TablesLackWrite : FourLevels {
  static constexpr Info info{.kind = Kind::permissions,
                             .origin = "B24: Quark PR 1359",
                             .oracle = "tables-grant-everything",
                             .summary = "makes tables without WRITE",
                             .ops_max = 3};

  Word table(Word address) override { return Format::table(address) & ~Format::writable_bit; }
};

}  // namespace twinwalk::mutants::x86_64
