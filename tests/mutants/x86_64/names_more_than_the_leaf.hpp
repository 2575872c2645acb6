#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct NamesMoreThanTheLeaf : FourLevels {
  static constexpr Info info{.kind = Kind::flush,
                             .origin = "B42: asterinas 78831bc8, a range by the wrong address",
                             .oracle = "plan-is-exact",
                             .summary = "names the 2M around the leaf that was removed",
                             .ops_max = 3};

  FlushRange range_of_unmap(FlushRange range, Leaf const&) override {
    Word const around = bytes(PageSize::Size2M) - 1;
    return {range.first & ~around, range.last | around, range.stride};
  }
};

}  // namespace twinwalk::mutants::x86_64
