// What each call says must be flushed, and that frames wait for it.
#include <vector>

#include "fixture.hpp"

namespace twinwalk::test {
namespace {

template <class F>
class Plans : public TableOf<F> {
 protected:
  // A scope of one range.
  void expect_range(FlushScope const& scope, std::uint64_t first, std::uint64_t length,
                    PageSize stride) {
    ASSERT_EQ(scope.range_count, 1);
    EXPECT_EQ(scope.ranges[0].first, first);
    EXPECT_EQ(scope.ranges[0].last, first + length - 1);
    EXPECT_EQ(scope.ranges[0].stride, stride);
    EXPECT_FALSE(scope.everything);
  }
  void expect_nothing(FlushScope const& scope) {
    EXPECT_FALSE(scope.demands_invalidation());
    EXPECT_FALSE(scope.global);
    EXPECT_FALSE(scope.barrier);
    EXPECT_FALSE(scope.fence);
  }
};
TYPED_TEST_SUITE(Plans, EveryFormat);

TYPED_TEST(Plans, MapOwesNothingAndSaysWhetherATableWasLinked) {
  auto first = this->table->map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_write);
  this->expect_nothing(first->scope());
  EXPECT_TRUE(first->scope().table_changed);
  EXPECT_FALSE(first->owes());
  EXPECT_EQ(first->scope().root, this->table->root().value);
  auto second = this->table->map(VirtAddr(KiB4), PhysAddr(0), PageSize::Size4K, read_write);
  EXPECT_FALSE(second->scope().table_changed);
  this->arena.forget();
  first->carry_out();
  second->carry_out();
  EXPECT_EQ(this->arena.flushes.size(), 0u);
}

TYPED_TEST(Plans, UnmapNamesItsLeafAndOnlyThatWhileTheTableStays) {
  this->map2M(0, 0);
  this->map2M(MiB2, 0, read_write | Flag::GLOBAL);
  this->map1G(GiB1, 0);
  auto removed = this->table->unmap(VirtAddr(KiB4));
  this->expect_range(removed->plan.scope(), 0, MiB2, PageSize::Size2M);
  EXPECT_FALSE(removed->plan.scope().table_changed);
  EXPECT_FALSE(removed->plan.scope().global);
  EXPECT_FALSE(removed->plan.scope().every_space);
  removed->plan.carry_out();
  // The last one takes its table along: the table's whole span, in the smallest steps.
  removed = this->table->unmap(VirtAddr(MiB2));
  this->expect_range(removed->plan.scope(), 0, GiB1, PageSize::Size4K);
  EXPECT_TRUE(removed->plan.scope().table_changed);
  EXPECT_TRUE(removed->plan.scope().global);
  removed->plan.carry_out();
}

TYPED_TEST(Plans, AnUnlinkedTowerOfTablesIsNamedByTheSpanOfItsHighest) {
  this->map4K(this->high_first, 0);
  auto removed = this->table->unmap(VirtAddr(this->high_first));
  std::uint64_t const span = std::uint64_t{1} << (12 + 9 * (this->levels - 1));
  this->expect_range(removed->plan.scope(), this->high_first, span, PageSize::Size4K);
  removed->plan.carry_out();
}

TYPED_TEST(Plans, ProtectOwesNothingForMoreRightsAndItsLeafForLess) {
  this->map2M(0, 0, read_only);
  auto const protect = [&](MappingFlags flags) {
    auto plan = this->table->protect(VirtAddr(0), flags);
    FlushScope const scope = plan->scope();
    plan->carry_out();
    return scope;
  };
  this->expect_nothing(protect(read_only));
  this->expect_nothing(protect(read_write));  // W 0 to 1
  this->expect_nothing(protect(all_rights));  // XD 1 to 0
  this->expect_range(protect(MappingFlags(Flag::READ) | Flag::EXECUTE), 0, MiB2, PageSize::Size2M);
  this->expect_range(protect(read_write), 0, MiB2, PageSize::Size2M);  // W gained, X lost
  // Under SMEP and SMAP either way of U/S takes something from somebody.
  this->expect_range(protect(read_write | Flag::USER), 0, MiB2, PageSize::Size2M);
  this->expect_range(protect(read_write), 0, MiB2, PageSize::Size2M);
  this->expect_range(protect(read_write | Flag::UNCACHED), 0, MiB2, PageSize::Size2M);
  this->expect_range(protect(read_write | Flag::DEVICE), 0, MiB2, PageSize::Size2M);
  this->expect_range(protect(MappingFlags(read_write).with_memory_type(6)), 0, MiB2,
                     PageSize::Size2M);
  EXPECT_TRUE(protect(read_write | Flag::GLOBAL).global);
  EXPECT_TRUE(protect(read_only | Flag::GLOBAL).global);
  EXPECT_TRUE(protect(read_only).global) << "it was global";
  EXPECT_EQ(protect(read_write).range_count, 0);
}

TYPED_TEST(Plans, AChangeOfKeyIsOwed) {
  MachineOptions machine;
  machine.protection_keys = true;
  this->start(machine);
  this->map4K(0, 0);
  auto plan = this->table->protect(VirtAddr(0), MappingFlags(read_write).with_key(1));
  this->expect_range(plan->scope(), 0, KiB4, PageSize::Size4K);
  plan->carry_out();
}

TYPED_TEST(Plans, ClearDirtyIsOwedAndClearAccessedIsAHint) {
  this->map4K(0, 0);
  this->map4K(KiB4, 0);
  this->set_in_leaf(0, accessed_bit | dirty_bit);
  auto plan = this->table->clear_accessed(VirtAddr(0));
  this->expect_nothing(plan->scope());
  auto dirty = this->table->clear_dirty(VirtAddr(0));
  this->expect_range(dirty->scope(), 0, KiB4, PageSize::Size4K);
  dirty->carry_out();
  auto again = this->table->clear_dirty(VirtAddr(0));
  this->expect_nothing(again->scope());
  auto set = this->table->set_dirty(VirtAddr(0));
  this->expect_nothing(set->scope());
}

TYPED_TEST(Plans, RemapOwesItsLeaf) {
  this->map4K(0, 0);
  auto removed = this->table->remap(VirtAddr(0), PhysAddr(KiB4), read_write | Flag::GLOBAL);
  this->expect_range(removed->plan.scope(), 0, KiB4, PageSize::Size4K);
  EXPECT_TRUE(removed->plan.scope().global);
  removed->plan.carry_out();
}

TYPED_TEST(Plans, ARegionNamesItsSmallestPageAndEveryChangedLeaf) {
  ASSERT_TRUE(settled(this->table->map_region(VirtAddr(0), PhysAddr(0), 4 * MiB2, read_write)));
  ASSERT_TRUE(settled(this->table->map_region(VirtAddr(MiB2 * 8), PhysAddr(0), MiB2, read_write,
                                              PageSize::Size4K)));
  auto done = this->table->protect_region(VirtAddr(0), GiB1, read_only);
  FlushScope const& scope = done->plan.scope();
  ASSERT_EQ(scope.range_count, 1);
  EXPECT_EQ(scope.ranges[0].first, 0u);
  EXPECT_EQ(scope.ranges[0].last, 9 * MiB2 - 1);
  EXPECT_EQ(scope.ranges[0].stride, PageSize::Size4K);
  done->plan.carry_out();
  done = this->table->unmap_region(VirtAddr(0), 2 * MiB2);
  this->expect_range(done->plan.scope(), 0, 2 * MiB2, PageSize::Size2M);
  done->plan.carry_out();
}

TYPED_TEST(Plans, ARegionWithGlobalLeavesSaysSo) {
  // Runs of pages, whole tables and large pages; `visitor` or none.
  struct {
    std::uint64_t va, length;
  } const regions[] = {{0, 4 * KiB4}, {MiB2, MiB2}, {GiB1, GiB1}};
  for (auto const& region : regions) {
    PageSize const policy = region.va == MiB2 ? PageSize::Size4K : PageSize::Size1G;
    VirtAddr const va(region.va);
    for (int way = 0; way < 3; ++way) {
      ASSERT_TRUE(settled(this->table->map_region(va, PhysAddr(0), region.length,
                                                  read_write | Flag::GLOBAL, policy)));
      if (way == 0) {
        auto done = this->table->protect_region(va, region.length, read_only);
        EXPECT_TRUE(done->plan.scope().global);
        done->plan.carry_out();
      }
      auto done = way == 1 ? this->table->unmap_region(va, region.length, [](Leaf const&) {})
                           : this->table->unmap_region(va, region.length);
      EXPECT_TRUE(way == 0 || done->plan.scope().global) << region.va << " " << way;
      done->plan.carry_out();
    }
  }
}

TYPED_TEST(Plans, ARegionIsGlobalOnlyIfALeafWasOrNobodyLooked) {
  for (int way = 0; way < 3; ++way) {
    ASSERT_TRUE(
        settled(this->table->map_region(VirtAddr(0), PhysAddr(0), MiB2 + KiB4, read_write)));
    if (way == 0) {
      auto done = this->table->protect_region(VirtAddr(0), MiB2 + KiB4, read_only);
      EXPECT_FALSE(done->plan.scope().global);
      done->plan.carry_out();
    }
    auto done = way == 1 ? this->table->unmap_region(VirtAddr(0), MiB2 + KiB4, [](Leaf const&) {})
                         : this->table->unmap_region(VirtAddr(0), MiB2 + KiB4);
    EXPECT_FALSE(done->plan.scope().global);
    done->plan.carry_out();
  }
  ASSERT_TRUE(settled(
      this->table->map_region(VirtAddr(0), PhysAddr(0), MiB2, read_write, PageSize::Size4K)));
  auto dropped = this->table->unmap_region(VirtAddr(0), MiB2);
  EXPECT_TRUE(dropped->plan.scope().global) << "a table dropped unread";
  dropped->plan.carry_out();
}

TYPED_TEST(Plans, ARunOfPagesOwesWhatAnyOfThemLost) {
  auto const protect = [&](MappingFlags flags) {
    auto done = this->table->protect_region(VirtAddr(0), 4 * KiB4, flags);
    bool const owed = done->plan.owes();
    done->plan.carry_out();
    return owed;
  };
  ASSERT_TRUE(settled(this->table->map_region(VirtAddr(0), PhysAddr(0), 4 * KiB4, read_only)));
  EXPECT_FALSE(protect(read_only));
  EXPECT_FALSE(protect(read_write)) << "more rights may be lazy";
  EXPECT_FALSE(protect(all_rights));
  EXPECT_TRUE(protect(read_only));
  // One page among them that loses what the others gain.
  ASSERT_TRUE(settled(this->table->protect(VirtAddr(KiB4), all_rights)));
  EXPECT_TRUE(protect(read_write)) << "that page lost EXECUTE";
  ASSERT_TRUE(settled(this->table->protect(VirtAddr(2 * KiB4), read_only)));
  EXPECT_TRUE(protect(MappingFlags(Flag::READ) | Flag::EXECUTE)) << "the others lost WRITE";
}

TYPED_TEST(Plans, EveryChangedByteIsInSomeRangeWhateverTheRegion) {
  // A mixture of sizes, protected and unmapped in slices; what a processor saw before and does not
  // see now must be covered.
  auto const covered = [](FlushScope const& scope, std::uint64_t va) {
    if (scope.everything) return true;
    for (int i = 0; i < scope.range_count; ++i) {
      if (scope.ranges[i].first <= va && va <= scope.ranges[i].last) return true;
    }
    return false;
  };
  std::uint64_t const probes[] = {
      0,    KiB4,        MiB2 - KiB4,     MiB2,     3 * MiB2,           GiB1 - KiB4,
      GiB1, GiB1 + MiB2, 2 * GiB1 - KiB4, 2 * GiB1, 2 * GiB1 + 8 * KiB4};
  for (std::uint64_t const first : probes) {
    for (std::uint64_t const last : probes) {
      if (last <= first) continue;
      for (bool const unmaps : {false, true}) {
        this->start({});
        ASSERT_TRUE(settled(
            this->table->map_region(VirtAddr(0), PhysAddr(0), 2 * GiB1 + 9 * KiB4, read_write)));
        std::vector<Seen> before;
        for (std::uint64_t const va : probes) before.push_back(this->seen(va));
        auto done = unmaps ? this->table->unmap_region(VirtAddr(first), last - first)
                           : this->table->protect_region(VirtAddr(first), last - first, read_only);
        for (std::size_t i = 0; i < before.size(); ++i) {
          Seen const now = this->seen(probes[i]);
          bool const lost = (before[i].entry & ~now.entry & 3) != 0;
          EXPECT_EQ(lost, first <= probes[i] && probes[i] < last);
          if (lost) {
            EXPECT_TRUE(covered(done->plan.scope(), probes[i]));
          }
        }
        done->plan.carry_out();
      }
    }
  }
}

// ---- Frames and lifetime ----

TYPED_TEST(Plans, FramesAreFreedOnlyAfterTheFlushAndAllOfThem) {
  this->map4K(GiB1, 0);
  this->arena.forget();
  auto removed = this->table->unmap(VirtAddr(GiB1));
  EXPECT_EQ(this->arena.count(Arena::Kind::dealloc), 0);
  removed->plan.carry_out();
  ASSERT_EQ(this->arena.count(Arena::Kind::dealloc), this->levels - 1);
  bool flushed = false;
  for (auto const& event : this->arena.events) {
    if (event.kind == Arena::Kind::invalidate) flushed = true;
    if (event.kind == Arena::Kind::dealloc) {
      EXPECT_TRUE(flushed);
    }
  }
}

TYPED_TEST(Plans, TheFramesOfAPlanKeepWhatAStaleWalkerMayRead) {
  this->map4K(0, 0);
  this->map4K(GiB1, 0);
  auto const before = this->arena.frames();
  auto removed = this->table->unmap_region(VirtAddr(0), 2 * GiB1);
  int holes = 0;
  for (auto const& [address, frame] : this->arena.frames()) {
    for (std::size_t i = 0; i < frame.slots.size(); ++i) {
      std::uint64_t const was = before.at(address).slots[i];
      EXPECT_TRUE(frame.slots[i] == was || frame.slots[i] == 0);
      holes += frame.slots[i] != was ? 1 : 0;
    }
  }
  EXPECT_GT(holes, 0);
  removed->plan.carry_out();
}

TYPED_TEST(Plans, GatheredPlansFlushOnceAndFreeEverything) {
  for (int i = 0; i < 3; ++i) this->map4K(static_cast<std::uint64_t>(i) * GiB1, 0);
  this->arena.forget();
  typename TestFixture::Table::Plan all;
  for (int i = 0; i < 3; ++i) {
    auto removed = this->table->unmap(VirtAddr(static_cast<std::uint64_t>(i) * GiB1));
    all += std::move(removed->plan);
    EXPECT_FALSE(removed->plan.owes());
  }
  EXPECT_EQ(all.scope().range_count, 3);
  EXPECT_FALSE(all.scope().every_space);
  all.carry_out();
  EXPECT_EQ(this->arena.flushes.size(), 1u);
  EXPECT_EQ(this->frame_count(), 1);
}

TYPED_TEST(Plans, ChainsOfFramesAreGatheredInAnyOrder) {
  this->map4K(0, 0);
  this->map4K(KiB4, 0);
  this->map4K(GiB1, 0);
  this->map4K(2 * GiB1, 0);
  auto first = this->table->unmap(VirtAddr(0));         // owes a page and no frame
  auto second = this->table->unmap(VirtAddr(GiB1));     // two frames
  auto third = this->table->unmap(VirtAddr(2 * GiB1));  // two more
  first->plan += std::move(second->plan);
  third->plan += std::move(first->plan);
  third->plan.carry_out();
  EXPECT_EQ(this->frame_count(), this->levels);
  ASSERT_TRUE(settled(this->table->unmap(VirtAddr(KiB4))));
  EXPECT_EQ(this->frame_count(), 1);
}

TYPED_TEST(Plans, MoreRangesThanFitAreEverything) {
  typename TestFixture::Table::Plan all;
  for (std::uint64_t i = 0; i < 6; ++i) this->map4K(i * KiB4, 0);
  for (std::uint64_t i = 0; i < 5; ++i) {
    auto removed = this->table->unmap(VirtAddr(i * KiB4));
    all += std::move(removed->plan);
    EXPECT_EQ(all.scope().everything, i == 4);
  }
  all.carry_out();
}

TYPED_TEST(Plans, PlansOfTwoRootsConcernEverySpaceAndAReusedPlanStartsAnew) {
  this->map4K(0, 0);
  ASSERT_TRUE(settled(this->second().map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_write)));
  auto batch = this->table->unmap(VirtAddr(0));
  batch->plan.carry_out();
  auto removed = this->second().unmap(VirtAddr(0));
  batch->plan += std::move(removed->plan);
  EXPECT_EQ(batch->plan.scope().root, this->second().root().value);
  EXPECT_FALSE(batch->plan.scope().every_space) << "what was carried out is settled";
  this->map4K(0, 0);
  auto more = this->table->unmap(VirtAddr(0));
  batch->plan += std::move(more->plan);
  EXPECT_TRUE(batch->plan.scope().every_space);
  batch->plan.carry_out();
}

