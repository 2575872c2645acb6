// Lending root entries, and taking tables apart.
#include "fixture.hpp"

namespace twinwalk::test {
namespace {

template <class F>
class Sharing : public TableOf<F> {
 protected:
  static constexpr std::uint64_t slot_span = std::uint64_t{1} << (12 + 9 * (F::levels - 1));

  void SetUp() override {
    TableOf<F>::SetUp();
    this->second();
  }
  void TearDown() override {
    // The borrower goes first.
    if (this->other) this->other->destroy().carry_out();
    this->other.reset();
    TableOf<F>::TearDown();
  }
  auto share(std::uint64_t va, std::uint64_t length) {
    return this->other->share_root_entries(*this->table, VirtAddr(va), length);
  }
  Seen borrowed(std::uint64_t va) const {
    return see(this->arena, this->other->root().value, F::levels, va);
  }
};
TYPED_TEST_SUITE(Sharing, EveryFormat);

TYPED_TEST(Sharing, BothReachTheSameTablesAlsoForWhatTheOwnerMapsLater) {
  std::uint64_t const va = this->high_first;
  this->map4K(va, 0x1000);
  ASSERT_TRUE(settled(this->share(va, 2 * this->slot_span)));
  EXPECT_EQ(this->borrowed(va), this->seen(va));
  std::uint64_t const later = va + this->slot_span;  // this slot was empty and got a table
  this->map4K(later, 0x2000);
  EXPECT_EQ(this->borrowed(later).phys, 0x2000u);
  EXPECT_TRUE(settled(this->table->unmap(VirtAddr(later))));
  EXPECT_EQ(this->borrowed(later).level, 0);
}

TYPED_TEST(Sharing, PinnedTablesAreNeverReclaimed) {
  std::uint64_t const va = this->high_first;
  this->map4K(va, 0x1000);
  ASSERT_TRUE(settled(this->share(va, this->slot_span)));
  ASSERT_TRUE(settled(this->table->unmap(VirtAddr(va))));
  EXPECT_EQ(this->frame_count(), 3) << "two roots and the pinned table";
  this->map4K(va + GiB1, 0x3000);
  EXPECT_EQ(this->borrowed(va + GiB1).phys, 0x3000u);
  ASSERT_TRUE(settled(this->table->unmap_region(VirtAddr(va), this->slot_span)));
  EXPECT_EQ(this->frame_count(), 3);
}

TYPED_TEST(Sharing, MutatingThroughTheBorrowerIsRefusedAndLookingIsNot) {
  std::uint64_t const va = this->high_first;
  this->map4K(va, 0x1000);
  ASSERT_TRUE(settled(this->share(va, this->slot_span)));
  auto& borrower = *this->other;
  auto const before = this->arena.frames();
  VirtAddr const at(va);
  EXPECT_EQ(error_of(borrower.map(at, PhysAddr(0), PageSize::Size4K, read_only)),
            PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.map(VirtAddr(va + GiB1), PhysAddr(0), PageSize::Size1G, read_only)),
            PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.unmap(at)), PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.unmap(VirtAddr(va + GiB1))), PagingError::Borrowed)
      << "before NotMapped";
  EXPECT_EQ(error_of(borrower.protect(at, read_only)), PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.protect(at, MappingFlags())), PagingError::UnrepresentableFlags);
  EXPECT_EQ(error_of(borrower.remap(at, PhysAddr(0), read_only)), PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.clear_accessed(at)), PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.clear_dirty(at)), PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.set_accessed(at)), PagingError::Borrowed);
  EXPECT_EQ(error_of(borrower.set_dirty(at)), PagingError::Borrowed);
  // A range that only reaches into the borrowed slot.
  EXPECT_EQ(error_of(borrower.map_region(VirtAddr(va + this->slot_span - KiB4), PhysAddr(0),
                                         2 * KiB4, read_only)),
            PagingError::Borrowed);
  auto const failure = borrower.unmap_region(at, this->slot_span).failure();
  EXPECT_EQ(failure.error, PagingError::Borrowed);
  EXPECT_EQ(failure.where, at);
  EXPECT_EQ(error_of(borrower.protect_region(at, KiB4, read_only)), PagingError::Borrowed);
  EXPECT_TRUE(before == this->arena.frames());

  EXPECT_EQ(borrower.query(at)->phys, PhysAddr(0x1000));
  int leaves = 0;
  (void)borrower.walk(at, this->slot_span, [&](Leaf const&) { return ++leaves > 0; });
  EXPECT_EQ(leaves, 1);
  // Beside what it borrowed it may do as it likes.
  EXPECT_TRUE(settled(borrower.map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_only)));
}

