// What the TLB model says of the ways in which kernels have been wrong. Each test that a flush was
// enough stands beside one in which something of it was forgotten.
#include "models/tlb.hpp"

#include <gtest/gtest.h>

#include "tests/models/machine_kit.hpp"

namespace twinwalk::models {
namespace {

constexpr std::uint64_t somewhere = 0x40000000;
constexpr std::uint64_t kernel = 0xffff800000000000;
constexpr Access read_access{AccessKind::read, false, false};

// ---- What must be flushed ----------------------------------------------------------------------

TEST(Tlb, OwesNothingForNewMappings) {
  MachineKit kit;
  kit.map(somewhere, 0x5000 | bits::read_only);
  kit.map(kernel, 0x6000 | bits::read_only);
  EXPECT_FALSE(kit.stale());
  EXPECT_TRUE(kit.machine.tlb().facts().empty());
}

TEST(Tlb, KeepsARemovedLeafUntilItsRangeIsFlushed) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(at, 0);
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(flush_of(kit.root, somewhere + page, page));
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(flush_of(kit.root, somewhere, page));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, ToleratesWhatAPendingFlushCoversAndNothingBeyond) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  std::uint64_t const other = kit.map(somewhere + 8 * page, 0x6000 | bits::read_only);
  kit.machine.store(at, 0);
  EXPECT_FALSE(kit.stale({flush_of(kit.root, somewhere, page)}));
  kit.machine.store(other, 0);
  EXPECT_TRUE(kit.stale({flush_of(kit.root, somewhere, page)}));
  EXPECT_FALSE(kit.stale(
      {flush_of(kit.root, somewhere, page), flush_of(kit.root, somewhere + 8 * page, page)}));
}

TEST(Tlb, DemandsAFlushWhenARightIsWithdrawn) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.store(at, 0x5000 | bits::read_only);
  EXPECT_TRUE(kit.stale());
}

TEST(Tlb, LetsARightBeGrantedLazilyAndStillDemandsTheFlushLater) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(at, 0x5000 | bits::read_write);
  EXPECT_FALSE(kit.stale());
  EXPECT_EQ(kit.machine.tlb().facts().size(), 1U);
  kit.machine.store(at, 0x7000 | bits::read_write);
  EXPECT_TRUE(kit.stale());
  for (StaleFact const& fact : kit.machine.tlb().facts())
    EXPECT_EQ(fact.effect, StaleEffect::must_invalidate) << "what was lazy is wrong now";
  kit.machine.invalidate(flush_of(kit.root, somewhere, page));
  EXPECT_TRUE(kit.machine.tlb().facts().empty());
}

TEST(Tlb, TakesNothingOfADestroyedSpaceForHarmless) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(at, 0x5000 | bits::read_write);
  EXPECT_FALSE(kit.stale());
  kit.machine.retire_space(kit.space);
  EXPECT_TRUE(kit.stale());
  for (StaleFact const& fact : kit.machine.tlb().facts())
    EXPECT_EQ(fact.effect, StaleEffect::must_invalidate);
}

TEST(Tlb, ForgivesWhatStandsThereAgain) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(at, 0);
  EXPECT_TRUE(kit.stale());
  kit.machine.store(at, 0x5000 | bits::read_only);
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, DemandsAFlushForAnotherAddressATypeAndAClearedDirtyBit) {
  constexpr std::uint64_t first = 0x5000 | bits::read_write | bits::dirty;
  constexpr std::uint64_t cache_disable = 0x10;
  for (std::uint64_t next : {first ^ 0x3000, first | cache_disable, first & ~bits::dirty}) {
    MachineKit kit;
    std::uint64_t const at = kit.map(somewhere, first);
    kit.machine.store(at, next);
    EXPECT_TRUE(kit.stale());
  }
}

TEST(Tlb, PutsUpWithAClearedAccessedBit) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write | bits::accessed);
  kit.machine.store(at, 0x5000 | bits::read_write);
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, TakesAnEntryThatWasNeverAccessedForHeld) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  ASSERT_EQ(kit.machine.load(at) & bits::accessed, 0U);
  kit.machine.store(at, 0);
  EXPECT_TRUE(kit.stale());
}

