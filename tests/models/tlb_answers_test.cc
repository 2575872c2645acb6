// What an access may come to while old entries are held.
#include "models/tlb.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/models/machine_kit.hpp"

namespace twinwalk::models {
namespace {

constexpr std::uint64_t somewhere = 0x40000000;
constexpr Access read_access{AccessKind::read, false, false};
constexpr Access write_access{AccessKind::write, false, false};

TEST(Tlb, AnswersByTheTablesWhenNothingIsStale) {
  MachineKit kit;
  kit.map(somewhere, 0x5000 | bits::read_only);
  Answers const read = kit.machine.answers(0, kit.space, somewhere + 0x123, read_access);
  ASSERT_EQ(read.count, 1U);
  EXPECT_EQ(read.list[0], (Answer{false, 0x5123, false}));
  EXPECT_TRUE(kit.machine.answers(0, kit.space, somewhere, write_access).may_fault());
  EXPECT_FALSE(kit.machine.answers(0, kit.space, somewhere, write_access).may_succeed());
}

TEST(Tlb, AnswersByTheOldLeafOrTheNewUntilTheFlush) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.store(at, 0x7000 | bits::read_write);
  Answers const before = kit.machine.answers(1, kit.space, somewhere + 8, write_access);
  EXPECT_EQ(before.count, 2U);
  EXPECT_FALSE(before.may_fault());
  EXPECT_TRUE(std::ranges::count(before.all(), Answer{false, 0x5008, true}) == 1);
  kit.machine.invalidate(flush_of(kit.root, somewhere, page));
  Answers const after = kit.machine.answers(1, kit.space, somewhere + 8, write_access);
  EXPECT_EQ(after.count, 1U);
  EXPECT_EQ(after.list[0].phys, 0x7008U);
}

TEST(Tlb, AnswersThroughATableThatWasUnlinked) {
  MachineKit kit;
  kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(kit.slot(somewhere, 3), 0);
  EXPECT_TRUE(kit.machine.answers(0, kit.space, somewhere, read_access).may_succeed());
  kit.machine.invalidate(with_tables(flush_of(kit.root, somewhere, large_page * 512)));
  EXPECT_FALSE(kit.machine.answers(0, kit.space, somewhere, read_access).may_succeed());
}

TEST(Tlb, IsNotAskedForAnAddressThatIsNotCanonical) {
  MachineKit kit;
  std::uint64_t const upper = 0xffff'8000'0000'0000;
  std::uint64_t const same_low_bits = 0x8000'0000'0000;
  kit.machine.store(kit.map(upper, 0x5000 | bits::read_write), 0);
  ASSERT_TRUE(kit.machine.answers(0, kit.space, upper, read_access).may_succeed());
  EXPECT_FALSE(kit.machine.answers(0, kit.space, same_low_bits, read_access).may_succeed());
  kit.machine.page_fault(0, kit.space, same_low_bits);
  EXPECT_TRUE(kit.machine.answers(0, kit.space, upper, read_access).may_succeed());
}

TEST(Tlb, NeedsAtMostOneFaultToGetOn) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(at, 0x5000 | bits::read_write);
  Answers const first = kit.machine.answers(0, kit.space, somewhere, write_access);
  EXPECT_TRUE(first.may_fault());
  EXPECT_TRUE(first.may_succeed());
  kit.machine.page_fault(0, kit.space, somewhere);
  EXPECT_FALSE(kit.machine.answers(0, kit.space, somewhere, write_access).may_fault());
  EXPECT_TRUE(kit.machine.answers(1, kit.space, somewhere, write_access).may_fault())
      << "another processor has not faulted yet";
}

TEST(Tlb, HealsOnlyTheAddressThatFaulted) {
  MachineKit kit;
  std::uint64_t const at = kit.slot(somewhere);
  kit.machine.fill(at, 4, 0x100000 | bits::read_only, page);
  auto const grant_write = [](std::uint64_t e) { return e | bits::writable; };
  kit.machine.rewrite(at, 4, grant_write);
  kit.machine.page_fault(0, kit.space, somewhere + page);
  EXPECT_FALSE(kit.machine.answers(0, kit.space, somewhere + page, write_access).may_fault());
  EXPECT_TRUE(kit.machine.answers(0, kit.space, somewhere, write_access).may_fault());
  EXPECT_TRUE(kit.machine.answers(0, kit.space, somewhere + 2 * page, write_access).may_fault());
  EXPECT_FALSE(kit.stale());
}

}  // namespace
}  // namespace twinwalk::models
