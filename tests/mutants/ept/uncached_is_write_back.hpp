#pragma once

#include "tests/mutants/ept/base.hpp"

namespace twinwalk::mutants::ept {

struct UncachedIsWriteBack : Ept4 {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "B34: seL4 2d0410b1",
                             .oracle = "walker-agrees",
                             .summary = "loses UNCACHED, as axaddrspace does today",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return Format::encode(options, flags.without(Flag::UNCACHED));
  }
};

}  // namespace twinwalk::mutants::ept
