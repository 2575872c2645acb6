#include "models/frames.hpp"

#include <gtest/gtest.h>

#include <set>

namespace twinwalk::models {
namespace {

TEST(Frames, HandsOutEveryFrameOnceAndThenNone) {
  Frames frames(16);
  frames.reset(16);
  std::set<std::size_t> seen;
  std::size_t index = 0;
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(frames.allocate(12, index));
    EXPECT_TRUE(seen.insert(index).second);
  }
  EXPECT_FALSE(frames.allocate(12, index));
  EXPECT_EQ(frames.in_state(FrameState::free), 0U);
  EXPECT_EQ(frames.in_state(FrameState::handed_out), 16U);
}

TEST(Frames, GivesOutNextWhatWasFreedLast) {
  Frames frames(16);
  frames.reset(16);
  std::size_t a = 0;
  std::size_t b = 0;
  std::size_t c = 0;
  ASSERT_TRUE(frames.allocate(12, a));
  ASSERT_TRUE(frames.allocate(12, b));
  EXPECT_FALSE(frames.release(a, 12).has_value());
  ASSERT_TRUE(frames.allocate(12, c));
  EXPECT_EQ(c, a);
}

TEST(Frames, SeesWhatIsFreedTwice) {
  Frames frames(4);
  frames.reset(4);
  std::size_t index = 0;
  ASSERT_TRUE(frames.allocate(12, index));
  EXPECT_EQ(frames.release(index, 12), std::nullopt);
  EXPECT_EQ(frames.release(index, 12), FindingKind::double_free);
}

TEST(Frames, SeesWhatWasNeverHandedOut) {
  Frames frames(4);
  frames.reset(2);
  EXPECT_EQ(frames.release(1, 12), FindingKind::foreign_free);
  EXPECT_EQ(frames.release(3, 12), FindingKind::foreign_free);
  std::size_t data = 0;
  ASSERT_TRUE(frames.reserve_data(data));
  EXPECT_EQ(frames.release(data, 12), FindingKind::foreign_free);
}

TEST(Frames, SeesTheWrongSize) {
  Frames frames(16);
  frames.reset(16);
  std::size_t block = 0;
  ASSERT_TRUE(frames.allocate(14, block));
  EXPECT_EQ(frames.release(block, 12), FindingKind::wrong_size_free);
  EXPECT_EQ(frames.release(block + 1, 12), FindingKind::wrong_size_free);
  EXPECT_EQ(frames.release(block, 14), std::nullopt);
  EXPECT_EQ(frames.in_state(FrameState::free), 16U);
}

TEST(Frames, SeesATableFreedWhileItIsLinked) {
  Frames frames(4);
  frames.reset(4);
  std::size_t index = 0;
  ASSERT_TRUE(frames.allocate(12, index));
  frames.set_state(index, FrameState::table);
  EXPECT_EQ(frames.release(index, 12), FindingKind::freed_while_linked);
}

TEST(Frames, AlignsBlocksAndKeepsTheAccountOfTheirGaps) {
  Frames frames(16);
  frames.reset(16);
  std::size_t one = 0;
  std::size_t four = 0;
  ASSERT_TRUE(frames.allocate(12, one));
  ASSERT_TRUE(frames.allocate(14, four));
  EXPECT_EQ(four % 4, 0U);
  EXPECT_EQ(frames.in_state(FrameState::free), 11U);
  std::size_t index = 0;
  for (int i = 0; i < 11; ++i) ASSERT_TRUE(frames.allocate(12, index));
  EXPECT_FALSE(frames.allocate(12, index));
}

TEST(Frames, FindsAnAlignedRunAmongWhatWasGivenBack) {
  Frames frames(8);
  frames.reset(8);
  std::size_t index = 0;
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(frames.allocate(12, index));
  EXPECT_FALSE(frames.allocate(13, index));
  for (std::size_t i : {3U, 4U, 6U}) EXPECT_EQ(frames.release(i, 12), std::nullopt);
  EXPECT_FALSE(frames.allocate(13, index));
  EXPECT_EQ(frames.release(5, 12), std::nullopt);
  ASSERT_TRUE(frames.allocate(13, index));
  EXPECT_EQ(index, 4U);
  std::set<std::size_t> rest;
  while (frames.allocate(12, index)) rest.insert(index);
  EXPECT_EQ(rest, (std::set<std::size_t>{3, 6}));
}

TEST(Frames, AreAllFreeAfterAReset) {
  Frames frames(8);
  frames.reset(8);
  std::size_t index = 0;
  while (frames.allocate(12, index)) frames[index].live_count = 77;
  frames.reset(6);
  EXPECT_EQ(frames.in_state(FrameState::free), 6U);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(frames.allocate(12, index));
    EXPECT_EQ(frames[index].live_count, 0U);
  }
  EXPECT_FALSE(frames.allocate(12, index));
}

}  // namespace
}  // namespace twinwalk::models
