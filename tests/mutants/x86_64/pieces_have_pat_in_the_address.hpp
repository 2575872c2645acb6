#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct PiecesHavePatInTheAddress : FourLevels {
  static constexpr Info info{
      .kind = Kind::huge_pages,
      .origin = "B18: Linux 7a5714e0",
      .oracle = "break-before-make",
      .summary = "takes bit 12 of a large page for its address as it splits it",
      .ops_max = 3};

  Word first_piece(int level, Word entry) override {
    Word const piece = Format::first_piece(level, entry);
    return level == 2 ? piece | (entry & bit(12)) : piece;
  }
};

}  // namespace twinwalk::mutants::x86_64
