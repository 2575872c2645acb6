#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct ReadsGlobalWhereSmallPagesHaveIt : La64 {
  static constexpr Info info{.kind = Kind::huge_pages,
                             .origin = "live in PTM: is_huge of a global page",
                             .oracle = "plan-is-exact",
                             .summary = "reads G of a large page where H is",
                             .ops_max = 3};

  bool global(int, Word entry) override { return (entry & bit(6)) != 0; }
};

}  // namespace twinwalk::mutants::loongarch64
