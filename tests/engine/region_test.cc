// The operations on a range: exactly that range, the greediest sizes, and splits where an edge
// cuts.
#include <algorithm>
#include <vector>

#include "fixture.hpp"

namespace twinwalk::test {
namespace {

template <class F>
class Region : public TableOf<F> {
 protected:
  std::vector<Leaf> leaves(std::uint64_t va, std::uint64_t length) {
    std::vector<Leaf> found;
    auto const walked = this->table->walk(VirtAddr(va), length, [&](Leaf const& leaf) {
      found.push_back(leaf);
      return true;
    });
    EXPECT_TRUE(bool(walked));
    return found;
  }
  std::vector<PageSize> sizes(std::uint64_t va, std::uint64_t length) {
    std::vector<PageSize> result;
    for (Leaf const& leaf : this->leaves(va, length)) result.push_back(leaf.size);
    return result;
  }
  void map_region(std::uint64_t va, std::uint64_t pa, std::uint64_t length,
                  PageSize policy = PageSize::Size1G) {
    auto mapped = this->table->map_region(VirtAddr(va), PhysAddr(pa), length, read_write, policy);
    ASSERT_TRUE(bool(mapped)) << static_cast<int>(mapped.error());
    mapped->carry_out();
  }
  // What the call was refused with, memory being left alone.
  template <class Call>
  PagingError refused(Call call) {
    auto const before = this->arena.frames();
    this->arena.forget();
    auto const result = call();
    EXPECT_TRUE(before == this->arena.frames()) << "a refused call changed memory";
    EXPECT_EQ(this->arena.count(Arena::Kind::write), 0);
    return result.error();
  }
  PagingError map_refused(std::uint64_t va, std::uint64_t pa, std::uint64_t length,
                          MappingFlags flags = read_write) {
    return refused(
        [&] { return this->table->map_region(VirtAddr(va), PhysAddr(pa), length, flags); });
  }
  std::uint64_t unmap_region(std::uint64_t va, std::uint64_t length) {
    auto done = this->table->unmap_region(VirtAddr(va), length);
    EXPECT_TRUE(bool(done));
    done->plan.carry_out();
    return done->mapped_bytes;
  }
};
TYPED_TEST_SUITE(Region, EveryFormat);

// ---- Map ----

TYPED_TEST(Region, EachPageIsTheLargestThatAlignmentAndTheRestAllow) {
  // 4K up to 2M, 2M up to 1G, one of 1G, and down again.
  std::uint64_t const first = GiB1 - MiB2 - KiB4;
  std::uint64_t const length = KiB4 + MiB2 + GiB1 + MiB2 + KiB4;
  this->map_region(first, first, length);
  using enum PageSize;
  EXPECT_EQ(this->sizes(first, length), (std::vector{Size4K, Size2M, Size1G, Size2M, Size4K}));
}

TYPED_TEST(Region, PhysicalAlignmentCountsAsMuchAsVirtual) {
  this->map_region(GiB1, MiB2, GiB1);
  EXPECT_EQ(this->sizes(GiB1, GiB1), std::vector(512, PageSize::Size2M));
  this->map_region(2 * GiB1, KiB4, MiB2);
  EXPECT_EQ(this->sizes(2 * GiB1, MiB2), std::vector(512, PageSize::Size4K));
}

TYPED_TEST(Region, ThePolicyAndTheMachineLimitTheSizes) {
  this->map_region(0, 0, GiB1, PageSize::Size2M);
  EXPECT_EQ(this->sizes(0, GiB1), std::vector(512, PageSize::Size2M));
  this->map_region(GiB1, 0, MiB2, PageSize::Size4K);
  EXPECT_EQ(this->sizes(GiB1, MiB2), std::vector(512, PageSize::Size4K));
  MachineOptions machine;
  machine.gigabyte_pages = false;
  this->start(machine);
  this->map_region(0, 0, GiB1);
  EXPECT_EQ(this->sizes(0, GiB1), std::vector(512, PageSize::Size2M));
}

TYPED_TEST(Region, TheExactTablesArePaidForWhateverTheRange) {
  std::uint64_t const points[] = {0,           KiB4,        MiB2 - KiB4, MiB2,
                                  MiB2 + KiB4, 4 * MiB2,    GiB1 - KiB4, GiB1 - MiB2,
                                  GiB1,        GiB1 + KiB4, GiB1 + MiB2, 2 * GiB1 + MiB2};
  for (PageSize const policy : {PageSize::Size4K, PageSize::Size2M, PageSize::Size1G}) {
    for (std::uint64_t const first : points) {
      for (std::uint64_t const last : points) {
        if (last <= first || (policy == PageSize::Size4K && last - first > 8 * MiB2)) continue;
        this->map_region(first, first, last - first, policy);  // asserts that none is left over
        EXPECT_EQ(this->unmap_region(first, last - first), last - first);
        EXPECT_EQ(this->frame_count(), 1);
      }
    }
  }
}

TYPED_TEST(Region, ARangeMayCrossRootSlotsAndTablesThatAreThereAlready) {
  std::uint64_t const edge = 3 * (std::uint64_t{1} << (12 + 9 * (this->levels - 1)));
  this->map4K(edge - 4 * KiB4, 0);
  this->map4K(edge + 4 * KiB4, 0);
  this->arena.forget();
  this->map_region(edge - 3 * KiB4, 0x7000, 6 * KiB4);
  EXPECT_EQ(this->arena.count(Arena::Kind::alloc), 0);
  EXPECT_EQ(this->seen(edge - 1).phys, 0x9fffu);
  EXPECT_EQ(this->seen(edge).phys, 0xa000u);
  EXPECT_EQ(this->map_refused(edge - 3 * KiB4, 0, 8 * KiB4), PagingError::AlreadyMapped);
  auto done = this->table->protect_region(VirtAddr(edge - KiB4), 2 * KiB4, read_only);
  ASSERT_TRUE(bool(done));
  EXPECT_EQ(done->mapped_bytes, 2 * KiB4);
  done->plan.carry_out();
  EXPECT_EQ(this->leaves(edge - 4 * KiB4, 9 * KiB4).size(), 8u);
  EXPECT_EQ(this->unmap_region(edge - MiB2, 2 * MiB2), 8 * KiB4);
  EXPECT_EQ(this->frame_count(), 1);
}

TYPED_TEST(Region, TheLastPagesOfBothHalvesAreLegal) {
  this->map_region(this->low_last + 1 - 2 * KiB4, 0, 2 * KiB4);
  this->map_region(0 - MiB2 - KiB4, 0x7fe000, MiB2 + KiB4);
  EXPECT_EQ(this->seen(this->low_last).phys, 2 * KiB4 - 1);
  EXPECT_EQ(this->seen(~0ull).phys, 0x7fe000 + MiB2 + KiB4 - 1);
  EXPECT_EQ(this->unmap_region(0 - MiB2, MiB2), MiB2);
  EXPECT_EQ(this->leaves(this->high_first, 0 - this->high_first).size(), 1u);
  EXPECT_EQ(this->leaves(0 - MiB2 - KiB4, KiB4).front().virt, VirtAddr(0 - MiB2 - KiB4));
}

TYPED_TEST(Region, ARegionOverMappedPagesIsRefusedAtItsLowestConflictAndLeavesNothing) {
  this->map4K(MiB2 + 7 * KiB4, 0);
  this->map2M(4 * MiB2, 0);
  auto const failure = [&](std::uint64_t va, std::uint64_t pa, std::uint64_t length) {
    return this->table->map_region(VirtAddr(va), PhysAddr(pa), length, read_write).failure();
  };
  // Page by page, and as the one large page that would be due.
  EXPECT_EQ(failure(KiB4, 0, 3 * MiB2).where, VirtAddr(MiB2 + 7 * KiB4));
  EXPECT_EQ(failure(0, 0, 3 * MiB2).where, VirtAddr(MiB2));
  EXPECT_EQ(failure(0, 0, 3 * MiB2).error, PagingError::AlreadyMapped);
  EXPECT_EQ(failure(3 * MiB2, KiB4, 2 * MiB2).error, PagingError::MappedToHugePage);
  EXPECT_EQ(failure(3 * MiB2, KiB4, 2 * MiB2).where, VirtAddr(4 * MiB2));
  EXPECT_EQ(failure(3 * MiB2, 0, 2 * MiB2).error, PagingError::AlreadyMapped);
  EXPECT_EQ(this->map_refused(0, 0, 8 * MiB2), PagingError::AlreadyMapped);
}

TYPED_TEST(Region, RefusalsComeInTheOrderOfTheContractAndLengthZeroComesFirst) {
  MachineOptions machine;
  machine.physical_bits = 36;
  this->start(machine);
  std::uint64_t const hole = this->low_last + 1;
  std::uint64_t const end = std::uint64_t{1} << 36;
  MappingFlags const bad = Flag::WRITE;
  EXPECT_TRUE(settled(this->table->map_region(VirtAddr(hole + 1), PhysAddr(1), 0, bad)));
  EXPECT_TRUE(settled(this->table->unmap_region(VirtAddr(hole + 1), 0)));
  EXPECT_TRUE(settled(this->table->protect_region(VirtAddr(hole + 1), 0, bad)));
  EXPECT_TRUE(bool(this->table->walk(VirtAddr(hole + 1), 0, [](Leaf const&) { return true; })));

  EXPECT_EQ(this->map_refused(hole - KiB4, 1, 2 * KiB4, bad), PagingError::InvalidAddress);
  EXPECT_EQ(this->map_refused(0 - KiB4, 1, 2 * KiB4, bad), PagingError::InvalidAddress) << "wraps";
  EXPECT_EQ(this->map_refused(0, 0, ~0ull, bad), PagingError::InvalidAddress);
  EXPECT_EQ(this->map_refused(this->high_first, 0, ~0ull << 12, bad), PagingError::InvalidAddress);
  EXPECT_EQ(this->map_refused(1, end - KiB4, 2 * KiB4, bad), PagingError::InvalidAddress);
  EXPECT_EQ(this->map_refused(1, 0, KiB4, bad), PagingError::NotAligned);
  EXPECT_EQ(this->map_refused(0, 1, KiB4, bad), PagingError::NotAligned);
  EXPECT_EQ(this->map_refused(0, 0, KiB4 + 1, bad), PagingError::NotAligned);
  this->map4K(0, 0);
  EXPECT_EQ(this->map_refused(0, 0, KiB4, bad), PagingError::UnrepresentableFlags);
  this->arena.allocations_left = 0;
  EXPECT_EQ(this->map_refused(0, 0, KiB4), PagingError::AlreadyMapped);
  EXPECT_EQ(this->map_refused(MiB2, 0, KiB4), PagingError::NoMemory);
  for (std::uint64_t const length : {std::uint64_t{1} << 63, 0 - KiB4}) {
    EXPECT_EQ(this->map_refused(0, 0, length), PagingError::InvalidAddress);
  }

  auto const unmap_refused = [&](std::uint64_t va, std::uint64_t length) {
    return this->refused([&] { return this->table->unmap_region(VirtAddr(va), length); });
  };
  EXPECT_EQ(unmap_refused(hole - KiB4 + 1, 2 * KiB4), PagingError::InvalidAddress);
  EXPECT_EQ(unmap_refused(1, KiB4), PagingError::NotAligned);
  EXPECT_EQ(unmap_refused(0, 1), PagingError::NotAligned);
  auto const protect_refused = [&](std::uint64_t va, std::uint64_t length, MappingFlags flags) {
    return this->refused([&] { return this->table->protect_region(VirtAddr(va), length, flags); });
  };
  EXPECT_EQ(protect_refused(hole - KiB4 + 1, 2 * KiB4, bad), PagingError::InvalidAddress);
  EXPECT_EQ(protect_refused(1, KiB4, bad), PagingError::NotAligned);
  EXPECT_EQ(protect_refused(0, KiB4, bad), PagingError::UnrepresentableFlags);
  auto const walk = this->table->walk(VirtAddr(hole), 1, [](Leaf const&) { return true; });
  EXPECT_EQ(walk.error(), PagingError::InvalidAddress);

  // A split that cannot be paid for.
  this->arena.allocations_left = 1 << 30;
  this->map2M(2 * MiB2, 0);
  this->arena.allocations_left = 0;
  EXPECT_EQ(unmap_refused(2 * MiB2, KiB4), PagingError::NoMemory);
  EXPECT_EQ(protect_refused(2 * MiB2, KiB4, read_only), PagingError::NoMemory);
}

// ---- Unmap and protect ----

TYPED_TEST(Region, HolesAreSkippedAndTheMappedBytesAreReported) {
  this->map4K(KiB4, 0);
  this->map2M(2 * MiB2, 0);
  this->map1G(GiB1, 0);
  auto done = this->table->protect_region(VirtAddr(0), 4 * GiB1, read_only);
  ASSERT_TRUE(bool(done));
  EXPECT_EQ(done->mapped_bytes, KiB4 + MiB2 + GiB1);
  done->plan.carry_out();
  EXPECT_EQ(this->unmap_region(0, 4 * GiB1), KiB4 + MiB2 + GiB1);
  EXPECT_EQ(this->frame_count(), 1);
  EXPECT_EQ(this->unmap_region(0, 4 * GiB1), 0u);
}

TYPED_TEST(Region, OnlyTheLeafThatAnEdgeCutsIsSplitAndOnlyAsFarAsNeeded) {
  this->map1G(GiB1, 4 * GiB1, all_rights);
  this->set_in_leaf(GiB1, accessed_bit | dirty_bit);
  EXPECT_EQ(this->unmap_region(GiB1 + MiB2, MiB2), MiB2);
  auto const pieces = this->leaves(GiB1, GiB1);
  ASSERT_EQ(pieces.size(), 511u);
  for (Leaf const& piece : pieces) {
    EXPECT_EQ(piece.size, PageSize::Size2M);
    EXPECT_EQ(piece.phys.value - piece.virt.value, 3 * GiB1);
    EXPECT_EQ(piece.flags, all_rights);
    EXPECT_EQ(piece.accessed + piece.dirty, 2u) << "pieces inherit accessed and dirty";
  }
  EXPECT_EQ(this->seen(GiB1 + MiB2).level, 0);
  // An edge in the hole cuts nothing; the other cuts one piece of 2M.
  EXPECT_EQ(this->unmap_region(GiB1 + 2 * MiB2 - KiB4, 2 * KiB4), KiB4);
  EXPECT_EQ(this->seen(GiB1 + 2 * MiB2 + KiB4).phys, 4 * GiB1 + 2 * MiB2 + KiB4);
  EXPECT_EQ(this->leaves(GiB1, GiB1).size(), 510u + 511u);
}

TYPED_TEST(Region, BothEdgesInOneGigabytePageShareTheTablesThatBothCut) {
  this->map1G(0, 0);
  int const before = this->frame_count();
  // Both edges in one 2M page: one directory and one leaf table.
  EXPECT_EQ(this->unmap_region(KiB4, KiB4), KiB4);
  EXPECT_EQ(this->frame_count(), before + 2);
  // Edges in two 2M pages that exist already: a leaf table each.
  EXPECT_EQ(this->unmap_region(3 * MiB2 - KiB4, MiB2 + 2 * KiB4), MiB2 + 2 * KiB4);
  EXPECT_EQ(this->frame_count(), before + 4);
  EXPECT_EQ(this->unmap_region(0, GiB1), GiB1 - 3 * KiB4 - MiB2);
  EXPECT_EQ(this->frame_count(), 1);
}

TYPED_TEST(Region, ASplitKeepsPatWhereItBelongsInPiecesOfEachSize) {
  MappingFlags const flags = MappingFlags(read_write).with_memory_type(6);
  this->map1G(0, GiB1, flags);
  EXPECT_EQ(this->unmap_region(0, KiB4), KiB4);
  EXPECT_EQ(this->table->query(VirtAddr(KiB4))->flags, flags);
  EXPECT_EQ(this->table->query(VirtAddr(KiB4))->size, PageSize::Size4K);
  EXPECT_EQ(this->table->query(VirtAddr(MiB2))->flags, flags);
  EXPECT_EQ(this->table->query(VirtAddr(MiB2))->phys, PhysAddr(GiB1 + MiB2));
  EXPECT_EQ(this->seen(KiB4).entry & 0xfff, 0x93u);     // PAT is bit 7 here
  EXPECT_EQ(this->seen(MiB2).entry & 0x1fff, 0x1093u);  // and bit 12 there
}

TYPED_TEST(Region, ASplitIsFlushedBeforeAnythingElseChangesAndShowsTheSameTranslations) {
  this->map2M(0, 6 * MiB2, read_write);
  this->arena.forget();
  int flushes = 0;
  this->arena.on_invalidate = [&](FlushScope const& scope) {
    if (++flushes > 1) return;
    // Every byte still translates as before, with the old rights.
    for (std::uint64_t va = 0; va < MiB2; va += KiB4) {
      EXPECT_EQ(this->seen(va).phys, 6 * MiB2 + va);
      EXPECT_EQ(this->seen(va).level, 1);
      EXPECT_TRUE(this->seen(va).entry & 2);
    }
    EXPECT_TRUE(scope.table_changed);
    EXPECT_FALSE(scope.everything || scope.every_space || scope.global);
    ASSERT_EQ(scope.range_count, 1);
    EXPECT_EQ(scope.ranges[0].first, 0u);
    EXPECT_EQ(scope.ranges[0].last, MiB2 - 1);
    EXPECT_EQ(scope.ranges[0].stride, PageSize::Size4K) << "fragments may be cached";
  };
  auto done = this->table->protect_region(VirtAddr(KiB4), KiB4, read_only);
  ASSERT_TRUE(bool(done));
  EXPECT_TRUE(done->plan.scope().table_changed) << "the call's own plan says it too";
  done->plan.carry_out();
  EXPECT_EQ(flushes, 2) << "the split's, then the call's";
  EXPECT_FALSE(this->seen(KiB4).entry & 2);
  EXPECT_TRUE(this->seen(0).entry & 2);
  this->arena.on_invalidate = nullptr;
}

TYPED_TEST(Region, UnmappingPartOfALargePageSaysThatATableChanged) {
  this->map2M(0, 0);
  auto done = this->table->unmap_region(VirtAddr(KiB4), KiB4);
  ASSERT_TRUE(bool(done));
  EXPECT_TRUE(done->plan.scope().table_changed);
  done->plan.carry_out();
}

TYPED_TEST(Region, EveryIntermediateMemoryOfASplitTranslatesTheRestAsBefore) {
  this->map1G(0, GiB1, read_write);
  auto const check = [&](Arena::Word) {
    for (std::uint64_t const va : {std::uint64_t{0}, 2 * KiB4, MiB2, GiB1 - 1}) {
      EXPECT_EQ(this->seen(va).phys, GiB1 + va);
      EXPECT_TRUE(this->seen(va).entry & 2);
    }
    Seen const inside = this->seen(KiB4);
    EXPECT_TRUE(inside.level == 0 || inside.phys == GiB1 + KiB4);
  };
  this->arena.before_access = check;
  auto done = this->table->unmap_region(VirtAddr(KiB4), KiB4);
  ASSERT_TRUE(bool(done));
  this->arena.before_access = nullptr;
  done->plan.carry_out();
  check(0);
}

TYPED_TEST(Region, ProtectLeavesALeafWholeThatHasTheFlagsAlready) {
  this->map1G(0, 0, MappingFlags(Flag::READ) | Flag::DEVICE | MappingFlags().with_software(5));
  this->arena.allocations_left = 0;
  auto done = this->table->protect_region(VirtAddr(KiB4), KiB4,
                                          MappingFlags(Flag::READ) | Flag::DEVICE | Flag::UNCACHED);
  ASSERT_TRUE(bool(done)) << "normalised flags are compared, so no split is due";
  EXPECT_EQ(done->mapped_bytes, KiB4);
  EXPECT_FALSE(done->plan.owes());
  EXPECT_EQ(this->seen(0).level, 3);
}

TYPED_TEST(Region, ProtectChangesEveryLeafOfEachSizeAndNothingBeside) {
  std::uint64_t const first = GiB1 - MiB2 - KiB4;
  this->map_region(first - KiB4, first - KiB4, 2 * GiB1);
  this->set_in_leaf(GiB1, accessed_bit | dirty_bit);
  auto done = this->table->protect_region(VirtAddr(first), KiB4 + MiB2 + GiB1,
                                          MappingFlags(Flag::READ) | Flag::EXECUTE);
  ASSERT_TRUE(bool(done));
  EXPECT_EQ(done->mapped_bytes, KiB4 + MiB2 + GiB1);
  done->plan.carry_out();
  for (Leaf const& leaf : this->leaves(first - KiB4, 2 * GiB1)) {
    bool const inside = leaf.virt.value >= first && leaf.virt.value < first + KiB4 + MiB2 + GiB1;
    EXPECT_EQ(leaf.flags, inside ? MappingFlags(Flag::READ) | Flag::EXECUTE : read_write);
    EXPECT_EQ(leaf.virt.value, leaf.phys.value);
  }
  EXPECT_EQ(this->table->query(VirtAddr(GiB1))->dirty, 1u);
}

TYPED_TEST(Region, TheVisitorGetsEveryRemovedLeafInAddressOrder) {
  std::uint64_t const first = GiB1 - MiB2 - KiB4;
  this->map_region(first, first, GiB1 + 2 * MiB2 + 2 * KiB4);
  this->set_in_leaf(first, dirty_bit);
  std::vector<Leaf> taken;
  auto done = this->table->unmap_region(VirtAddr(first), KiB4 + MiB2 + GiB1,
                                        [&](Leaf const& leaf) { taken.push_back(leaf); });
  ASSERT_TRUE(bool(done));
  done->plan.carry_out();
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken[0].virt.value, first);
  EXPECT_EQ(taken[0].dirty, 1u);
  EXPECT_EQ(taken[1].size, PageSize::Size2M);
  EXPECT_EQ(taken[2].virt.value, GiB1);
  EXPECT_EQ(taken[2].flags, read_write);
  EXPECT_EQ(this->seen(GiB1).level, 0);
  EXPECT_EQ(this->leaves(2 * GiB1, GiB1).size(), 2u);
}

TYPED_TEST(Region, TheVisitorLearnsTheAddressOfALeafBehindHoles) {
  for (std::uint64_t const page : {3u, 4u, 9u}) this->map4K(page * KiB4, (page + 1) * MiB2);
  std::vector<Leaf> taken;
  auto done = this->table->unmap_region(VirtAddr(KiB4), 8 * KiB4,
                                        [&](Leaf const& leaf) { taken.push_back(leaf); });
  ASSERT_TRUE(bool(done));
  EXPECT_EQ(done->mapped_bytes, 2 * KiB4);
  done->plan.carry_out();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].virt, VirtAddr(3 * KiB4));
  EXPECT_EQ(taken[0].phys, PhysAddr(4 * MiB2));
  EXPECT_EQ(taken[1].virt, VirtAddr(4 * KiB4));
  EXPECT_EQ(taken[1].phys, PhysAddr(5 * MiB2));
  EXPECT_EQ(this->leaves(0, MiB2).size(), 1u);
}

