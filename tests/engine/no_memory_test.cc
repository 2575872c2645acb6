// Check, pay, commit: a call that cannot have all its frames has none of them and wrote nothing.
#include <functional>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace twinwalk::test {
namespace {

template <class F>
class NoMemory : public TableOf<F> {
 protected:
  static constexpr std::uint64_t slot_span = std::uint64_t{1} << (12 + 9 * (F::levels - 1));

  void TearDown() override {
    if (this->other) this->other->destroy().carry_out();
    this->other.reset();
    TableOf<F>::TearDown();
  }

  // `call` says whether it succeeded; it needs exactly `frames`, and is refused with fewer.
  template <class Prepare, class Call>
  void needs(int frames, Prepare prepare, Call call) {
    for (int given = 0; given < frames; ++given) {
      this->renew();
      prepare();
      auto const before = this->arena.frames();
      this->arena.forget();
      this->arena.allocations_left = given;
      EXPECT_EQ(call(), false) << given << " frames of " << frames;
      EXPECT_TRUE(before == this->arena.frames()) << "memory, metadata or frames differ";
      EXPECT_EQ(this->arena.count(Arena::Kind::write), 0);
      EXPECT_EQ(this->arena.count(Arena::Kind::alloc), given);
      EXPECT_EQ(this->arena.count(Arena::Kind::dealloc), given);
      EXPECT_EQ(this->arena.flushes.size(), 0u);
      this->arena.allocations_left = 1 << 30;
    }
    this->renew();
    prepare();
    this->arena.forget();
    this->arena.allocations_left = frames;
    EXPECT_EQ(call(), true) << frames << " frames";
    EXPECT_EQ(this->arena.allocations_left, 0);
    EXPECT_EQ(this->arena.count(Arena::Kind::alloc), frames);
    this->arena.allocations_left = 1 << 30;
  }

  template <class R>
  static bool done(R result) {
    if (!result) {
      EXPECT_EQ(result.error(), PagingError::NoMemory);
      return false;
    }
    return settled(std::move(result));
  }

  void renew() {
    if (this->other) this->other->destroy().carry_out();
    this->other.reset();
    this->start({});
    this->second();
  }
};
TYPED_TEST_SUITE(NoMemory, EveryFormat);

constexpr auto unprepared = [] {};

TYPED_TEST(NoMemory, EveryCallThatAllocatesAtEveryAllocation) {
  using T = TestFixture;
  int const depth = this->levels;
  for (int level = 1; level <= 3; ++level) {
    PageSize const size = T::Table::G::page_size(level);
    this->needs(depth - level, unprepared, [&] {
      return T::done(this->table->map(VirtAddr(GiB1), PhysAddr(GiB1), size, read_write));
    });
  }
  // What leads to a gigabyte, and a directory with a leaf table on either side of it.
  this->needs(depth - 3 + 2 + 2, unprepared, [&] {
    return T::done(this->table->map_region(VirtAddr(GiB1 - MiB2 - KiB4),
                                           PhysAddr(GiB1 - MiB2 - KiB4), 2 * (KiB4 + MiB2) + GiB1,
                                           read_write));
  });
  auto const gigabyte = [&] { this->map1G(0, 0); };
  this->needs(2, gigabyte,
              [&] { return T::done(this->table->unmap_region(VirtAddr(KiB4), KiB4)); });
  this->needs(3, gigabyte,
              [&] { return T::done(this->table->unmap_region(VirtAddr(KiB4), GiB1 - 2 * KiB4)); });
  this->needs(1, gigabyte, [&] {
    return T::done(this->table->protect_region(VirtAddr(MiB2), MiB2, read_only));
  });
  auto const two_gigabytes = [&] {
    this->map1G(0, 0);
    this->map1G(GiB1, 0);
  };
  this->needs(4, two_gigabytes, [&] {
    return T::done(this->table->protect_region(VirtAddr(KiB4), 2 * GiB1 - 2 * KiB4, read_only));
  });
  this->needs(2, unprepared, [&] {
    return T::done(this->other->share_root_entries(*this->table, VirtAddr(0), 2 * T::slot_span));
  });
}

TYPED_TEST(NoMemory, ARootThatCannotBeHadIsNoMemory) {
  this->arena.allocations_left = 0;
  EXPECT_EQ(error_of(TestFixture::Table::create(this->arena, this->options)),
            PagingError::NoMemory);
}

TYPED_TEST(NoMemory, FramesThatAwaitAFlushAreNotReused) {
  this->map4K(0, 0);
  auto removed = this->table->unmap(VirtAddr(0));
  std::vector<std::uint64_t> waiting;
  for (auto const& [frame, contents] : this->arena.frames()) waiting.push_back(frame);
  this->arena.forget();
  ASSERT_TRUE(settled(this->table->map(VirtAddr(GiB1), PhysAddr(0), PageSize::Size4K, read_only)));
  for (auto const& event : this->arena.events) {
    if (event.kind != Arena::Kind::alloc) continue;
    for (std::uint64_t const frame : waiting) EXPECT_NE(event.address, frame);
  }
  removed->plan.carry_out();
}

template <class F>
class FrameDeathTest : public TableOf<F> {};
TYPED_TEST_SUITE(FrameDeathTest, EveryFormat);

TYPED_TEST(FrameDeathTest, AFrameBeyondTheWidthOfTheMachineDies) {
  MachineOptions machine;
  machine.physical_bits = 36;
  this->start(machine);
  this->arena.physical_bits = 52;  // a handler that knows better than the machine
  EXPECT_DEATH((void)this->table->map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_only), "");
  EXPECT_DEATH((void)TestFixture::Table::create(this->arena, this->options), "");
}

}  // namespace
}  // namespace twinwalk::test
