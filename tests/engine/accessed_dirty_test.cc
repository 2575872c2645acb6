// Hardware sets accessed and dirty between any two accesses of the engine, and nothing of it is
// lost.
#include <cstdlib>
#include <vector>

#include "fixture.hpp"

namespace twinwalk::test {
namespace {

template <class F>
class AccessedDirty : public TableOf<F> {
 protected:
  // Runs `call` once for each moment at which hardware may use the leaf at `va`: just before the
  // n-th access. `check` learns whether it did at all.
  template <class Prepare, class Call, class Check>
  void at_every_moment(std::uint64_t va, std::uint64_t bits, Prepare prepare, Call call,
                       Check check) {
    int moments = 0;
    for (int moment = 0;; ++moment) {
      this->start({});
      prepare();
      int countdown = moment;
      bool used = false;
      this->arena.before_access = [&](Arena::Word) {
        if (countdown-- != 0) return;
        Seen const there = this->seen(va);
        if (there.level == 0) return;
        this->arena.poke(there.slot, there.entry | bits);
        used = true;
      };
      call();
      this->arena.before_access = nullptr;
      if (countdown >= 0) break;  // the call had no such moment
      check(used);
      moments += used ? 1 : 0;
    }
    EXPECT_GT(moments, 1);
  }

  bool is_dirty(std::uint64_t va) const { return (this->seen(va).entry & dirty_bit) != 0; }
  bool is_accessed(std::uint64_t va) const { return (this->seen(va).entry & accessed_bit) != 0; }
};
TYPED_TEST_SUITE(AccessedDirty, EveryFormat);

TYPED_TEST(AccessedDirty, ProtectKeepsThem) {
  this->at_every_moment(
      0, accessed_bit | dirty_bit, [&] { this->map4K(0, 0); },
      [&] { ASSERT_TRUE(settled(this->table->protect(VirtAddr(0), read_only))); },
      [&](bool used) {
        EXPECT_EQ(this->is_dirty(0), used);
        EXPECT_EQ(this->is_accessed(0), used);
        EXPECT_FALSE(this->seen(0).entry & 2);
      });
}

TYPED_TEST(AccessedDirty, UnmapReportsThem) {
  Leaf leaf;
  this->at_every_moment(
      0, accessed_bit | dirty_bit, [&] { this->map2M(0, 0); },
      [&] {
        auto removed = this->table->unmap(VirtAddr(0));
        leaf = removed->leaf;
        removed->plan.carry_out();
      },
      [&](bool used) {
        EXPECT_EQ(leaf.dirty, used ? 1u : 0u);
        EXPECT_EQ(leaf.accessed, used ? 1u : 0u);
      });
}

TYPED_TEST(AccessedDirty, RemapReportsThemOrLeavesThemInTheNewLeaf) {
  Leaf leaf;
  this->at_every_moment(
      0, accessed_bit | dirty_bit, [&] { this->map4K(0, 0); },
      [&] {
        auto removed = this->table->remap(VirtAddr(0), PhysAddr(KiB4), read_only);
        leaf = removed->leaf;
        removed->plan.carry_out();
      },
      [&](bool used) {
        EXPECT_EQ(leaf.dirty + (this->is_dirty(0) ? 1u : 0u), used ? 1u : 0u);
        EXPECT_EQ(this->seen(0).phys, KiB4);
      });
}

TYPED_TEST(AccessedDirty, ClearingOneNeverLosesTheOther) {
  auto const prepare = [&] {
    this->map4K(0, 0);
    this->set_in_leaf(0, accessed_bit);
  };
  this->at_every_moment(
      0, dirty_bit, prepare,
      [&] { ASSERT_TRUE(settled(this->table->clear_accessed(VirtAddr(0)))); },
      [&](bool used) { EXPECT_EQ(this->is_dirty(0), used); });
  auto const prepare_dirty = [&] {
    this->map4K(0, 0);
    this->set_in_leaf(0, dirty_bit);
  };
  this->at_every_moment(
      0, accessed_bit, prepare_dirty,
      [&] { ASSERT_TRUE(settled(this->table->clear_dirty(VirtAddr(0)))); },
      [&](bool used) { EXPECT_EQ(this->is_accessed(0), used); });
}

TYPED_TEST(AccessedDirty, ASplitHandsThemToThePieces) {
  for (bool const unmaps : {false, true}) {
    this->at_every_moment(
        MiB2, accessed_bit | dirty_bit, [&] { this->map1G(0, 0); },
        [&] {
          ASSERT_TRUE(settled(unmaps
                                  ? this->table->unmap_region(VirtAddr(KiB4), KiB4)
                                  : this->table->protect_region(VirtAddr(KiB4), KiB4, read_only)));
        },
        [&](bool used) {
          EXPECT_EQ(this->is_dirty(MiB2), used);
          EXPECT_EQ(this->is_accessed(MiB2), used);
        });
  }
}

TYPED_TEST(AccessedDirty, ProtectingARunOfPagesKeepsThemInEachPage) {
  this->at_every_moment(
      3 * KiB4, accessed_bit | dirty_bit,
      [&] {
        ASSERT_TRUE(
            settled(this->table->map_region(VirtAddr(0), PhysAddr(0), 6 * KiB4, read_write)));
      },
      [&] { ASSERT_TRUE(settled(this->table->protect_region(VirtAddr(0), 6 * KiB4, read_only))); },
      [&](bool used) { EXPECT_EQ(this->is_dirty(3 * KiB4), used); });
}

TYPED_TEST(AccessedDirty, ARegionsVisitorLearnsThem) {
  std::uint64_t dirty = 0;
  this->at_every_moment(
      2 * KiB4, accessed_bit | dirty_bit,
      [&] {
        ASSERT_TRUE(
            settled(this->table->map_region(VirtAddr(0), PhysAddr(0), 4 * KiB4, read_write)));
        dirty = 0;
      },
      [&] {
        ASSERT_TRUE(settled(this->table->unmap_region(
            VirtAddr(0), 4 * KiB4, [&](Leaf const& leaf) { dirty += leaf.dirty; })));
      },
      [&](bool used) { EXPECT_EQ(dirty, used ? 1u : 0u); });
}

TYPED_TEST(AccessedDirty, ARefusedCallMayLeaveWhatHardwareSet) {
  this->map4K(0, 0);
  this->arena.before_access = [&](Arena::Word) { this->set_in_leaf(0, dirty_bit); };
  EXPECT_EQ(error_of(this->table->map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_only)),
            PagingError::AlreadyMapped);
  EXPECT_TRUE(this->is_dirty(0));
}

template <class F>
class AccessedDirtyDeathTest : public TableOf<F> {};
TYPED_TEST_SUITE(AccessedDirtyDeathTest, EveryFormat);

TYPED_TEST(AccessedDirtyDeathTest, AnEntryThatMovesMoreOftenThanHardwareCanMoveItDies) {
  this->map4K(0, 0);
  std::uint64_t const slot = this->seen(0).slot;
  EXPECT_DEATH(
      {
        int attempts = 0;
        this->arena.before_access = [&](Arena::Word at) {
          if (at == slot && ++attempts > 4) std::exit(0);  // a look and three exchanges
          this->arena.poke(slot, this->arena.peek(slot) ^ dirty_bit);
        };
        (void)this->table->protect(VirtAddr(0), read_only);
      },
      "");
}

}  // namespace
}  // namespace twinwalk::test
