#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct ReadsTheRightFromDirty : La64 {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36: a clean page taken for read-only",
                             .oracle = "result-agrees",
                             .summary = "does not look at W",
                             .ops_max = 3};

  MappingFlags decode(Options const& options, int level, Word entry) override {
    return Format::decode(options, level, entry & ~bit(8));
  }
};

}  // namespace twinwalk::mutants::loongarch64
