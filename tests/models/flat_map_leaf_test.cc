// Calls on one leaf, accessed and dirty, and how leaves lie in extents.
#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>

#include "models/specs.hpp"
#include "tests/models/flat_map_world.hpp"

namespace twinwalk::models {
namespace {

using enum PagingError;
constexpr auto size_4k = PageSize::Size4K;
constexpr auto size_2m = PageSize::Size2M;

class FlatMapLeaf : public ::testing::Test, public OwnerAndMap<FourLevels> {
 protected:
  Leaf at(std::uint64_t va) { return *map.leaf_at(virt(va)); }
};

TEST_F(FlatMapLeaf, ALeafReadsBackNormalised) {
  ASSERT_TRUE(map.map(virt(0), phys(0), size_4k, r | Flag::DEVICE | Flag::UNCACHED, plenty).ok());
  EXPECT_EQ(at(0).flags, r | Flag::DEVICE);
}

TEST_F(FlatMapLeaf, QueryTakesAnyAddressInsideThePage) {
  ASSERT_TRUE(map.map(virt(m2), phys(4 * m2), size_2m, rx, plenty).ok());
  Outcome const found = map.query(virt(m2 + 777));
  EXPECT_EQ(found.leaf, (Leaf{virt(m2), phys(4 * m2), size_2m, rx, 0, 0}));
  EXPECT_EQ(FlatMap<FourLevels>::physical_of(*found.leaf, virt(m2 + 777)), phys(4 * m2 + 777));
}

TEST_F(FlatMapLeaf, ProtectKeepsAddressAccessedDirtyAndSoftwareBits) {
  ASSERT_TRUE(map.map(virt(0), phys(k4), size_4k, rw.with_software(6), plenty).ok());
  ASSERT_TRUE(map.set_accessed(virt(0)).ok());
  ASSERT_TRUE(map.set_dirty(virt(0)).ok());
  Outcome const outcome = map.protect(virt(5), rx.with_software(1));
  EXPECT_EQ(outcome.leaf->flags, rw.with_software(6)) << "the leaf as it was";
  EXPECT_EQ(at(0), (Leaf{virt(0), phys(k4), size_4k, rx.with_software(6), 1, 1}));
}

TEST_F(FlatMapLeaf, RemapKeepsOnlySoftwareBits) {
  ASSERT_TRUE(map.map(virt(0), phys(k4), size_4k, rw.with_software(6), plenty).ok());
  ASSERT_TRUE(map.set_accessed(virt(0)).ok());
  ASSERT_TRUE(map.set_dirty(virt(0)).ok());
  Outcome const outcome = map.remap(virt(5), phys(7 * k4), rx.with_software(1));
  EXPECT_EQ(outcome.leaf, (Leaf{virt(0), phys(k4), size_4k, rw.with_software(6), 1, 1}));
  EXPECT_EQ(at(0), (Leaf{virt(0), phys(7 * k4), size_4k, rx.with_software(6), 0, 0}));
}

TEST_F(FlatMapLeaf, AccessedAndDirtyBelongToOneLeafAlone) {
  ASSERT_TRUE(map.map_region(virt(0), phys(0), 8 * k4, rw, size_4k, plenty).ok());
  ASSERT_EQ(map.extents().size(), 1u);
  ASSERT_TRUE(map.set_hardware_accessed(virt(3 * k4 + 5)));
  EXPECT_EQ(map.extents().size(), 3u);
  EXPECT_EQ(at(2 * k4).accessed + at(4 * k4).accessed, 0u);
  EXPECT_EQ(at(3 * k4).accessed, 1u);
  EXPECT_EQ(at(3 * k4).dirty, 0u);
  ASSERT_TRUE(map.set_hardware_dirty(virt(3 * k4)));
  ASSERT_TRUE(map.clear_accessed(virt(3 * k4)).ok());
  EXPECT_EQ(at(3 * k4).dirty, 1u);
  ASSERT_TRUE(map.clear_dirty(virt(3 * k4)).ok());
  EXPECT_EQ(map.extents().size(), 1u) << "equal neighbours are one extent again";
}

TEST_F(FlatMapLeaf, NothingIsPresetWhereHardwareUpdatesBoth) {
  ASSERT_TRUE(map.map(virt(0), phys(0), size_4k, rw, plenty).ok());
  EXPECT_EQ(at(0).accessed + at(0).dirty, 0u);
}

TEST(FlatMapPresets, AccessedByMapAndRemapWhereNoHardwareSetsIt) {
  for (auto updates : {HardwareUpdates::none, HardwareUpdates::accessed}) {
    MachineOptions options;
    options.hardware_updates = updates;
    OwnerAndMap<FourLevels> spaces(options);
    std::uint64_t const preset = updates == HardwareUpdates::none ? 1 : 0;
    ASSERT_TRUE(spaces.map.map(virt(0), phys(0), size_4k, r, plenty).ok());
    EXPECT_EQ(spaces.map.leaf_at(virt(0))->accessed, preset);
    ASSERT_TRUE(spaces.map.clear_accessed(virt(0)).ok());
    ASSERT_TRUE(spaces.map.protect(virt(0), rx).ok());
    EXPECT_EQ(spaces.map.leaf_at(virt(0))->accessed, 0u) << "protect presets none";
    ASSERT_TRUE(spaces.map.remap(virt(0), phys(0), r).ok());
    EXPECT_EQ(spaces.map.leaf_at(virt(0))->accessed, preset);
  }
}

TEST(FlatMapPresets, DirtyByEveryCallThatNewlyGrantsWriteWhereNoHardwareSetsIt) {
  MachineOptions options;
  options.hardware_updates = HardwareUpdates::accessed;
  OwnerAndMap<FourLevels> spaces(options);
  FlatMap<FourLevels>& map = spaces.map;
  auto const dirty = [&] { return map.leaf_at(virt(0))->dirty; };
  ASSERT_TRUE(map.map(virt(0), phys(0), size_4k, r, plenty).ok());
  EXPECT_EQ(dirty(), 0u);
  ASSERT_TRUE(map.protect(virt(0), rw).ok());
  EXPECT_EQ(dirty(), 1u);
  ASSERT_TRUE(map.clear_dirty(virt(0)).ok());
  ASSERT_TRUE(map.protect(virt(0), rw | Flag::EXECUTE).ok());
  EXPECT_EQ(dirty(), 0u) << "WRITE was there before";
  ASSERT_TRUE(map.protect_region(virt(0), k4, r, plenty).ok());
  EXPECT_EQ(dirty(), 0u);
  ASSERT_TRUE(map.protect_region(virt(0), k4, rw, plenty).ok());
  EXPECT_EQ(dirty(), 1u);
  ASSERT_TRUE(map.protect(virt(0), r).ok());
  EXPECT_EQ(dirty(), 1u) << "withdrawing WRITE loses no dirty bit";
  ASSERT_TRUE(map.remap(virt(0), phys(0), r).ok());
  EXPECT_EQ(dirty(), 0u);
  ASSERT_TRUE(map.remap(virt(0), phys(0), rw).ok());
  EXPECT_EQ(dirty(), 1u);
  ASSERT_TRUE(map.map(virt(k4), phys(0), size_4k, rw, plenty).ok());
  EXPECT_EQ(map.leaf_at(virt(k4))->dirty, 1u);
}

TEST_F(FlatMapLeaf, WalkGivesLeavesWholeEvenWhereTheRangeCutsThem) {
  ASSERT_TRUE(map.map_region(virt(0), phys(0), 4 * m2, rw, size_2m, plenty).ok());
  Extent seen;
  auto const see = [&](Extent const& e) {
    seen = e;
    return true;
  };
  ASSERT_TRUE(map.walk(virt(m2 + 5), m2, see).ok());
  EXPECT_EQ(seen.leaf(0), (Leaf{virt(m2), phys(m2), size_2m, rw, 0, 0}));
  EXPECT_EQ(seen.count, 2u);
}

TEST_F(FlatMapLeaf, NeighboursAreOneExtentOnlyWhereThatSaysTheSame) {
  auto const add = [&](std::uint64_t va, std::uint64_t pa, PageSize size, MappingFlags flags) {
    EXPECT_TRUE(map.map(virt(va), phys(pa), size, flags, plenty).ok());
    return map.extents().size();
  };
  EXPECT_EQ(add(m2, m2, size_2m, r), 1u);
  EXPECT_EQ(add(m2 - k4, m2 - k4, size_4k, r), 2u) << "other size";
  EXPECT_EQ(add(2 * m2, 3 * m2, size_2m, r), 3u) << "other frame";
  EXPECT_EQ(add(3 * m2, 4 * m2, size_2m, rw), 4u) << "other rights";
  EXPECT_EQ(add(5 * m2, 6 * m2, size_2m, rw), 5u) << "a hole between";
  EXPECT_EQ(add(4 * m2, 5 * m2, size_2m, rw), 4u) << "the hole filled";
}

TEST(FlatMapSpecs, EverySpecDrivesAFlatMap) {
  AllSpecs::for_each([]<class Spec>(std::type_identity<Spec>) {
    FlatMap<Spec> map;
    ASSERT_TRUE(map.create({}, 1).ok());
    VirtAddr const first(Spec::sign_extend(std::uint64_t{0}));
    for (int level = 0; level < Spec::levels; ++level) {
      auto const size = static_cast<PageSize>(Geometry<Spec>::entry_shift(level));
      Outcome const outcome = map.map(first, phys(0), size, rw | Flag::EXECUTE, plenty);
      EXPECT_EQ(outcome.ok(), Spec::supports(MachineOptions{}, size)) << Spec::name;
      if (!outcome.ok()) continue;
      EXPECT_EQ(outcome.frames_needed, static_cast<std::uint64_t>(Spec::levels - 1 - level));
      EXPECT_EQ(map.unmap(first).frames_freed, outcome.frames_needed);
    }
  });
}

}  // namespace
}  // namespace twinwalk::models
