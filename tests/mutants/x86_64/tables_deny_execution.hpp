#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct TablesDenyExecution : FourLevels {
  static constexpr Info info{.kind = Kind::permissions,
                             .origin = "B25: Theseus 60beb4ca",
                             .oracle = "no-reserved-bit",
                             .summary = "makes tables with XD",
                             .ops_max = 3};

  Word table(Word address) override { return Format::table(address) | Format::execute_disable_bit; }
};

}  // namespace twinwalk::mutants::x86_64
