// Borrowed and pinned root slots: docs/contract.md, "Sharing".
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/models/flat_map_world.hpp"

namespace twinwalk::models {
namespace {

using enum PagingError;
constexpr auto size_4k = PageSize::Size4K;

class FlatMapSharing : public ::testing::Test, public OwnerAndMap<FourLevels> {};

TEST_F(FlatMapSharing, TheOwnerGetsATableInEverySlotThatHasNone) {
  ASSERT_TRUE(owner.map(virt(slot), phys(0), size_4k, r, plenty).ok());
  EXPECT_TRUE(map.share_root_entries(owner, virt(0), 3 * slot, 1).refused_with(NoMemory));
  EXPECT_EQ(map.share_root_entries(owner, virt(0), 3 * slot, 2).frames_taken(), 2u);
  EXPECT_EQ(owner.table_count(), 1u + 3u + 2u);
  EXPECT_EQ(map.table_count(), 1u) << "borrowed tables are not the borrower's";
  EXPECT_TRUE(owner.pins(virt(2 * slot + 5)));
  EXPECT_FALSE(owner.pins(virt(3 * slot)));
  EXPECT_TRUE(map.borrows(virt(0)));
}

TEST_F(FlatMapSharing, ASecondBorrowerCostsNothing) {
  FlatMap<FourLevels> third;
  ASSERT_TRUE(third.create({}, 1).ok());
  ASSERT_TRUE(map.share_root_entries(owner, virt(0), slot, 1).ok());
  EXPECT_EQ(third.share_root_entries(owner, virt(0), 2 * slot, 1).frames_taken(), 1u);
}

TEST_F(FlatMapSharing, PinnedTablesAreNeverReclaimed) {
  ASSERT_TRUE(map.share_root_entries(owner, virt(0), slot, plenty).ok());
  EXPECT_EQ(owner.map(virt(0), phys(0), size_4k, r, plenty).frames_needed, 2u);
  EXPECT_EQ(owner.unmap(virt(0)).frames_freed, 2u);
  EXPECT_EQ(owner.table_count(), 2u);
  EXPECT_EQ(owner.recount_tables(), 2u);
}

TEST_F(FlatMapSharing, DestroyFreesPinnedTablesWithTheOwnerAndBorrowedOnesNever) {
  ASSERT_TRUE(owner.map(virt(0), phys(0), size_4k, r, plenty).ok());
  ASSERT_TRUE(map.share_root_entries(owner, virt(0), 2 * slot, plenty).ok());
  EXPECT_EQ(map.destroy().frames_freed, 1u);
  EXPECT_EQ(owner.destroy().frames_freed, 1u + 2u + 2u);
}

TEST_F(FlatMapSharing, TheBorrowerSeesWhatTheOwnerMapsLater) {
  ASSERT_TRUE(map.share_root_entries(owner, virt(high_half), half, plenty).ok());
  ASSERT_TRUE(owner.map(virt(0 - k4), phys(k4), size_4k, rw, plenty).ok());
  EXPECT_EQ(map.query(virt(0 - k4 + 5)).leaf, owner.query(virt(0 - k4 + 5)).leaf);
  EXPECT_TRUE(map.unmap(virt(0 - k4 + 5)).refused_with(Borrowed));
  ASSERT_TRUE(owner.unmap(virt(0 - k4 + 5)).ok());
  EXPECT_TRUE(map.query(virt(0 - k4 + 5)).refused_with(NotMapped));
}

TEST_F(FlatMapSharing, WalkMeetsOwnAndBorrowedLeavesInAddressOrder) {
  ASSERT_TRUE(map.share_root_entries(owner, virt(3 * slot), slot, plenty).ok());
  ASSERT_TRUE(map.share_root_entries(owner, virt(slot), slot, plenty).ok());
  std::vector<std::uint64_t> expected;
  for (std::uint64_t k = 0; k < 5; ++k) {
    bool const borrowed = k == 1 || k == 3;
    // Leaves that touch both ends of each slot.
    for (std::uint64_t va : {k * slot, (k + 1) * slot - k4}) {
      ASSERT_TRUE((borrowed ? owner : map).map(virt(va), phys(va), size_4k, r, plenty).ok());
      expected.push_back(va);
    }
  }
  ASSERT_TRUE(owner.map(virt(2 * slot), phys(0), size_4k, r, plenty).ok()) << "not shared";
  std::vector<std::uint64_t> seen;
  auto const see = [&](Extent const& e) {
    for (std::uint64_t k = 0; k < e.count; ++k) seen.push_back(e.leaf(k).virt.value);
    return seen.size() < 7;
  };
  ASSERT_TRUE(map.walk(virt(0), 5 * slot, see).ok());
  expected.resize(7);  // the visitor stopped it there
  EXPECT_EQ(seen, expected);
}

TEST_F(FlatMapSharing, AWalkThatEndsWithTheAddressSpaceInABorrowedSlotEndsThere) {
  ASSERT_TRUE(map.share_root_entries(owner, virt(0 - slot), slot, plenty).ok());
  ASSERT_TRUE(owner.map(virt(0 - k4), phys(0), size_4k, r, plenty).ok());
  ASSERT_TRUE(map.map(virt(0), phys(0), size_4k, r, plenty).ok());
  std::vector<std::uint64_t> seen;
  auto const see = [&](Extent const& e) {
    seen.push_back(e.virt);
    return true;
  };
  ASSERT_TRUE(map.walk(virt(high_half), half, see).ok());
  EXPECT_EQ(seen, std::vector<std::uint64_t>{0 - k4});
}

TEST_F(FlatMapSharing, HardwareSetsBitsInTheOwnersLeaf) {
  ASSERT_TRUE(map.share_root_entries(owner, virt(0), slot, plenty).ok());
  ASSERT_TRUE(owner.map(virt(0), phys(0), size_4k, rw, plenty).ok());
  EXPECT_TRUE(map.set_hardware_accessed(virt(5)));
  EXPECT_TRUE(map.set_hardware_dirty(virt(5)));
  EXPECT_FALSE(map.set_hardware_dirty(virt(k4)));
  EXPECT_EQ(owner.leaf_at(virt(0))->accessed, 1u);
  EXPECT_EQ(owner.leaf_at(virt(0))->dirty, 1u);
}

TEST_F(FlatMapSharing, ABorrowersSlotMustBeAHole) {
  auto const share = [&](FlatMap<FourLevels>& from) {
    return map.share_root_entries(from, virt(0), slot, plenty);
  };
  FlatMap<FourLevels> third;
  ASSERT_TRUE(third.create({}, 1).ok());
  ASSERT_TRUE(map.map(virt(slot - k4), phys(0), size_4k, r, plenty).ok());
  EXPECT_TRUE(is_refused(share(owner), AlreadyMapped, 0));
  ASSERT_TRUE(map.unmap(virt(slot - k4)).ok());
  ASSERT_TRUE(third.share_root_entries(map, virt(0), slot, plenty).ok());
  EXPECT_TRUE(is_refused(share(owner), AlreadyMapped, 0)) << "pinned for the third";
  ASSERT_TRUE(third.destroy().ok());
  ASSERT_TRUE(map.destroy().ok());
  ASSERT_TRUE(map.create({}, 1).ok());
  EXPECT_TRUE(share(owner).ok());
  EXPECT_TRUE(is_refused(share(owner), AlreadyMapped, 0)) << "borrowed already";
}

TEST_F(FlatMapSharing, APinnedTableIsMappedForALeafOfItsSlotsSize) {
  OwnerAndMap<Tiny> tiny;
  std::uint64_t const size = Geometry<Tiny>::slot_bytes;
  auto const slot_page = static_cast<PageSize>(Geometry<Tiny>::slot_shift);
  auto const smaller = static_cast<PageSize>(Geometry<Tiny>::slot_shift - Tiny::index_bits);
  ASSERT_TRUE(tiny.map.share_root_entries(tiny.owner, virt(size), size, plenty).ok());
  EXPECT_TRUE(
      is_refused(tiny.owner.map(virt(size), phys(0), slot_page, r, plenty), AlreadyMapped, size));
  // A region takes the next smaller size there, and slots of their own on either side.
  ASSERT_TRUE(tiny.owner.map_region(virt(0), phys(0), 2 * size, r, slot_page, 0).ok());
  EXPECT_EQ(runs(tiny.owner), (LeafRuns{{slot_page, 1}, {smaller, 4}}));
}

}  // namespace
}  // namespace twinwalk::models
