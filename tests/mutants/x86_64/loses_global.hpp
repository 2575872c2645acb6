#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct LosesGlobal : FourLevels {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "B80: a flag that no bit holds",
                             .oracle = "walker-agrees",
                             .summary = "makes no page global",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return {Format::encode(options, flags).bits & ~Format::global_bit};
  }
};

}  // namespace twinwalk::mutants::x86_64
