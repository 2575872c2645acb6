#include "models/machine.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/models/machine_kit.hpp"

namespace twinwalk::models {
namespace {

static_assert(Handler<Machine<X86_64Spec<4>>>);
static_assert(Handler<Machine<X86_64Spec<5>>>);

constexpr std::uint64_t somewhere = 0x40000000;

bool is_present(std::uint64_t entry) { return (entry & bits::present) != 0; }

// ---- Memory and its limits ---------------------------------------------------------------------

TEST(Machine, HandsOutFramesFullOfGarbageWithGarbageForMetadata) {
  MachineKit kit;
  std::uint64_t frame = 0;
  ASSERT_TRUE(kit.machine.alloc_frames(12, frame));
  EXPECT_GT(kit.machine.count_live(frame, 512, is_present), 384U);
  EXPECT_NE(kit.machine.live_count(frame), 0U);
  EXPECT_NE(kit.machine.link(frame), 0U);
  EXPECT_TRUE(kit.machine.findings().empty());
}

TEST(Machine, ReportsAccessOutsideTheFramesInHand) {
  MachineKit kit;
  std::uint64_t frame = 0;
  ASSERT_TRUE(kit.machine.alloc_frames(12, frame));
  kit.machine.dealloc_frames(frame, 12);
  ASSERT_TRUE(kit.machine.findings().empty());

  kit.machine.load(frame);
  EXPECT_TRUE(kit.found(FindingKind::load_outside));
  kit.machine.store(frame + 8, 1);
  EXPECT_TRUE(kit.found(FindingKind::store_outside));
}

TEST(Machine, ReportsAnAddressThatIsNoArenaFrame) {
  MachineKit kit({.frames = 16, .placement = 0, .base = 0x100000});
  kit.machine.exchange(0xff8, 1);
  EXPECT_TRUE(kit.found(FindingKind::store_outside));
}

TEST(Machine, ReportsASlotThatIsNotAligned) {
  MachineKit kit;
  kit.machine.load(kit.root + 4);
  EXPECT_TRUE(kit.found(FindingKind::misaligned_slot));
}

TEST(Machine, ReportsMetadataOfNoFrame) {
  MachineKit kit({.frames = 16, .placement = 0});
  kit.machine.set_live_count(std::uint64_t{1} << 40, 1);
  EXPECT_TRUE(kit.found(FindingKind::store_outside));
}

TEST(Machine, PoisonsAFrameOnlyWhenItIsReallyFree) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  std::uint64_t const parent = kit.slot(somewhere, 2);
  std::uint64_t const table = at & ~(page - 1);
  kit.machine.store(parent, 0);
  EXPECT_EQ(kit.machine.peek().load(at), 0x5000 | bits::read_only);
  kit.machine.invalidate(with_tables(flush_of(kit.root, somewhere, large_page)));
  EXPECT_EQ(kit.machine.peek().load(at), 0x5000 | bits::read_only);
  kit.machine.dealloc_frames(table, 12);
  EXPECT_NE(kit.machine.peek().load(at), 0x5000 | bits::read_only);
}

TEST(Machine, UsesFrameZeroAndTheTopFrameLikeAnyOther) {
  MachineOptions options;
  options.physical_bits = 40;
  MachineKit kit({.frames = 16, .placement = 5}, options);
  std::set<std::uint64_t> addresses{kit.root};
  std::uint64_t frame = 0;
  while (kit.machine.alloc_frames(12, frame)) addresses.insert(frame);
  EXPECT_EQ(addresses.size(), 16U);
  EXPECT_TRUE(addresses.contains(0));
  EXPECT_TRUE(addresses.contains((std::uint64_t{1} << 40) - page));
}

TEST(Machine, RepeatsACaseExactly) {
  MachineKit kit;
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  kit.machine.reset({.frames = 20, .placement = 9, .seed = 4}, {});
  ASSERT_TRUE(kit.machine.alloc_frames(12, first));
  std::uint64_t const word = kit.machine.load(first + 80);
  std::uint64_t const count = kit.machine.live_count(first);
  kit.machine.reset({.frames = 20, .placement = 9, .seed = 4}, {});
  ASSERT_TRUE(kit.machine.alloc_frames(12, second));
  EXPECT_EQ(first, second);
  EXPECT_EQ(kit.machine.load(second + 80), word);
  EXPECT_EQ(kit.machine.live_count(second), count);
}

// ---- The handler's primitives ------------------------------------------------------------------

TEST(Machine, ComparesBeforeItExchanges) {
  MachineKit kit;
  std::uint64_t const slot = kit.new_table();
  EXPECT_EQ(kit.machine.compare_exchange(slot, 1, 2), 0U);
  EXPECT_EQ(kit.machine.load(slot), 0U);
  EXPECT_EQ(kit.machine.compare_exchange(slot, 0, 2), 0U);
  EXPECT_EQ(kit.machine.exchange(slot, 3), 2U);
  EXPECT_EQ(kit.machine.load(slot), 3U);
}

TEST(Machine, FillsAndClearsAndRewritesByTheirClosedForms) {
  MachineKit kit;
  std::uint64_t const table = kit.new_table();
  kit.machine.fill(table + 8, 4, 0x1001, 0x1000);
  EXPECT_EQ(kit.machine.load(table + 32), 0x4001U);
  EXPECT_EQ(kit.machine.find_live(table, 512, is_present), 1U);
  EXPECT_EQ(kit.machine.find_live(table + 40, 507, is_present), 507U);
  EXPECT_EQ(kit.machine.count_live(table, 512, is_present), 4U);
  auto const make_writable = [](std::uint64_t e) {
    return (e & 1) != 0 && e != 0x2001 ? e | 2 : e;
  };
  EXPECT_EQ(kit.machine.rewrite(table, 512, make_writable).count, 3U);
  EXPECT_EQ(kit.machine.load(table + 16), 0x2001U);
  EXPECT_EQ(kit.machine.load(table + 24), 0x3003U);
  EXPECT_EQ(kit.machine.clear(table, 512, 0, is_present).count, 4U);
  EXPECT_EQ(kit.machine.count_live(table, 512, is_present), 0U);
}

TEST(Machine, DoesWholeTablesAlikeWithAndWithoutArmedHardware) {
  for (bool armed : {false, true}) {
    MachineKit kit;
    std::uint64_t const table = kit.new_table();
    if (armed) kit.machine.arm({.at = 1000000, .space = kit.space, .virt = somewhere});
    kit.machine.begin_operation();
    kit.machine.fill(table + 16, 510, 1, 0x1000);
    EXPECT_EQ(kit.machine.counts().stores, 510U);
    EXPECT_EQ(kit.machine.find_live(table, 512, is_present), 2U);
    EXPECT_EQ(kit.machine.counts().loads, 3U);
    EXPECT_EQ(kit.machine.count_live(table, 512, is_present), 510U);
    EXPECT_EQ(kit.machine.counts().loads, 515U);
    EXPECT_EQ(kit.machine.load(table + 4088), 0x1fd001U);
    EXPECT_EQ(kit.machine.writes().count(), 0U);
    kit.machine.store(kit.slot(somewhere, 2), table | bits::table);
    kit.machine.begin_operation();
    kit.machine.fill(table, 512, 0, 0);
    EXPECT_EQ(kit.machine.writes().count(), 510U) << "a linked table is watched word by word";
  }
}

TEST(Machine, CountsWhatAnOperationDoes) {
  MachineKit kit;
  std::uint64_t const table = kit.new_table();
  kit.machine.begin_operation();
  kit.machine.load(table);
  kit.machine.store(table, 1);
  kit.machine.exchange(table, 2);
  kit.machine.compare_exchange(table, 0, 3);
  std::uint64_t frame = 0;
  kit.machine.alloc_frames(12, frame);
  kit.machine.dealloc_frames(frame, 12);
  AccessCounts const& counts = kit.machine.counts();
  EXPECT_EQ(counts.loads, 1U);
  EXPECT_EQ(counts.stores, 3U);
  EXPECT_EQ(counts.read_modify_writes, 2U);
  EXPECT_EQ(counts.allocations, 1U);
  EXPECT_EQ(counts.frees, 1U);
}

TEST(Machine, LogsWritesToLinkedTablesAndNoOthers) {
  MachineKit kit;
  kit.machine.begin_operation();
  std::uint64_t const table = kit.new_table();
  kit.machine.store(table, 0x9000 | bits::read_only);
  EXPECT_EQ(kit.machine.writes().count(), 0U);
  kit.machine.store(kit.root, table | bits::table);
  ASSERT_EQ(kit.machine.writes().count(), 1U);
  EXPECT_EQ(kit.machine.writes().list()[0].slot, kit.root);
  EXPECT_EQ(kit.machine.writes().list()[0].now, table | bits::table);
}

// ---- Allocation --------------------------------------------------------------------------------

TEST(Machine, FailsTheAllocationThatWasArmedAndOnlyThat) {
  MachineKit kit;
  std::uint64_t frame = 12345;
  kit.machine.fail_allocation(1);
  kit.machine.begin_operation();
  EXPECT_TRUE(kit.machine.alloc_frames(12, frame));
  std::uint64_t const kept = frame;
  EXPECT_FALSE(kit.machine.alloc_frames(12, frame));
  EXPECT_EQ(frame, kept);
  EXPECT_TRUE(kit.machine.alloc_frames(12, frame));
  EXPECT_EQ(kit.machine.counts().allocations_failed, 1U);
  kit.machine.end_operation();
  kit.machine.begin_operation();
  EXPECT_TRUE(kit.machine.alloc_frames(12, frame));
  EXPECT_TRUE(kit.machine.alloc_frames(12, frame));
}

TEST(Machine, HandsOutAlignedBlocksForLargerTables) {
  MachineKit kit({.frames = 64, .placement = 11, .largest_table_log2 = 14});
  std::uint64_t block = 0;
  ASSERT_TRUE(kit.machine.alloc_frames(14, block));
  EXPECT_EQ(block % 0x4000, 0U);
  kit.machine.store(block + 0x3ff8, 7);
  EXPECT_EQ(kit.machine.load(block + 0x3ff8), 7U);
  kit.machine.set_live_count(block, 5);
  EXPECT_EQ(kit.machine.live_count(block), 5U);
  kit.machine.dealloc_frames(block, 14);
  EXPECT_TRUE(kit.machine.findings().empty());
}

TEST(Machine, ReportsAFrameThatAnOperationLost) {
  MachineKit kit;
  kit.machine.begin_operation();
  std::uint64_t const lost = kit.new_table();
  EXPECT_FALSE(kit.found(FindingKind::leaked_frame));
  kit.machine.end_operation();
  ASSERT_TRUE(kit.found(FindingKind::leaked_frame));
  EXPECT_EQ(kit.machine.findings().list()[0].where, lost);
}

TEST(Machine, ReportsAtTheEndWhateverIsNotFree) {
  MachineKit kit;
  kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.end_operation();
  EXPECT_FALSE(kit.found(FindingKind::leaked_frame));
  kit.machine.end_case();
  EXPECT_TRUE(kit.found(FindingKind::leaked_frame));
}

TEST(Machine, TellsAFreeOfAnAddressInsideAFrameFromAFreeOfTheFrame) {
  MachineKit kit;
  std::uint64_t const table = kit.new_table();
  kit.machine.dealloc_frames(table + 8, 12);
  EXPECT_TRUE(kit.found(FindingKind::foreign_free));
}

// ---- Who owns which table ----------------------------------------------------------------------

TEST(Machine, KnowsEveryTableOfASubtreeOnceItIsLinked) {
  MachineKit kit;
  std::uint64_t const middle = kit.new_table();
  std::uint64_t const low = kit.new_table();
  kit.machine.store(middle + 8 * 5, low | bits::table);
  EXPECT_EQ(kit.machine.frames().in_state(FrameState::handed_out), 2U);
  std::uint64_t const upper = kit.slot(somewhere, 3);
  kit.machine.store(upper, middle | bits::table);
  EXPECT_EQ(kit.machine.frames().in_state(FrameState::handed_out), 0U);
  FrameRecord const& record = kit.machine.frames()[kit.machine.memory().index(low)];
  EXPECT_EQ(record.state, FrameState::table);
  EXPECT_EQ(record.level, 1);
  EXPECT_EQ(record.prefix, somewhere + 5 * large_page);
  EXPECT_EQ(record.spaces, 1U);
}

TEST(Machine, HoldsUnlinkedTablesForTheFlush) {
  MachineKit kit;
  kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(kit.slot(somewhere, 3), 0);
  EXPECT_EQ(kit.machine.frames().in_state(FrameState::awaiting_flush), 2U);
  EXPECT_EQ(kit.machine.frames().in_state(FrameState::table), 2U);
}

TEST(Machine, ReportsATableInTwoPlaces) {
  MachineKit kit;
  std::uint64_t const table = kit.new_table();
  kit.machine.store(kit.slot(somewhere, 2), table | bits::table);
  EXPECT_FALSE(kit.found(FindingKind::linked_twice));
  kit.machine.store(kit.slot(somewhere + large_page, 2), table | bits::table);
  EXPECT_TRUE(kit.found(FindingKind::linked_twice));
}

TEST(Machine, ReportsALinkToAFreeFrameAndToData) {
  MachineKit kit;
  std::uint64_t const gone = kit.new_table();
  kit.machine.dealloc_frames(gone, 12);
  kit.machine.store(kit.root, gone | bits::table);
  EXPECT_TRUE(kit.found(FindingKind::linked_foreign_frame));

  std::size_t data = 0;
  ASSERT_TRUE(kit.machine.frames().reserve_data(data));
  kit.machine.store(kit.root + 8, kit.machine.memory().address(data) | bits::table);
  EXPECT_TRUE(kit.found(FindingKind::linked_data_frame));
}

TEST(Machine, ReportsALinkedTableThatIsFreed) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.dealloc_frames(at & ~(page - 1), 12);
  EXPECT_TRUE(kit.found(FindingKind::freed_while_linked));
}

