#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct HasAttributesOfStage1 : Stage2 {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "B35: microkit PR 482",
                             .oracle = "walker-agrees",
                             .summary = "writes an index where stage 2 has the memory type itself",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return {(Format::encode(options, flags).bits & ~mask(5, 2)) | bit(2)};
  }
};

}  // namespace twinwalk::mutants::aarch64