TYPED_TEST(Plans, CarryingOutTwiceDoesItOnce) {
  this->map4K(0, 0);
  auto removed = this->table->unmap(VirtAddr(0));
  this->arena.forget();
  removed->plan.carry_out();
  removed->plan.carry_out();
  EXPECT_EQ(this->arena.flushes.size(), 1u);
}

TYPED_TEST(Plans, MovingAPlanMovesTheDuty) {
  this->map4K(0, 0);
  auto removed = this->table->unmap(VirtAddr(0));
  typename TestFixture::Table::Plan moved = std::move(removed->plan);
  EXPECT_TRUE(moved.owes());
  EXPECT_FALSE(removed->plan.owes());
  moved.carry_out();
  EXPECT_EQ(this->frame_count(), 1);
}

template <class F>
class PlansDeathTest : public TableOf<F> {};
TYPED_TEST_SUITE(PlansDeathTest, EveryFormat);

TYPED_TEST(PlansDeathTest, DroppingAPlanThatOwesDies) {
  this->map4K(0, 0);
  EXPECT_DEATH({ auto removed = this->table->unmap(VirtAddr(0)); }, "");
}

TYPED_TEST(PlansDeathTest, OverwritingAPlanThatOwesDies) {
  this->map4K(0, 0);
  EXPECT_DEATH(
      {
        auto removed = this->table->unmap(VirtAddr(0));
        removed->plan = typename TestFixture::Table::Plan();
      },
      "");
}

TYPED_TEST(PlansDeathTest, AskingForTheValueOfARefusalDies) {
  EXPECT_DEATH({ (void)*this->table->query(VirtAddr(0)); }, "");
  EXPECT_DEATH(
      { (void)this->table->map_region(VirtAddr(0), PhysAddr(0), 0, read_only).error(); }, "");
}

}  // namespace
}  // namespace twinwalk::test
