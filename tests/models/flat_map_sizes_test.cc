// Which sizes the flat map gives to leaves, and how many tables that takes: docs/contract.md,
// "Sizes are contract, not detail".
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/models/flat_map_world.hpp"

namespace twinwalk::models {
namespace {

using enum PagingError;
constexpr auto size_4k = PageSize::Size4K;
constexpr auto size_2m = PageSize::Size2M;
constexpr auto size_1g = PageSize::Size1G;

class FlatMapSizes : public ::testing::Test, public OwnerAndMap<FourLevels> {
 protected:
  Outcome map_region(std::uint64_t va, std::uint64_t pa, std::uint64_t length,
                     PageSize largest = size_1g, std::uint64_t allocations = plenty) {
    return map.map_region(virt(va), phys(pa), length, rw, largest, allocations);
  }
};

// ---- Greedy sizes ----

TEST_F(FlatMapSizes, ARegionTakesTheLargestPagesThatFit) {
  // From Linux, generic_pt's test_mixed: an identity map from 0x3fe400000 to 0x4c0600000.
  ASSERT_TRUE(map_region(0x3fe400000, 0x3fe400000, 0x4c0600000 - 0x3fe400000).ok());
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 14}, {size_1g, 3}, {size_2m, 3}}));
}

TEST_F(FlatMapSizes, PhysicalAlignmentBoundsTheSizeToo) {
  // From Linux, generic_pt's test_pgsize_boundary.
  ASSERT_TRUE(map_region(0xfef80000, 0x208b95d000, 0x20000).ok());
  EXPECT_EQ(runs(map), (LeafRuns{{size_4k, 32}}));
  ASSERT_TRUE(map_region(4 * g1, m2, 2 * g1).ok());
  EXPECT_EQ(runs(map), (LeafRuns{{size_4k, 32}, {size_2m, 1024}}));
}

TEST_F(FlatMapSizes, APageIsNoLargerThanTheRestOfTheLength) {
  ASSERT_TRUE(map_region(0, 0, g1 - k4).ok());
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 511}, {size_4k, 511}}));
}

TEST_F(FlatMapSizes, SizesRiseToTheFirstBoundaryAndFallAfterTheLast) {
  ASSERT_TRUE(map_region(g1 - m2 - k4, g1 - m2 - k4, k4 + m2 + g1 + m2 + k4).ok());
  EXPECT_EQ(runs(map),
            (LeafRuns{{size_4k, 1}, {size_2m, 1}, {size_1g, 1}, {size_2m, 1}, {size_4k, 1}}));
}

TEST_F(FlatMapSizes, ThePolicyBoundsTheSizeAnd4KIsAlwaysAllowed) {
  ASSERT_TRUE(map_region(0, 0, g1, size_2m).ok());
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 512}}));
  ASSERT_TRUE(map_region(g1, g1, g1, size_4k).ok());
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 512}, {size_4k, 512 * 512}}));
}

TEST(FlatMapMachine, WithoutGigabytePagesARegionTakesTwoMegabytes) {
  MachineOptions options;
  options.gigabyte_pages = false;
  OwnerAndMap<FourLevels> spaces(options);
  ASSERT_TRUE(spaces.map.map_region(virt(0), phys(0), g1, r, size_1g, plenty).ok());
  EXPECT_EQ(runs(spaces.map), (LeafRuns{{size_2m, 512}}));
  Outcome const one = spaces.map.map(virt(g1), phys(0), size_1g, r, plenty);
  EXPECT_TRUE(is_refused(one, UnsupportedPageSize, g1));
}

TEST_F(FlatMapSizes, AGigabyteOfSmallPagesIsOneExtent) {
  Outcome const mapped = map_region(g1, 0, g1, size_4k);
  EXPECT_EQ(mapped.frames_needed, 1u + 1u + 512u);
  EXPECT_EQ(map.extents().size(), 1u);
  Outcome const unmapped = map.unmap_region(virt(0), half, 0);
  EXPECT_EQ(unmapped.mapped_bytes, g1);
  EXPECT_EQ(unmapped.frames_freed, 514u);
}

// ---- Splits ----

TEST_F(FlatMapSizes, OnlyTheLeafThatAnEdgeCutsIsSplit) {
  ASSERT_TRUE(map_region(0, 0, 3 * g1).ok());
  Outcome const cut = map.unmap_region(virt(g1 - m2), m2 + g1 + k4, plenty);
  EXPECT_EQ(cut.mapped_bytes, m2 + g1 + k4);
  EXPECT_EQ(cut.frames_needed, 1u + 2u) << "2M pieces at the low edge, 2M and 4K at the high one";
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 511}, {size_4k, 511}, {size_2m, 511}}));
}

TEST_F(FlatMapSizes, WhatBothEdgesCutIsSplitOnce) {
  ASSERT_TRUE(map_region(0, 0, g1).ok());
  EXPECT_EQ(map.unmap_region(virt(5 * m2 + k4), k4, plenty).frames_needed, 2u);
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 5}, {size_4k, 1}, {size_4k, 510}, {size_2m, 506}}));
}