TYPED_TEST(Sharing, ARangeIsRefusedAtItsLowestBorrowedAddress) {
  std::uint64_t const borrowed = this->high_first + this->slot_span;
  ASSERT_TRUE(settled(this->share(borrowed, this->slot_span)));
  VirtAddr const before(borrowed - KiB4);
  auto const map = this->other->map_region(before, PhysAddr(0), 2 * KiB4, read_only).failure();
  EXPECT_EQ(map.error, PagingError::Borrowed);
  EXPECT_EQ(map.where, VirtAddr(borrowed));
  auto const protect = this->other->protect_region(before, 2 * KiB4, read_only).failure();
  EXPECT_EQ(protect.where, VirtAddr(borrowed));
  auto const unmap = this->other->unmap_region(VirtAddr(borrowed + MiB2), KiB4).failure();
  EXPECT_EQ(unmap.where, VirtAddr(borrowed + MiB2));
  EXPECT_TRUE(settled(this->other->unmap_region(before, KiB4)));
}

TYPED_TEST(Sharing, TheOwnersPlansForSharedTablesConcernEverySpace) {
  std::uint64_t const va = this->high_first;
  this->map4K(va, 0x1000, read_write);
  this->map4K(va + KiB4, 0x1000, read_write);
  this->map4K(0, 0x1000, read_write);
  ASSERT_TRUE(settled(this->share(va, this->slot_span)));
  auto const concerns_all = [](auto result) {
    bool every = false;
    if constexpr (requires { result->plan; }) {
      every = result->plan.scope().every_space;
    } else {
      every = result->scope().every_space;
    }
    EXPECT_TRUE(settled(std::move(result)));
    return every;
  };
  VirtAddr const at(va);
  EXPECT_TRUE(concerns_all(this->table->protect(at, read_only)));
  EXPECT_TRUE(concerns_all(this->table->remap(at, PhysAddr(0x5000), read_only)));
  EXPECT_TRUE(concerns_all(this->table->unmap(at)));
  EXPECT_TRUE(concerns_all(this->table->protect_region(at, GiB1, read_only)));
  EXPECT_TRUE(concerns_all(this->table->unmap_region(at, GiB1)));
  EXPECT_FALSE(concerns_all(this->table->protect(VirtAddr(0), read_only)));
  EXPECT_FALSE(concerns_all(this->table->unmap(VirtAddr(0))));
}

TYPED_TEST(Sharing, ASplitInASharedTableIsFlushedInEverySpace) {
  std::uint64_t const va = this->high_first;
  this->map2M(va, 0);
  ASSERT_TRUE(settled(this->share(va, this->slot_span)));
  this->arena.forget();
  ASSERT_TRUE(settled(this->table->unmap_region(VirtAddr(va), KiB4)));
  ASSERT_EQ(this->arena.flushes.size(), 2u);
  EXPECT_TRUE(this->arena.flushes[0].every_space);
}

TYPED_TEST(Sharing, RefusalsComeInTheOrderOfTheContractAndWriteNothing) {
  std::uint64_t const span = this->slot_span;
  auto const refused = [&](std::uint64_t va, std::uint64_t length) {
    auto const before = this->arena.frames();
    auto const result = this->share(va, length);
    EXPECT_TRUE(before == this->arena.frames());
    return result.failure();
  };
  EXPECT_TRUE(settled(this->share(1, 0)));
  EXPECT_EQ(refused(this->low_last + 1 - KiB4, span).error, PagingError::InvalidAddress);
  EXPECT_EQ(refused(0 - span, 2 * span).error, PagingError::InvalidAddress);
  EXPECT_EQ(refused(KiB4, span).error, PagingError::NotAligned);
  EXPECT_EQ(refused(0, span + GiB1).error, PagingError::NotAligned);
  // The owner borrowed its second slot from a third table.
  auto third = *TestFixture::Table::create(this->arena, this->options);
  ASSERT_TRUE(settled(this->table->share_root_entries(third, VirtAddr(span), span)));
  ASSERT_TRUE(settled(this->other->map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_only)));
  EXPECT_EQ(refused(0, 2 * span).error, PagingError::Borrowed) << "before AlreadyMapped";
  EXPECT_EQ(refused(0, 2 * span).where, VirtAddr(span));
  this->arena.allocations_left = 0;
  EXPECT_EQ(refused(0, span).error, PagingError::AlreadyMapped);
  EXPECT_EQ(refused(2 * span, span).error, PagingError::NoMemory);
  // One of the two tables it needs.
  this->arena.allocations_left = 1;
  EXPECT_EQ(refused(2 * span, 2 * span).error, PagingError::NoMemory);
  this->arena.allocations_left = 1 << 30;
  this->table->destroy().carry_out();
  third.destroy().carry_out();
  this->table.reset();
}

