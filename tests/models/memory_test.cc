#include "models/memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace twinwalk::models {
namespace {

TEST(Placement, IsABijectionOnEveryWidth) {
  for (int bits : {32, 36, 39, 46, 52}) {
    for (std::uint64_t selector = 0; selector < 40; ++selector) {
      Placement const placement(bits, 128, selector);
      std::set<std::uint64_t> seen;
      for (std::size_t i = 0; i < 128; ++i) {
        std::uint64_t const address = placement.address(i);
        EXPECT_TRUE(seen.insert(address).second);
        EXPECT_EQ(address >> bits, 0U);
        EXPECT_EQ(address % 4096, 0U);
        EXPECT_EQ(placement.index(address), i);
        EXPECT_EQ(placement.index(address + 4095), i);
      }
    }
  }
}

TEST(Placement, PutsFramesAtZeroAndAtTheTopOfTheWidth) {
  for (int bits : {32, 40, 52}) {
    for (std::uint64_t selector = 1; selector < 40; ++selector) {
      Placement const placement(bits, 16, selector);
      EXPECT_LT(placement.index(0), 16U);
      EXPECT_LT(placement.index((std::uint64_t{1} << bits) - 4096), 16U);
    }
  }
}

TEST(Placement, FindsNoFrameAtAddressesThatAreNotItsOwn) {
  Placement const placement(40, 32, 6);
  std::size_t inside = 0;
  for (std::uint64_t frame = 0; frame < 100000; ++frame)
    if (placement.index(frame << 12) < 32) ++inside;
  EXPECT_LE(inside, 32U);
  EXPECT_GE(placement.index(std::uint64_t{1} << 40), 32U);
  EXPECT_GE(placement.index(~std::uint64_t{0}), 32U);
}

TEST(Placement, ZeroKeepsTheArenaInOnePieceAtItsBase) {
  constexpr std::uint64_t base = 0x7fff0000;
  Placement const placement(46, 64, 0, 12, base);
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(placement.address(i), base + 4096 * i);
  EXPECT_GE(placement.index(base - 1), 64U);
  EXPECT_GE(placement.index(base + 64 * 4096), 64U);
}

TEST(Placement, KeepsBlocksOfLargerTablesTogetherAndAligned) {
  for (int log2 : {13, 14, 16}) {
    std::size_t const run = std::size_t{1} << (log2 - 12);
    for (std::uint64_t selector = 0; selector < 20; ++selector) {
      Placement const placement(44, 16 * run, selector, log2);
      for (std::size_t block = 0; block < 16; ++block) {
        std::uint64_t const first = placement.address(block * run);
        EXPECT_EQ(first % (std::uint64_t{1} << log2), 0U);
        for (std::size_t i = 0; i < run; ++i)
          EXPECT_EQ(placement.address(block * run + i), first + 4096 * i);
      }
    }
  }
}

TEST(Memory, PoisonLooksPresentAndFitsTheWidthAndRepeatsItself) {
  Memory memory(4);
  memory.reset(Placement(36, 4, 3), 36, 99);
  memory.poison(1, 7);
  std::uint64_t const* const words = memory.frame(1);
  std::size_t present = 0;
  for (std::size_t i = 0; i < frame_words; ++i) {
    EXPECT_EQ(words[i] >> 36, 0U);
    present += words[i] & 1;
  }
  EXPECT_GT(present, frame_words * 3 / 4);

  std::vector<std::uint64_t> const first(words, words + frame_words);
  memory.poison(1, 8);
  EXPECT_FALSE(std::equal(first.begin(), first.end(), words));
  memory.poison(1, 7);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), words));
}

}  // namespace
}  // namespace twinwalk::models