TYPED_TEST(Region, AVisitorSeesWhatHardwareSetAtTheLastMoment) {
  this->map_region(0, 0, MiB2, PageSize::Size4K);
  this->arena.before_access = [&](Arena::Word slot) {
    this->arena.poke(slot, this->arena.peek(slot) & 1 ? this->arena.peek(slot) | dirty_bit
                                                      : this->arena.peek(slot));
  };
  int dirty = 0;
  auto done = this->table->unmap_region(
      VirtAddr(0), MiB2, [&](Leaf const& leaf) { dirty += static_cast<int>(leaf.dirty); });
  this->arena.before_access = nullptr;
  ASSERT_TRUE(bool(done));
  EXPECT_EQ(dirty, 512);
  EXPECT_EQ(done->mapped_bytes, MiB2);
  done->plan.carry_out();
  EXPECT_EQ(this->frame_count(), 1);
}

TYPED_TEST(Region, WithoutAVisitorAFullTableIsDroppedUnread) {
  this->map_region(0, 0, MiB2, PageSize::Size4K);
  this->arena.forget();
  EXPECT_EQ(this->unmap_region(0, MiB2), MiB2);
  EXPECT_LT(this->arena.count(Arena::Kind::load), 40);
  EXPECT_EQ(this->frame_count(), 1);
}

// ---- Walk ----

TYPED_TEST(Region, AWalkReportsLeavesWholeSignExtendedAndStopsWhenAsked) {
  this->map2M(0, 0);
  this->map4K(this->high_first, 0x5000);
  this->map4K(~0xfffull, 0x6000);
  auto const cut = this->leaves(MiB2 - 1, KiB4);
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_EQ(cut[0].virt, VirtAddr(0));
  auto const high = this->leaves(this->high_first, 0 - this->high_first);
  ASSERT_EQ(high.size(), 2u);
  EXPECT_EQ(high[0].virt, VirtAddr(this->high_first));
  EXPECT_EQ(high[1].virt, VirtAddr(~0xfffull));
  int visited = 0;
  auto walked = this->table->walk(VirtAddr(this->high_first), 0 - this->high_first,
                                  [&](Leaf const&) { return ++visited < 1; });
  EXPECT_EQ(*walked, Walked::stopped_by_visitor);
  EXPECT_EQ(visited, 1);
  auto whole = this->table->walk(VirtAddr(0), 1, [](Leaf const&) { return true; });
  EXPECT_EQ(*whole, Walked::whole_range);
}

}  // namespace
}  // namespace twinwalk::test