TEST_F(FlatMapSizes, EdgesInTwoPiecesOfOneLeafSplitThreeTimes) {
  ASSERT_TRUE(map_region(0, 0, g1).ok());
  Outcome const cut = map.protect_region(virt(5 * m2 + k4), 3 * m2, r, plenty);
  EXPECT_EQ(cut.frames_needed, 3u);
  EXPECT_EQ(cut.mapped_bytes, 3 * m2);
  // The middle keeps its 2M leaves, and nothing is merged afterwards.
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 5},
                                 {size_4k, 1},
                                 {size_4k, 511},
                                 {size_2m, 2},
                                 {size_4k, 1},
                                 {size_4k, 511},
                                 {size_2m, 503}}));
  EXPECT_EQ(map.protect_region(virt(0), g1, rw, 0).mapped_bytes, g1);
  EXPECT_EQ(map.extents()[1].count, 512u) << "still small";
}

TEST_F(FlatMapSizes, ASplitIsPaidForBeforeAnythingIsWritten) {
  ASSERT_TRUE(map_region(0, 0, g1).ok());
  for (std::uint64_t frames : {0u, 1u}) {
    Outcome const refused = map.unmap_region(virt(k4), g1 - k4, frames);
    EXPECT_TRUE(is_refused(refused, NoMemory, k4));
    EXPECT_EQ(refused.frames_needed, 2u);
    EXPECT_EQ(refused.frames_taken(), 0u);
    EXPECT_EQ(runs(map), (LeafRuns{{size_1g, 1}}));
  }
  EXPECT_TRUE(map.unmap_region(virt(k4), g1 - k4, 2).ok());
}

TEST_F(FlatMapSizes, ALeafWhoseFlagsWouldNotChangeIsLeftWhole) {
  MappingFlags const uncached_device = rw | Flag::DEVICE | Flag::UNCACHED;
  MappingFlags const device = rw | Flag::DEVICE;
  ASSERT_TRUE(map.map(virt(0), phys(0), size_2m, device.with_software(5), plenty).ok());
  // The same after normalise, and software bits are not compared.
  Outcome const same = map.protect_region(virt(k4), k4, uncached_device.with_software(2), 0);
  EXPECT_EQ(same.mapped_bytes, k4);
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 1}}));
  EXPECT_EQ(map.leaf_at(virt(0))->flags, device.with_software(5));
  EXPECT_TRUE(map.protect_region(virt(k4), k4, device | Flag::GLOBAL, 0).refused_with(NoMemory));
}

TEST_F(FlatMapSizes, AnEdgeThatChangesNothingCostsNothingWhileTheOtherDoes) {
  ASSERT_TRUE(map.map(virt(0), phys(0), size_2m, r, plenty).ok());
  ASSERT_TRUE(map.map(virt(m2), phys(0), size_2m, rw, plenty).ok());
  EXPECT_EQ(map.protect_region(virt(k4), 2 * m2 - 2 * k4, r, plenty).frames_needed, 1u);
  EXPECT_EQ(runs(map), (LeafRuns{{size_2m, 1}, {size_4k, 511}, {size_4k, 1}}));
}

TEST_F(FlatMapSizes, PiecesInheritFlagsSoftwareBitsAccessedAndDirty) {
  ASSERT_TRUE(map.map(virt(0), phys(g1), size_1g, rw.with_software(3), plenty).ok());
  ASSERT_TRUE(map.set_hardware_accessed(virt(5)));
  ASSERT_TRUE(map.set_dirty(virt(5)).ok());
  ASSERT_TRUE(map.protect_region(virt(m2 + k4), k4, r, plenty).ok());
  for (std::uint64_t va : {std::uint64_t{0}, m2, m2 + 2 * k4, g1 - k4}) {
    Leaf const leaf = *map.leaf_at(virt(va));
    EXPECT_EQ(leaf.flags, rw.with_software(3));
    EXPECT_EQ(leaf.accessed, 1u);
    EXPECT_EQ(leaf.dirty, 1u);
    EXPECT_EQ(FlatMap<FourLevels>::physical_of(leaf, virt(va)), phys(g1 + va));
  }
  Leaf const changed = *map.leaf_at(virt(m2 + k4));
  EXPECT_EQ(changed.flags, r.with_software(3));
  EXPECT_EQ(changed.dirty, 1u) << "accessed and dirty survive";
}

TEST_F(FlatMapSizes, UnmapTakesTheWholeLeafAndRegionsOnlyTheirRange) {
  ASSERT_TRUE(map.map(virt(m2), phys(4 * m2), size_2m, rw, plenty).ok());
  Outcome const whole = map.unmap(virt(m2 + 12345));
  EXPECT_EQ(whole.leaf, (Leaf{virt(m2), phys(4 * m2), size_2m, rw, 0, 0}));
  EXPECT_EQ(whole.frames_needed, 0u);
  EXPECT_EQ(whole.frames_freed, 2u);
  EXPECT_EQ(map.table_count(), 1u);
}