TEST(Machine, LetsTwoRootsShareATableAtTheSamePlaceOnly) {
  MachineKit kit;
  std::uint64_t const other = kit.new_table();
  int const borrower = kit.machine.add_space(other);
  EXPECT_EQ(borrower, 1);
  kit.map(somewhere, 0x5000 | bits::read_only);
  std::uint64_t const entry = kit.machine.load(kit.root);
  kit.machine.store(other, entry);
  EXPECT_TRUE(kit.machine.findings().empty());
  std::size_t const shared = kit.machine.memory().index(Spec4::table_address(4, entry));
  EXPECT_EQ(kit.machine.frames()[shared].spaces, 3U);
  EXPECT_EQ(kit.machine.frames()[kit.machine.memory().index(kit.slot(somewhere))].spaces, 3U);

  // The borrower's end leaves the tables to the owner.
  kit.machine.retire_space(borrower);
  EXPECT_EQ(kit.machine.frames()[shared].state, FrameState::table);
  EXPECT_EQ(kit.machine.frames()[shared].spaces, 1U);

  kit.machine.store(kit.root + 8, entry);
  EXPECT_TRUE(kit.found(FindingKind::linked_twice));
}

// ---- Hardware ----------------------------------------------------------------------------------

TEST(Hardware, SetsAccessedOnThePathAndDirtyWhereAWriteIsAllowed) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  HardwareHit const read = kit.machine.use({.space = kit.space, .virt = somewhere});
  EXPECT_TRUE(read.found);
  EXPECT_EQ(read.changed, bits::accessed);
  EXPECT_EQ(kit.machine.load(at) & (bits::accessed | bits::dirty), bits::accessed);
  EXPECT_NE(kit.machine.load(kit.slot(somewhere, 4)) & bits::accessed, 0U);

  HardwareHit const write = kit.machine.use({.space = kit.space, .virt = somewhere, .write = true});
  EXPECT_EQ(write.changed, bits::dirty);
  EXPECT_EQ(write.slot, at);
}

