// Which calls the flat map refuses, why, where, and which reason comes first: docs/contract.md,
// "Errors, and the order in which they are judged".
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/models/flat_map_world.hpp"

namespace twinwalk::models {
namespace {

using enum PagingError;
constexpr auto size_4k = PageSize::Size4K;
constexpr auto size_2m = PageSize::Size2M;
constexpr auto size_1g = PageSize::Size1G;

constexpr std::uint64_t not_canonical = half + 1;
constexpr std::uint64_t shared = high_half;  // the slot that `map` borrows
constexpr std::uint64_t width = std::uint64_t{1} << 46;

MachineOptions machine() {
  MachineOptions options;
  options.physical_bits = 46;
  return options;
}

// Each test takes away one reason after the other and sees the next one.
class FlatMapErrors : public ::testing::Test, public OwnerAndMap<FourLevels> {
 protected:
  FlatMapErrors() : OwnerAndMap(machine()) {
    EXPECT_TRUE(owner.map(virt(shared), phys(0), size_4k, rw, plenty).ok());
    EXPECT_TRUE(map.share_root_entries(owner, virt(shared), slot, plenty).ok());
    EXPECT_TRUE(map.map(virt(0), phys(0), size_4k, rw, plenty).ok());
    EXPECT_TRUE(map.map(virt(m2), phys(0), size_2m, rw, plenty).ok());
  }
};

TEST_F(FlatMapErrors, CreateNeedsOneFrame) {
  FlatMap<FourLevels> fresh;
  EXPECT_TRUE(is_refused(fresh.create(machine(), 0), NoMemory, 0));
  EXPECT_FALSE(fresh.exists());
  EXPECT_EQ(fresh.create(machine(), 1).frames_needed, 1u);
  EXPECT_EQ(fresh.destroy().frames_freed, 1u);
}

TEST_F(FlatMapErrors, MapJudgesInTheOrderOfTheContract) {
  auto const call = [&](std::uint64_t va, std::uint64_t pa, PageSize size, MappingFlags flags) {
    return map.map(virt(va), phys(pa), size, flags, 0);
  };
  auto const size_512g = PageSize::Size512G;
  EXPECT_TRUE(
      is_refused(call(not_canonical, 1, size_512g, nothing), UnsupportedPageSize, not_canonical));
  EXPECT_TRUE(is_refused(call(not_canonical, 1, size_4k, nothing), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(call(shared, width + 1, size_4k, nothing), InvalidAddress, shared));
  EXPECT_TRUE(is_refused(call(shared, 1, size_4k, nothing), NotAligned, shared));
  EXPECT_TRUE(is_refused(call(shared + 1, 0, size_4k, nothing), NotAligned, shared + 1));
  EXPECT_TRUE(is_refused(call(shared, 0, size_4k, nothing), UnrepresentableFlags, shared));
  EXPECT_TRUE(is_refused(call(shared, 0, size_4k, r), Borrowed, shared));
  EXPECT_TRUE(is_refused(call(0, 0, size_4k, r), AlreadyMapped, 0));
  EXPECT_TRUE(is_refused(call(0, 0, size_1g, r), AlreadyMapped, 0));
  EXPECT_TRUE(is_refused(call(m2 + k4, 0, size_4k, r), MappedToHugePage, m2 + k4));
  EXPECT_TRUE(is_refused(call(g1, 0, size_4k, r), NoMemory, g1));
}

TEST_F(FlatMapErrors, MapRegionJudgesInTheOrderOfTheContract) {
  auto const call = [&](std::uint64_t va, std::uint64_t pa, std::uint64_t length,
                        MappingFlags flags) {
    return map.map_region(virt(va), phys(pa), length, flags, size_1g, 0);
  };
  std::uint64_t const before = shared + slot - k4;
  EXPECT_TRUE(is_refused(call(not_canonical, 1, 1, nothing), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(call(before, width - k4, 2 * k4 + 1, nothing), InvalidAddress, before));
  EXPECT_TRUE(is_refused(call(before, 0, k4 + 1, nothing), NotAligned, before));
  EXPECT_TRUE(is_refused(call(before, 1, k4, nothing), NotAligned, before));
  EXPECT_TRUE(is_refused(call(before + 1, 0, k4, nothing), NotAligned, before + 1));
  EXPECT_TRUE(is_refused(call(before, 0, k4, nothing), UnrepresentableFlags, before));
  EXPECT_TRUE(is_refused(call(before, 0, 2 * k4, r), Borrowed, before));
  EXPECT_TRUE(is_refused(call(0, 0, 2 * m2, r), AlreadyMapped, 0));
  EXPECT_TRUE(is_refused(call(k4, 0, 2 * m2, r), MappedToHugePage, m2));
  EXPECT_TRUE(is_refused(call(g1, 0, k4, r), NoMemory, g1));
}

TEST_F(FlatMapErrors, UnmapRegionJudgesInTheOrderOfTheContract) {
  auto const call = [&](std::uint64_t va, std::uint64_t length) {
    return map.unmap_region(virt(va), length, 0);
  };
  EXPECT_TRUE(is_refused(call(not_canonical, 1), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(call(shared, 1), NotAligned, shared));
  EXPECT_TRUE(is_refused(call(shared + 1, k4), NotAligned, shared + 1));
  EXPECT_TRUE(is_refused(call(shared, k4), Borrowed, shared));
  EXPECT_TRUE(is_refused(call(m2, k4), NoMemory, m2));
}

TEST_F(FlatMapErrors, ProtectRegionJudgesInTheOrderOfTheContract) {
  auto const call = [&](std::uint64_t va, std::uint64_t length, MappingFlags flags) {
    return map.protect_region(virt(va), length, flags, 0);
  };
  EXPECT_TRUE(is_refused(call(not_canonical, 1, nothing), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(call(shared, 1, nothing), NotAligned, shared));
  EXPECT_TRUE(is_refused(call(shared + 1, k4, nothing), NotAligned, shared + 1));
  EXPECT_TRUE(is_refused(call(shared, k4, nothing), UnrepresentableFlags, shared));
  EXPECT_TRUE(is_refused(call(shared, k4, r), Borrowed, shared));
  EXPECT_TRUE(is_refused(call(m2, k4, r), NoMemory, m2));
}

TEST_F(FlatMapErrors, ProtectJudgesInTheOrderOfTheContract) {
  EXPECT_TRUE(is_refused(map.protect(virt(not_canonical), nothing), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(map.protect(virt(shared + 5), nothing), UnrepresentableFlags, shared + 5));
  EXPECT_TRUE(is_refused(map.protect(virt(shared + 5), r), Borrowed, shared + 5));
  EXPECT_TRUE(is_refused(map.protect(virt(g1 + 5), r), NotMapped, g1 + 5));
}

TEST_F(FlatMapErrors, RemapJudgesWhatTheLeafSizeDecidesAfterNotMapped) {
  auto const call = [&](std::uint64_t va, std::uint64_t pa, MappingFlags flags) {
    return map.remap(virt(va), phys(pa), flags);
  };
  EXPECT_TRUE(is_refused(call(not_canonical, 1, nothing), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(call(shared, width + 1, nothing), InvalidAddress, shared));
  EXPECT_TRUE(is_refused(call(shared, 1, nothing), NotAligned, shared));
  EXPECT_TRUE(is_refused(call(shared, k4, nothing), UnrepresentableFlags, shared));
  EXPECT_TRUE(is_refused(call(shared, k4, r), Borrowed, shared));
  EXPECT_TRUE(is_refused(call(g1, width - k4, r), NotMapped, g1));
  EXPECT_TRUE(is_refused(call(m2 + 5, width - k4, r), InvalidAddress, m2 + 5));
  EXPECT_TRUE(is_refused(call(m2 + 5, k4, r), NotAligned, m2 + 5));
  EXPECT_TRUE(call(m2 + 5, width - m2, r).ok());
}

TEST_F(FlatMapErrors, CallsOnOneLeafJudgeInTheOrderOfTheContract) {
  using Call = Outcome (FlatMap<FourLevels>::*)(VirtAddr);
  for (Call call :
       {Call{&FlatMap<FourLevels>::unmap}, Call{&FlatMap<FourLevels>::clear_accessed},
        Call{&FlatMap<FourLevels>::clear_dirty}, Call{&FlatMap<FourLevels>::set_accessed},
        Call{&FlatMap<FourLevels>::set_dirty}}) {
    EXPECT_TRUE(is_refused((map.*call)(virt(not_canonical)), InvalidAddress, not_canonical));
    EXPECT_TRUE(is_refused((map.*call)(virt(shared + 5)), Borrowed, shared + 5));
    EXPECT_TRUE(is_refused((map.*call)(virt(shared + k4)), Borrowed, shared + k4));
    EXPECT_TRUE(is_refused((map.*call)(virt(g1 + 5)), NotMapped, g1 + 5));
    EXPECT_TRUE((map.*call)(virt(m2 + 5)).ok());
    map.map(virt(m2), phys(0), size_2m, r, plenty);  // unmap took it away
  }
}

TEST_F(FlatMapErrors, QueryAndWalkRefuseOnlyAddresses) {
  EXPECT_TRUE(is_refused(map.query(virt(not_canonical)), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(map.query(virt(g1 + 5)), NotMapped, g1 + 5));
  EXPECT_TRUE(is_refused(map.query(virt(shared + k4)), NotMapped, shared + k4));
  auto const never = [](Extent const&) { return false; };
  EXPECT_TRUE(is_refused(map.walk(virt(not_canonical), 1, never), InvalidAddress, not_canonical));
  EXPECT_TRUE(map.walk(virt(shared + 1), 1, never).ok());
}

TEST_F(FlatMapErrors, ShareJudgesInTheOrderOfTheContract) {
  FlatMap<FourLevels> third;
  ASSERT_TRUE(third.create(machine(), 1).ok());
  auto const call = [&](FlatMap<FourLevels>& from, std::uint64_t va, std::uint64_t length) {
    return third.share_root_entries(from, virt(va), length, 0);
  };
  ASSERT_TRUE(third.map(virt(high_half + slot), phys(0), size_4k, r, plenty).ok());
  EXPECT_TRUE(is_refused(call(map, not_canonical, 1), InvalidAddress, not_canonical));
  EXPECT_TRUE(is_refused(call(map, shared, 1), NotAligned, shared));
  EXPECT_TRUE(is_refused(call(map, shared + k4, slot), NotAligned, shared + k4));
  EXPECT_TRUE(is_refused(call(map, shared, 2 * slot), Borrowed, shared));
  EXPECT_TRUE(is_refused(call(owner, shared, 2 * slot), AlreadyMapped, shared + slot));
  EXPECT_TRUE(is_refused(call(owner, shared + 2 * slot, slot), NoMemory, shared + 2 * slot));
  EXPECT_TRUE(call(owner, shared, slot).ok()) << "the table was there already";
}

TEST_F(FlatMapErrors, ShareFindsTheOwnersSlotSizedLeaf) {
  OwnerAndMap<Tiny> tiny;
  std::uint64_t const size = Geometry<Tiny>::slot_bytes;
  auto const slot_page = static_cast<PageSize>(Geometry<Tiny>::slot_shift);
  ASSERT_TRUE(tiny.owner.map(virt(size), phys(0), slot_page, r, plenty).ok());
  ASSERT_TRUE(tiny.map.map(virt(size), phys(0), size_4k, r, plenty).ok());
  auto const call = [&] { return tiny.map.share_root_entries(tiny.owner, virt(0), 2 * size, 0); };
  EXPECT_TRUE(is_refused(call(), AlreadyMapped, size)) << "judged before the owner's slot";
  ASSERT_TRUE(tiny.map.unmap(virt(size)).ok());
  EXPECT_TRUE(is_refused(call(), MappedToHugePage, size)) << "judged before memory";
}

TEST_F(FlatMapErrors, LengthZeroSucceedsBeforeAnythingIsJudged) {
  auto const va = virt(not_canonical);
  EXPECT_EQ(map.map_region(va, phys(~std::uint64_t{0}), 0, nothing, size_1g, 0), Outcome{});
  EXPECT_EQ(map.unmap_region(va, 0, 0), Outcome{});
  EXPECT_EQ(map.protect_region(va, 0, nothing, 0), Outcome{});
  EXPECT_EQ(map.walk(va, 0, [](Extent const&) { return true; }), Outcome{});
  EXPECT_EQ(map.share_root_entries(owner, va, 0, 0), Outcome{});
}

TEST_F(FlatMapErrors, ARegionKeepsToOneHalf) {
  auto const call = [&](std::uint64_t va, std::uint64_t length) {
    return map.unmap_region(virt(va), length, plenty);
  };
  EXPECT_TRUE(call(half - k4, k4).ok());
  EXPECT_TRUE(is_refused(call(half - k4, 2 * k4), InvalidAddress, half - k4));
  EXPECT_TRUE(is_refused(call(high_half - k4, 2 * k4), InvalidAddress, high_half - k4));
  EXPECT_TRUE(is_refused(call(0, high_half + k4), InvalidAddress, 0)) << "over the hole";
  EXPECT_TRUE(call(0 - k4, k4).ok()) << "the last page of the address space";
  EXPECT_TRUE(is_refused(call(0 - k4, 2 * k4), InvalidAddress, 0 - k4)) << "wraps";
  EXPECT_TRUE(is_refused(call(k4, ~std::uint64_t{0}), InvalidAddress, k4)) << "wraps to itself";
  EXPECT_TRUE(call(0, half).ok()) << "a whole half";
}

TEST_F(FlatMapErrors, AMapAtEitherEndOfAHalfIsLegal) {
  for (std::uint64_t va : {half - k4, 0 - k4, high_half + slot}) {
    EXPECT_TRUE(map.map(virt(va), phys(width - k4), size_4k, r, plenty).ok()) << std::hex << va;
    EXPECT_EQ(map.unmap(virt(va + k4 - 1)).leaf->virt, virt(va));
  }
  EXPECT_TRUE(is_refused(map.map(virt(g1), phys(width), size_4k, r, plenty), InvalidAddress, g1));
}

TEST_F(FlatMapErrors, ARegionNamesItsLowestPlannedPageThatCollides) {
  // Planned from m2 - k4: one 4K page, then 2M pages.
  ASSERT_TRUE(map.map(virt(3 * m2 + 5 * k4), phys(0), size_4k, r, plenty).ok());
  ASSERT_TRUE(map.unmap(virt(m2)).ok());
  auto const call = [&](PageSize largest) {
    return map.map_region(virt(m2 - k4), phys(m2 - k4), 4 * m2, r, largest, plenty);
  };
  EXPECT_TRUE(is_refused(call(size_2m), AlreadyMapped, 3 * m2));
  EXPECT_TRUE(is_refused(call(size_4k), AlreadyMapped, 3 * m2 + 5 * k4));
  ASSERT_TRUE(map.map(virt(2 * m2), phys(0), size_2m, r, plenty).ok());
  EXPECT_TRUE(is_refused(call(size_2m), AlreadyMapped, 2 * m2));
  EXPECT_TRUE(is_refused(call(size_4k), MappedToHugePage, 2 * m2));
}

TEST_F(FlatMapErrors, BorrowedNamesTheLowestBorrowedAddressOfTheRange) {
  ASSERT_TRUE(map.share_root_entries(owner, virt(3 * slot), slot, plenty).ok());
  auto const call = [&](std::uint64_t va, std::uint64_t length) {
    return map.unmap_region(virt(va), length, plenty);
  };
  EXPECT_TRUE(is_refused(call(slot + k4, 4 * slot), Borrowed, 3 * slot));
  EXPECT_TRUE(is_refused(call(3 * slot + k4, 4 * slot), Borrowed, 3 * slot + k4));
  EXPECT_TRUE(call(4 * slot, slot).ok());
  EXPECT_TRUE(call(2 * slot, slot).ok());
}

TEST_F(FlatMapErrors, SoftwareBitsOfProtectAndRemapAreNotLookedAt) {
  MappingFlags const too_many = r.with_software(MappingFlags::software_mask);
  EXPECT_TRUE(
      is_refused(map.map(virt(g1), phys(0), size_4k, too_many, plenty), UnrepresentableFlags, g1));
  EXPECT_TRUE(map.protect(virt(0), too_many).ok());
  EXPECT_TRUE(map.protect_region(virt(0), k4, too_many, plenty).ok());
  EXPECT_TRUE(map.remap(virt(0), phys(0), too_many).ok());
  EXPECT_EQ(map.leaf_at(virt(0))->flags, r);
}

}  // namespace
}  // namespace twinwalk::models
