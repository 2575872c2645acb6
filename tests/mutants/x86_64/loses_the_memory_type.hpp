#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct LosesTheMemoryType : FourLevels {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "B78: asterinas issue 3920",
                             .oracle = "walker-agrees",
                             .summary = "makes every page write-back",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return {Format::encode(options, flags).bits & ~(bit(3) | bit(4))};
  }
};

}  // namespace twinwalk::mutants::x86_64