TEST(Hardware, SetsNothingWhereTheTablesForbidIt) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  EXPECT_FALSE(kit.machine.use({.space = kit.space, .virt = somewhere, .write = true}).found);
  EXPECT_FALSE(kit.machine.use({.space = kit.space, .virt = somewhere + page}).found);
  EXPECT_EQ(kit.machine.load(at), 0x5000 | bits::read_only);
}

TEST(Hardware, StrikesBeforeTheStoreThatItWasArmedFor) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.arm(
      {.before_store = true, .at = 1, .space = kit.space, .virt = somewhere, .write = true});
  kit.machine.begin_operation();
  std::uint64_t const seen = kit.machine.load(at);
  kit.machine.store(kit.slot(somewhere + page), 0);
  EXPECT_TRUE(kit.machine.hits().empty());
  // Hardware comes between the load and the exchange: a plain comparison must fail.
  EXPECT_NE(kit.machine.compare_exchange(at, seen, 0), seen);
  EXPECT_EQ(kit.machine.hits().size(), 1U);
  EXPECT_EQ(kit.machine.load(at), seen | bits::accessed | bits::dirty);
}

TEST(Hardware, KeepsAnEventForAStoreUntilThereIsOne) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.arm({.at = 0, .space = kit.space, .virt = somewhere});
  kit.machine.arm({.before_store = true, .at = 0, .space = kit.space, .virt = somewhere});
  kit.machine.begin_operation();
  kit.machine.load(at);
  EXPECT_EQ(kit.machine.hits().size(), 1U);
  kit.machine.exchange(at, 0);
  EXPECT_EQ(kit.machine.hits().size(), 2U);
}

