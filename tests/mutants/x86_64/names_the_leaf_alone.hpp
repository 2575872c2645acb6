#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct NamesTheLeafAlone : FourLevels {
  static constexpr Info info{
      .kind = Kind::flush,
      .origin = "B44: tgoskits PR 2009",
      .oracle = "plans-span-tables",
      .summary = "names the removed leaf and not all that the table above it served",
      .ops_max = 2};

  FlushRange range_of_unmap(FlushRange range, Leaf const& leaf) override {
    return {leaf.virt.value, leaf.virt.value + (bytes(leaf.size) - 1), range.stride};
  }
};

}  // namespace twinwalk::mutants::x86_64
