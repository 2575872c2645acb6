#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct LosesTheMemoryType : Sv39 {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "B78: asterinas issue 3920, Svpbmt",
                             .oracle = "walker-agrees",
                             .summary = "leaves the memory type to the platform",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return {Format::encode(options, flags).bits & ~mask(62, 61)};
  }
};

}  // namespace twinwalk::mutants::riscv