TEST(Hardware, StrikesBeforeTheAccessThatItWasArmedForInsideAWholeTablePrimitive) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.arm({.at = 1, .space = kit.space, .virt = somewhere, .write = true});
  kit.machine.begin_operation();
  auto const withdraw_write = [](std::uint64_t e) { return e & ~bits::writable; };
  EXPECT_EQ(kit.machine.rewrite(at, 1, withdraw_write).count, 1U);
  EXPECT_EQ(kit.machine.load(at), 0x5000 | bits::read_only | bits::accessed | bits::dirty);
}

TEST(Hardware, SeesNothingOfATableThatIsStillBeingBuilt) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x200000 | bits::read_write | bits::large, 2);
  std::uint64_t const table = kit.new_table();
  // The second moment is the flush, with the pieces linked and the old leaf perhaps still held.
  kit.machine.arm(
      {.before_store = true, .at = 1, .space = kit.space, .virt = somewhere, .write = true});
  kit.machine.begin_operation();
  kit.machine.fill(table, 512, 0x200000 | bits::read_write, page);
  kit.machine.store(table, 0x200000 | bits::read_write);
  EXPECT_EQ(kit.machine.counts().moments, 0U);
  EXPECT_EQ(kit.machine.exchange(at, table | bits::table),
            0x200000 | bits::read_write | bits::large);
  EXPECT_EQ(kit.machine.counts().moments, 1U);
  EXPECT_TRUE(kit.machine.hits().empty());
  kit.machine.invalidate(with_tables(flush_of(kit.root, somewhere, large_page)));
  ASSERT_EQ(kit.machine.hits().size(), 1U);
  EXPECT_EQ(kit.machine.hits()[0].level, 1);
  EXPECT_EQ(kit.machine.counts().moments, 2U);
  kit.machine.store(table, 0);
  EXPECT_EQ(kit.machine.counts().moments, 3U);
}

