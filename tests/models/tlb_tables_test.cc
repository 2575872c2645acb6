// What the TLB model says of tables that come and go, and of pages that change their size.
#include "models/tlb.hpp"

#include <gtest/gtest.h>

#include "tests/models/machine_kit.hpp"

namespace twinwalk::models {
namespace {

constexpr std::uint64_t somewhere = 0x40000000;
constexpr std::uint64_t kernel = 0xffff800000000000;

// ---- Tables ------------------------------------------------------------------------------------

TEST(Tlb, CatchesATableThatIsFreedBeforeTheFlush) {
  MachineKit kit;
  std::uint64_t const table = kit.slot(somewhere) & ~(page - 1);
  kit.machine.store(kit.slot(somewhere, 2), 0);
  kit.machine.dealloc_frames(table, 12);
  EXPECT_TRUE(kit.found(FindingKind::freed_while_cached));
}

TEST(Tlb, CatchesAnEmptyTableWhoseFlushForgetsThatATableChanged) {
  MachineKit kit;
  std::uint64_t const table = kit.slot(somewhere) & ~(page - 1);
  kit.machine.store(kit.slot(somewhere, 2), 0);
  kit.machine.invalidate(flush_of(kit.root, somewhere, large_page));
  EXPECT_TRUE(kit.stale());
  kit.machine.dealloc_frames(table, 12);
  EXPECT_TRUE(kit.found(FindingKind::freed_while_cached));
}

TEST(Tlb, AcceptsATableFreedAfterItsFlush) {
  MachineKit kit;
  std::uint64_t const table = kit.slot(somewhere) & ~(page - 1);
  kit.machine.store(kit.slot(somewhere, 2), 0);
  kit.machine.invalidate(with_tables(flush_of(kit.root, somewhere, large_page)));
  EXPECT_FALSE(kit.stale());
  kit.machine.dealloc_frames(table, 12);
  EXPECT_TRUE(kit.machine.findings().empty());
}

TEST(Tlb, RemembersTheLeavesOfATableDroppedUnread) {
  MachineKit kit;
  std::uint64_t const at = kit.slot(somewhere);
  kit.machine.fill(at + 8 * 100, 8, 0x100000 | bits::read_write, page);
  kit.machine.store(kit.slot(somewhere, 2), 0);
  kit.machine.invalidate(with_tables(flush_of(kit.root, somewhere, 104 * page)));
  auto const left = kit.machine.tlb().stale_beyond({});
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->first, somewhere + 104 * page);
  EXPECT_EQ(left->count, 4U);
  kit.machine.invalidate(with_tables(flush_of(kit.root, somewhere, large_page)));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, RemembersGlobalLeavesOfATableDroppedUnread) {
  MachineKit kit;
  kit.map(kernel, 0x5000 | bits::read_write | bits::global);
  kit.machine.store(kit.slot(kernel, 2), 0);
  kit.machine.invalidate(with_tables(flush_of(kit.root, kernel, large_page)));
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(with_globals(with_tables(flush_of(kit.root, kernel, large_page))));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, HoldsEveryTableOfADestroyedSpaceUntilEverythingIsFlushed) {
  MachineKit kit;
  std::uint64_t const low = kit.map(somewhere, 0x5000 | bits::read_only) & ~(page - 1);
  kit.machine.retire_space(kit.space);
  EXPECT_TRUE(kit.stale());
  EXPECT_TRUE(kit.machine.tlb().holds_pointer_to(kit.root));
  EXPECT_TRUE(kit.machine.tlb().holds_pointer_to(low));
  EXPECT_EQ(kit.machine.frames().in_state(FrameState::awaiting_flush), 4U);
  EXPECT_FALSE(kit.stale({everything_of(kit.root)}));
  kit.machine.invalidate(everything_of(kit.root));
  EXPECT_FALSE(kit.stale());
  kit.machine.dealloc_frames(kit.root, 12);
  kit.machine.dealloc_frames(low, 12);
  EXPECT_TRUE(kit.machine.findings().empty());
}

TEST(Tlb, DemandsAFlushWhenATableEntryGrantsLess) {
  MachineKit kit;
  kit.map(somewhere, 0x5000 | bits::read_write);
  std::uint64_t const upper = kit.slot(somewhere, 3);
  kit.machine.store(upper, kit.machine.load(upper) & ~bits::writable);
  EXPECT_TRUE(kit.stale());
}

TEST(Tlb, KnowsWhichFramesOldTranslationsReach) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x200000 | bits::read_write | bits::large, 2);
  kit.machine.store(at, 0);
  EXPECT_TRUE(kit.machine.tlb().holds_translation_into(0x3ff000));
  EXPECT_FALSE(kit.machine.tlb().holds_translation_into(0x400000));
  kit.machine.invalidate(flush_of(kit.root, somewhere, large_page, PageSize::Size2M));
  EXPECT_FALSE(kit.machine.tlb().holds_translation_into(0x3ff000));
}

TEST(Tlb, KnowsWhichFramesTheLeavesOfADroppedTableReach) {
  MachineKit kit;
  kit.map(somewhere + 7 * page, 0x9000 | bits::read_write);
  kit.machine.store(kit.slot(somewhere, 2), 0);
  EXPECT_TRUE(kit.machine.tlb().holds_translation_into(0x9000));
  EXPECT_FALSE(kit.machine.tlb().holds_translation_into(0x8000));
}

// ---- Sizes -------------------------------------------------------------------------------------

// A 2M page that is replaced by a table with the same translations, or others.
struct Split {
  MachineKit kit;
  std::uint64_t table = 0;

  explicit Split(std::uint64_t first_piece) {
    std::uint64_t const at = kit.map(somewhere, 0x600000 | bits::read_write | bits::large, 2);
    table = kit.new_table();
    kit.machine.fill(table, 512, first_piece, page);
    kit.machine.store(at, table | bits::table);
  }
};

TEST(Tlb, ToleratesASplitIntoTheSameTranslations) {
  Split split(0x600000 | bits::read_write);
  EXPECT_TRUE(split.kit.machine.findings().empty());
  EXPECT_FALSE(split.kit.stale());
}

TEST(Tlb, ForbidsASplitThatChangesTheTranslationInTheSameStore) {
  for (std::uint64_t piece : {0x601000 | bits::read_write, 0x600000 | bits::read_only}) {
    Split split(piece);
    EXPECT_TRUE(split.kit.found(FindingKind::forbidden_in_one_store));
  }
}

TEST(Tlb, ForbidsChangingAPieceBeforeTheWholeIsFlushed) {
  Split split(0x600000 | bits::read_write);
  split.kit.machine.store(split.table + 8, 0);
  EXPECT_TRUE(split.kit.found(FindingKind::changed_under_stale_size));
}

TEST(Tlb, AllowsChangingAPieceOnceTheWholeIsFlushed) {
  Split split(0x600000 | bits::read_write);
  split.kit.machine.invalidate(
      with_tables(flush_of(split.kit.root, somewhere, large_page, PageSize::Size2M)));
  split.kit.machine.store(split.table + 8, 0);
  EXPECT_TRUE(split.kit.machine.findings().empty());
  EXPECT_FALSE(split.kit.stale({flush_of(split.kit.root, somewhere + page, page)}));
}

TEST(Tlb, ForbidsALargePageOverATableWithPages) {
  MachineKit kit;
  kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.store(kit.slot(somewhere, 2), 0x600000 | bits::read_write | bits::large);
  EXPECT_TRUE(kit.found(FindingKind::forbidden_in_one_store));
}

}  // namespace
}  // namespace twinwalk::models