TEST(Tlb, HoldsNothingOfAMalformedEntry) {
  MachineOptions options;
  options.physical_bits = 40;
  MachineKit kit({.frames = 32, .placement = 1}, options);
  std::uint64_t const at = kit.map(somewhere, (std::uint64_t{1} << 45) | bits::read_only);
  kit.machine.store(at, 0);
  EXPECT_FALSE(kit.stale());
}

// ---- Ranges ------------------------------------------------------------------------------------

TEST(Tlb, KeepsWhatARangeForgotAtEitherEnd) {
  for (std::uint64_t skipped : {0U, 1U, 15U}) {
    MachineKit kit;
    std::uint64_t const at = kit.slot(somewhere);
    kit.machine.fill(at, 16, 0x100000 | bits::read_write, page);
    kit.machine.clear(at, 16, 0, [](std::uint64_t e) { return (e & 1) != 0; });
    EXPECT_EQ(kit.machine.tlb().facts().size(), 1U) << "a run is one fact";
    std::uint64_t const gap = somewhere + skipped * page;
    if (gap != somewhere) kit.machine.invalidate(flush_of(kit.root, somewhere, gap - somewhere));
    std::uint64_t const rest = somewhere + 16 * page - (gap + page);
    if (rest != 0) kit.machine.invalidate(flush_of(kit.root, gap + page, rest));
    auto const left = kit.machine.tlb().stale_beyond({});
    ASSERT_TRUE(left.has_value());
    EXPECT_EQ(left->first, gap);
    EXPECT_EQ(left->count, 1U);
    EXPECT_EQ(left->value, (0x100000 + skipped * page) | bits::read_write);
    kit.machine.invalidate(flush_of(kit.root, gap, page));
    EXPECT_FALSE(kit.stale());
  }
}

TEST(Tlb, KeepsWhatAStrideTooWideStepsOver) {
  MachineKit kit;
  std::uint64_t const at = kit.slot(somewhere);
  kit.machine.fill(at, 16, 0x100000 | bits::read_write, page);
  kit.machine.fill(at, 16, 0, 0);
  kit.machine.invalidate(flush_of(kit.root, somewhere, large_page, PageSize::Size2M));
  auto const left = kit.machine.tlb().stale_beyond({});
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->first, somewhere + page);
  EXPECT_EQ(left->count, 15U);
}

TEST(Tlb, TakesFromARunWhatEachStepOfAWideStrideHits) {
  MachineKit kit;
  for (std::uint64_t va : {somewhere, somewhere + large_page})
    kit.machine.fill(kit.slot(va), 512, (0x1000000 + va) | bits::read_write, page);
  for (std::uint64_t va : {somewhere, somewhere + large_page})
    kit.machine.fill(kit.slot(va), 512, 0, 0);
  ASSERT_EQ(kit.machine.tlb().facts().size(), 1U);
  kit.machine.invalidate(flush_of(kit.root, somewhere, 2 * large_page, PageSize::Size2M));
  std::uint64_t left = 0;
  for (StaleFact const& fact : kit.machine.tlb().facts()) {
    left += fact.count;
    EXPECT_FALSE(fact.contains(somewhere));
    EXPECT_FALSE(fact.contains(somewhere + large_page));
  }
  EXPECT_EQ(left, 1022U);
}

TEST(Tlb, DropsALargePageByAnyAddressInIt) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x200000 | bits::read_write | bits::large, 2);
  kit.machine.store(at, 0);
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(flush_of(kit.root, somewhere + 0x5000, page));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, CoversTheLastPageOfTheAddressSpace) {
  MachineKit kit;
  std::uint64_t const top = 0 - page;
  std::uint64_t const at = kit.map(top, 0x5000 | bits::read_only);
  kit.machine.store(at, 0);
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(flush_of(kit.root, top, page));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, ForgetsAllOfASpaceWhenEverythingIsFlushed) {
  MachineKit kit;
  for (std::uint64_t va : {somewhere, kernel}) {
    std::uint64_t const at = kit.map(va, 0x5000 | bits::read_only);
    kit.machine.store(at, 0);
  }
  FlushScope scope;
  scope.root = kit.root;
  scope.everything = true;
  kit.machine.invalidate(scope);
  EXPECT_FALSE(kit.stale());
}