TYPED_TEST(Sharing, TheSameSlotsMayBeLentTwiceButBorrowedOnce) {
  ASSERT_TRUE(settled(this->share(0, this->slot_span)));
  EXPECT_EQ(error_of(this->share(0, this->slot_span)), PagingError::AlreadyMapped);
  auto third = *TestFixture::Table::create(this->arena, this->options);
  ASSERT_TRUE(settled(third.share_root_entries(*this->table, VirtAddr(0), this->slot_span)));
  this->map4K(0, 0x9000);
  EXPECT_EQ(see(this->arena, third.root().value, this->levels, 0).phys, 0x9000u);
  EXPECT_EQ(this->borrowed(0).phys, 0x9000u);
  third.destroy().carry_out();
  EXPECT_EQ(this->borrowed(0).phys, 0x9000u);
}

// ---- Destroy ----

TYPED_TEST(Sharing, DestroyFreesEveryFrameButTheBorrowedOnesAndOnlyAfterTheFlush) {
  std::uint64_t const va = this->high_first;
  this->map4K(va, 0x1000);
  ASSERT_TRUE(settled(this->share(va, this->slot_span)));
  ASSERT_TRUE(settled(this->other->map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_only)));
  int const before = this->frame_count();
  auto plan = this->other->destroy();
  EXPECT_TRUE(plan.scope().everything);
  EXPECT_FALSE(plan.scope().every_space);
  EXPECT_EQ(this->frame_count(), before);
  plan.carry_out();
  this->other.reset();
  EXPECT_EQ(this->frame_count(), before - this->levels);
  EXPECT_EQ(this->seen(va).phys, 0x1000u);
  auto last = this->table->destroy();
  EXPECT_TRUE(last.scope().every_space) << "what was lent may be cached anywhere";
  last.carry_out();
  this->table.reset();
  EXPECT_EQ(this->frame_count(), 0);
}

TYPED_TEST(Sharing, DestroyFreesTreesOfEveryShape) {
  ASSERT_TRUE(settled(this->table->map_region(VirtAddr(GiB1 - MiB2 - KiB4),
                                              PhysAddr(GiB1 - MiB2 - KiB4), 2 * GiB1, read_write)));
  this->map4K(this->high_first, 0);
  this->map4K(~0xfffull, 0);
  this->map4K(this->low_last & ~0xfffull, 0);
  auto plan = this->table->destroy();
  plan.carry_out();
  this->table.reset();
  EXPECT_EQ(this->frame_count(), 1) << "the second table's root";
}

template <class F>
using SharingDeathTest = Sharing<F>;
TYPED_TEST_SUITE(SharingDeathTest, EveryFormat);

TYPED_TEST(SharingDeathTest, ADestroyedTableIsNoLongerUsable) {
  auto gone = *TestFixture::Table::create(this->arena, this->options);
  gone.destroy().carry_out();
  EXPECT_DEATH((void)gone.unmap(VirtAddr(0)), "");
  EXPECT_DEATH((void)gone.query(VirtAddr(0)), "");
  EXPECT_DEATH((void)gone.destroy(), "");
}

TYPED_TEST(SharingDeathTest, LendingToItselfDies) {
  EXPECT_DEATH((void)this->table->share_root_entries(*this->table, VirtAddr(0), this->slot_span),
               "");
}

}  // namespace
}  // namespace twinwalk::test
