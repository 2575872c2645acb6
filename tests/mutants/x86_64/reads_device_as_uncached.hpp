#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct ReadsDeviceAsUncached : FourLevels {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "PTM weakness 11",
                             .oracle = "result-agrees",
                             .summary = "gives DEVICE back as UNCACHED",
                             .ops_max = 3};

  MappingFlags decode(Options const& options, int level, Word entry) override {
    MappingFlags const flags = Format::decode(options, level, entry);
    return flags.has(Flag::DEVICE) ? flags.without(Flag::DEVICE) | Flag::UNCACHED : flags;
  }
};

}  // namespace twinwalk::mutants::x86_64