// ---- Globals, spaces, processors ---------------------------------------------------------------

TEST(Tlb, KeepsAGlobalLeafWhenTheFlushForgetsGlobals) {
  MachineKit kit;
  std::uint64_t const at = kit.map(kernel, 0x5000 | bits::read_write | bits::global);
  kit.machine.store(at, 0);
  kit.machine.invalidate(flush_of(kit.root, kernel, page));
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(with_globals(flush_of(kit.root, kernel, page)));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, ToleratesALeafBecomingGlobalUntilItChangesAgain) {
  MachineKit kit;
  std::uint64_t const at = kit.map(kernel, 0x5000 | bits::read_write);
  kit.machine.store(at, 0x5000 | bits::read_write | bits::global);
  EXPECT_FALSE(kit.stale());
  kit.machine.store(at, 0);
  EXPECT_EQ(kit.machine.tlb().facts().size(), 2U);
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(with_globals(flush_of(kit.root, kernel, page)));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, DemandsAFlushOfGlobalsWhenALeafCeasesToBeGlobal) {
  MachineKit kit;
  std::uint64_t const at = kit.map(kernel, 0x5000 | bits::read_write | bits::global);
  kit.machine.store(at, 0x5000 | bits::read_write);
  kit.machine.invalidate(flush_of(kit.root, kernel, page));
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(with_globals(flush_of(kit.root, kernel, page)));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, KeepsTheBorrowersCopiesOfASharedTable) {
  MachineKit kit;
  std::uint64_t const other = kit.new_table();
  kit.machine.add_space(other);
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.store(other, kit.machine.load(kit.root));
  kit.machine.store(at, 0);
  FlushScope const own = flush_of(kit.root, somewhere, page);
  EXPECT_TRUE(kit.stale({own}));
  kit.machine.invalidate(own);
  EXPECT_TRUE(kit.stale());
  kit.machine.invalidate(for_every_space(own));
  EXPECT_FALSE(kit.stale());
}

TEST(Tlb, LeavesOtherSpacesAloneWhenOneIsFlushed) {
  MachineKit kit;
  std::uint64_t const other = kit.new_table();
  kit.machine.add_space(other);
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_write);
  kit.machine.store(at, 0);
  kit.machine.invalidate(flush_of(other, somewhere, page));
  EXPECT_TRUE(kit.stale());
}

TEST(Tlb, CatchesAFlushOfTheLocalProcessorOnly) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  kit.machine.store(at, 0);
  kit.machine.set_invalidation_reach(1);
  kit.machine.invalidate(flush_of(kit.root, somewhere, page));
  EXPECT_TRUE(kit.stale());
  EXPECT_FALSE(kit.machine.answers(0, kit.space, somewhere, read_access).may_succeed());
  EXPECT_TRUE(kit.machine.answers(1, kit.space, somewhere, read_access).may_succeed());
}

TEST(Tlb, ReportsAFlushForTheRootOfNoSpace) {
  MachineKit kit;
  kit.machine.invalidate(flush_of(kit.root + page, somewhere, page));
  EXPECT_TRUE(kit.found(FindingKind::unknown_root));
}

TEST(Tlb, GivesTheSameFactForTheSameHistory) {
  MachineKit kit;
  std::uint64_t const at = kit.map(somewhere, 0x5000 | bits::read_only);
  for (int i = 0; i < 100; ++i) {
    kit.machine.store(at, 0x5000 | bits::read_write);
    kit.machine.store(at, 0x5000 | bits::read_only);
  }
  EXPECT_LE(kit.machine.tlb().facts().size(), 2U) << "what is held already is not held twice";
}

}  // namespace
}  // namespace twinwalk::models