TEST_F(FlatMapSizes, RemovedLeavesAreReportedAscendingAsThePiecesTheyBecame) {
  ASSERT_TRUE(map_region(0, 0, 2 * m2).ok());
  ASSERT_TRUE(map_region(4 * m2, 0, k4).ok());
  std::vector<Extent> removed;
  Outcome const outcome = map.unmap_region(virt(m2 - 2 * k4), 4 * m2, plenty,
                                           [&](Extent const& e) { removed.push_back(e); });
  ASSERT_EQ(removed.size(), 3u) << "two pieces, one whole leaf, one small page";
  EXPECT_EQ(removed[0].leaf(1), (Leaf{virt(m2 - k4), phys(m2 - k4), size_4k, rw, 0, 0}));
  EXPECT_EQ(removed[1].leaf(0), (Leaf{virt(m2), phys(m2), size_2m, rw, 0, 0}));
  EXPECT_EQ(removed[2].leaf(0), (Leaf{virt(4 * m2), phys(0), size_4k, rw, 0, 0}));
  EXPECT_EQ(outcome.mapped_bytes, 2 * k4 + m2 + k4) << "holes are skipped";
}

// ---- Tables ----

TEST_F(FlatMapSizes, ALeafNeedsTheTablesThatAreNotThereYet) {
  EXPECT_EQ(map.map(virt(0), phys(0), size_4k, r, plenty).frames_needed, 3u);
  EXPECT_EQ(map.map(virt(k4), phys(0), size_4k, r, 0).frames_needed, 0u);
  EXPECT_EQ(map.map(virt(m2), phys(0), size_4k, r, plenty).frames_needed, 1u);
  EXPECT_EQ(map.map(virt(g1), phys(0), size_2m, r, plenty).frames_needed, 1u);
  EXPECT_EQ(map.map(virt(2 * g1), phys(0), size_1g, r, 0).frames_needed, 0u);
  EXPECT_EQ(map.map(virt(high_half), phys(0), size_1g, r, plenty).frames_needed, 1u);
  EXPECT_EQ(map.table_count(), 1u + 3u + 1u + 1u + 1u);
}

TEST_F(FlatMapSizes, MemoryIsDueOnlyWhenATableIsMissing) {
  std::uint64_t const length = 2 * slot - 2 * (g1 - k4);  // from inside one slot into the next
  std::uint64_t const first = g1 - k4;
  std::uint64_t const needed = 2 * 3;  // two slots, two tables for an edge of 4K in each
  for (std::uint64_t frames = 0; frames < needed; ++frames) {
    Outcome const refused = map_region(first, first, length, size_1g, frames);
    EXPECT_TRUE(is_refused(refused, NoMemory, first));
    EXPECT_EQ(refused.frames_needed, needed);
    EXPECT_TRUE(map.extents().empty());
    EXPECT_EQ(map.table_count(), 1u);
  }
  EXPECT_EQ(map_region(first, first, length, size_1g, needed).frames_taken(), needed);
}

TEST_F(FlatMapSizes, NoEmptyTableStays) {
  ASSERT_TRUE(map_region(m2 - k4, 0, 2 * k4).ok());
  ASSERT_EQ(map.table_count(), 1u + 2u + 2u);
  EXPECT_EQ(map.unmap(virt(m2)).frames_freed, 1u);
  EXPECT_EQ(map.unmap(virt(m2 - k4)).frames_freed, 3u);
  EXPECT_EQ(map.table_count(), 1u) << "but for the root";
}

TEST_F(FlatMapSizes, FramesThatACallFreesDoNotPayForIt) {
  ASSERT_TRUE(map.map(virt(0), phys(0), size_4k, r, plenty).ok());
  ASSERT_TRUE(map.map(virt(m2), phys(0), size_2m, r, plenty).ok());
  EXPECT_TRUE(map.unmap_region(virt(0), m2 + k4, 0).refused_with(NoMemory));
  Outcome const outcome = map.unmap_region(virt(0), m2 + k4, 1);
  EXPECT_EQ(outcome.frames_taken(), 1u);
  EXPECT_EQ(outcome.frames_freed, 1u);
}

TEST_F(FlatMapSizes, DestroyFreesEveryTableAndTheRoot) {
  ASSERT_TRUE(map_region(g1 - k4, 0, 2 * k4).ok());
  std::uint64_t const tables = map.table_count();
  EXPECT_EQ(tables, 1u + 1u + 2u + 2u);
  EXPECT_EQ(map.destroy().frames_freed, tables);
  ASSERT_TRUE(map.create({}, 1).ok()) << "a destroyed map may start again";
  EXPECT_TRUE(map.extents().empty());
  EXPECT_EQ(map.table_count(), 1u);
}

TEST(FlatMapLevels, FiveLevelsTakeOneMoreTable) {
  OwnerAndMap<FiveLevels> spaces;
  EXPECT_EQ(spaces.map.map(virt(0), phys(0), size_4k, r, plenty).frames_needed, 4u);
  EXPECT_EQ(spaces.map.map(virt(slot), phys(0), size_4k, r, plenty).frames_needed, 3u);
}

}  // namespace
}  // namespace twinwalk::models
