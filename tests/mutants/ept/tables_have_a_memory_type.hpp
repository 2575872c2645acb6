#pragma once

#include "tests/mutants/ept/base.hpp"

namespace twinwalk::mutants::ept {

struct TablesHaveAMemoryType : Ept4 {
  static constexpr Info info{.kind = Kind::misconfiguration,
                             .origin = "B31: DdiMon issue 40",
                             .oracle = "no-reserved-bit",
                             .summary = "writes a memory type into entries for tables",
                             .ops_max = 3};

  Word table(Word address) override { return Format::table(address) | 0x30; }
};

}  // namespace twinwalk::mutants::ept
