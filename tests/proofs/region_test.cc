// What the induction over a region's rounds rests on: that it would not hold without it.
#include "proofs/region.hpp"

#include <gtest/gtest.h>

#include "proofs/formats/x86_64.hpp"

namespace twinwalk::proofs {
namespace {

// A page of 2M that lies across the beginning of a round, in a range of which the rounds before
// have seen the one part and this one the other: neither sees that a table is in its place.
TEST(RegionRounds, SeeAllOfAPageOnlyWhereNoneLiesAcrossABeginning) {
  Explorer explorer;
  SpecOf<models::X86_64Spec<4>> const spec(explorer);
  SymWord const first(0x200000);
  SymWord const last(0x3fffff);
  SymWord const middle(0x300000);
  PageLevels const any = PageLevels::from(2);
  auto const occupied = [](int level) { return SymBool(level == 2); };
  auto const room = [&](SymWord const& address, SymWord const& from) {
    return has_room(spec, any, address, occupied, from, last).is_true();
  };
  EXPECT_TRUE(room(middle, middle));
  EXPECT_FALSE(room(middle, first));
  EXPECT_TRUE(is_edge(spec, any, first, first, last).is_true());
  EXPECT_TRUE(is_edge(spec, any, middle, first, last).is_false());
}

TEST(RegionRounds, MapTheLargestPageThatMayGoThere) {
  Explorer explorer;
  SpecOf<models::X86_64Spec<4>> const spec(explorer);
  auto const level_at = [&](std::uint64_t at, std::uint64_t last, int largest) {
    PageLevels levels;
    for (int level = 1; level <= largest; ++level) {
      levels.allowed[static_cast<std::size_t>(level)] = SymBool(true);
    }
    for (int level = 3; level >= 1; --level) {
      if (is_page_level(spec, level, levels, SymWord(at), SymWord(last)).is_true()) return level;
    }
    return 0;
  };
  EXPECT_EQ(level_at(0x40000000, 0x7fffffff, 3), 3);
  EXPECT_EQ(level_at(0x40000000, 0x7fffffff, 2), 2);
  EXPECT_EQ(level_at(0x40000000, 0x7fffefff, 3), 2);
  EXPECT_EQ(level_at(0x40001000, 0x7fffffff, 3), 1);
}

TEST(RegionRounds, BeginInWholePagesOfOneHalf) {
  Explorer explorer;
  SpecOf<models::X86_64Spec<4>> const spec(explorer);
  auto const begins = [&](std::uint64_t first, std::uint64_t at, std::uint64_t last) {
    return is_round(spec, SymWord(first), SymWord(at), SymWord(last)).is_true();
  };
  EXPECT_TRUE(begins(0x1000, 0x2000, 0x2fff));
  EXPECT_FALSE(begins(0x1000, 0x2001, 0x2fff));
  EXPECT_FALSE(begins(0x1000, 0x3000, 0x2fff));
  EXPECT_FALSE(begins(0x1000, 0x2000, 0xffffffffffffffff));
}

}  // namespace
}  // namespace twinwalk::proofs
