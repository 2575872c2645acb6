#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct PiecesKeepTheLargeBit : FourLevels {
  static constexpr Info info{
      .kind = Kind::huge_pages,
      .origin = "B17, B19: EDK2 PR 4188",
      .oracle = "break-before-make",
      .summary = "leaves bit 7 in the pages of 4K that it splits a page into",
      .ops_max = 3};

  Word first_piece(int level, Word entry) override {
    return Format::first_piece(level, entry) | Format::large_bit;
  }
};

}  // namespace twinwalk::mutants::x86_64
