#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct ReadsRightsFromTheBitAlone : Stage1 {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36: a clean page taken for read-only",
                             .oracle = "result-agrees",
                             .summary = "does not look at DBM",
                             .ops_max = 3};

  MappingFlags decode(Options const& options, int level, Word entry) override {
    return Format::decode(options, level, entry & ~Format::managed_bit);
  }
};

}  // namespace twinwalk::mutants::aarch64
