#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct FollowsHugePages : FourLevels {
  static constexpr Info info{
      .kind = Kind::huge_pages,
      .origin = "B22: pKVM, a large leaf taken for a table as it is unmapped",
      .oracle = "stays-in-memory",
      .summary = "takes a huge page for a table when it unmaps",
      .ops_max = 2};

  bool large(Word entry) override { return !in_unmap && Format::large(entry); }
};

}  // namespace twinwalk::mutants::x86_64