TEST(Hardware, RestsWhenItIsDisarmed) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.begin_operation();
  kit.machine.arm({.before_store = true, .at = 0, .space = kit.space, .virt = somewhere});
  kit.machine.disarm_hardware();
  EXPECT_EQ(kit.machine.exchange(at, 0), 0x5000 | bits::read_write);
  EXPECT_TRUE(kit.machine.hits().empty());
}

TEST(Hardware, IsDisarmedWhenTheOperationEnds) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.arm({.at = 100, .space = kit.space, .virt = somewhere});
  kit.machine.begin_operation();
  kit.machine.end_operation();
  kit.machine.begin_operation();
  for (int i = 0; i < 200; ++i) kit.machine.load(at);
  EXPECT_TRUE(kit.machine.hits().empty());
}

TEST(Hardware, StillWalksATableThatWasUnlinkedUntilTheFlush) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.store(kit.slot(somewhere, 2), 0);
  HardwareHit const before =
      kit.machine.use({.space = kit.space, .virt = somewhere, .write = true});
  EXPECT_TRUE(before.unlinked);
  EXPECT_EQ(kit.machine.peek().load(at) & bits::dirty, bits::dirty);
  kit.machine.invalidate(with_tables(flush_of(kit.root, somewhere, large_page)));
  EXPECT_FALSE(kit.machine.use({.space = kit.space, .virt = somewhere}).found);
}

}  // namespace
}  // namespace twinwalk::models
