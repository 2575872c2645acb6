// A cursor does what the plain operations do, in fewer accesses.
#include <cstdint>
#include <random>

#include "fixture.hpp"

namespace twinwalk::test {
namespace {

template <class F>
class CursorTest : public ::testing::Test {
 protected:
  using Table = PageTable<F, Arena>;
  struct Machine {
    Arena arena;
    typename Table::Options options{};
    Table table = *Table::create(arena, options);
  };

  void TearDown() override {
    plain.table.destroy().carry_out();
    walked.table.destroy().carry_out();
  }

  // Neighbours at every distance, in both halves.
  std::uint64_t address() {
    constexpr std::uint64_t distances[] = {0, KiB4, KiB4, MiB2, GiB1, std::uint64_t{1} << 39};
    std::uint64_t va = (random() & 1) != 0 ? ~std::uint64_t{0} << (F::address_bits - 1) : 0;
    for (std::uint64_t const distance : distances) va += distance * (random() % 3);
    return va;
  }
  MappingFlags flags() {
    std::uint64_t bits = 1 | (random() & 0x6f);
    return MappingFlags(bits);
  }

  static void expect_same(FlushScope const& a, FlushScope const& b) {
    EXPECT_EQ(a.root, b.root);
    EXPECT_EQ(a.every_space, b.every_space);
    EXPECT_EQ(a.everything, b.everything);
    EXPECT_EQ(a.table_changed, b.table_changed);
    EXPECT_EQ(a.global, b.global);
    ASSERT_EQ(a.range_count, b.range_count);
    for (int i = 0; i < a.range_count; ++i) {
      EXPECT_EQ(a.ranges[i].first, b.ranges[i].first);
      EXPECT_EQ(a.ranges[i].last, b.ranges[i].last);
      EXPECT_EQ(a.ranges[i].stride, b.ranges[i].stride);
    }
  }

  // Both results are equal; carries both out.
  template <class R>
  void expect_same(R a, R b) {
    ASSERT_EQ(bool(a), bool(b));
    if (!a) {
      EXPECT_EQ(a.error(), b.error());
      EXPECT_EQ(a.failure().where, b.failure().where);
      return;
    }
    ++succeeded;
    if constexpr (requires { a->leaf; }) {
      EXPECT_EQ(a->leaf, b->leaf);
      expect_same(a->plan.scope(), b->plan.scope());
      a->plan.carry_out();
      b->plan.carry_out();
    } else if constexpr (requires { a->carry_out(); }) {
      expect_same(a->scope(), b->scope());
      a->carry_out();
      b->carry_out();
    } else {
      EXPECT_EQ(*a, *b);
    }
  }

  template <class Left, class Right>
  void one_step(Left& left, Right& right) {
    VirtAddr const va(address());
    switch (random() % 12) {
      case 0:
      case 1:
      case 2:
      case 3: {
        constexpr PageSize sizes[] = {PageSize::Size4K, PageSize::Size4K, PageSize::Size2M,
                                      PageSize::Size1G};
        PageSize const size = sizes[random() % 4];
        VirtAddr const start(va.value & ~(bytes(size) - 1));
        PhysAddr const pa((random() % 8) << 30);
        MappingFlags const f = flags();
        return expect_same(left.map(start, pa, size, f), right.map(start, pa, size, f));
      }
      case 4:
      case 5:
        return expect_same(left.unmap(va), right.unmap(va));
      case 6: {
        MappingFlags const f = flags();
        return expect_same(left.protect(va, f), right.protect(va, f));
      }
      case 7: {
        MappingFlags const f = flags();
        PhysAddr const pa((random() % 64) << 21);
        return expect_same(left.remap(va, pa, f), right.remap(va, pa, f));
      }
      case 8:
        return expect_same(left.query(va), right.query(va));
      case 9:
        return expect_same(left.set_dirty(va), right.set_dirty(va));
      case 10:
        return expect_same(left.clear_dirty(va), right.clear_dirty(va));
      default:
        return expect_same(left.set_accessed(va), right.set_accessed(va));
    }
  }

  std::mt19937_64 random{4711};
  Machine plain;
  Machine walked;
  int succeeded = 0;
};
TYPED_TEST_SUITE(CursorTest, EveryFormat);

TYPED_TEST(CursorTest, RandomSequencesGiveTheSameResultsPlansAndMemory) {
  for (int round = 0; round < 20; ++round) {
    auto cursor = this->walked.table.cursor();
    for (int i = 0; i < 500; ++i) this->one_step(this->plain.table, cursor);
    ASSERT_TRUE(this->plain.arena.frames() == this->walked.arena.frames()) << "round " << round;
  }
  EXPECT_GT(this->succeeded, 3000);
}

TYPED_TEST(CursorTest, SequentialWorkStaysInOneTable) {
  auto cursor = this->walked.table.cursor();
  for (std::uint64_t i = 0; i < 512; ++i) {
    ASSERT_TRUE(
        settled(cursor.map(VirtAddr(i * KiB4), PhysAddr(i * KiB4), PageSize::Size4K, read_write)));
  }
  auto& arena = this->walked.arena;
  arena.forget();
  for (std::uint64_t i = 0; i < 512; ++i) ASSERT_TRUE(bool(cursor.query(VirtAddr(i * KiB4))));
  EXPECT_LE(arena.count(Arena::Kind::load), 512 + TypeParam::levels);
}

TYPED_TEST(CursorTest, GoesOnAfterItsTablesWereReclaimedUnderIt) {
  auto cursor = this->walked.table.cursor();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        settled(cursor.map(VirtAddr(0x5000), PhysAddr(0x6000), PageSize::Size4K, read_write)));
    EXPECT_EQ(cursor.query(VirtAddr(0x5001))->phys, PhysAddr(0x6001));
    ASSERT_TRUE(settled(cursor.unmap(VirtAddr(0x5000))));
    EXPECT_EQ(cursor.query(VirtAddr(0x5000)).error(), PagingError::NotMapped);
    EXPECT_EQ(this->walked.arena.frames().size(), 1u);
  }
}

}  // namespace
}  // namespace twinwalk::test
