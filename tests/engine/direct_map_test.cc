// What users bring and what they get: three functions, two words of metadata, and page tables by
// the names they know.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/ept.hpp"
#include "engine/formats.hpp"
#include "engine/x86_64.hpp"

// The example is a program of its own; here it is one function.
#define main static_array_example
#include "examples/static_array.cc"  // NOLINT(bugprone-suspicious-include)
#undef main

namespace twinwalk::test {
namespace {

// Frames from one array, the first at physical 0. `Pool` keeps the tests apart.
template <int Pool>
struct Kernel {
  static constexpr std::uint64_t count = 64;

  static bool alloc_frame(PhysAddr& out) {
    for (std::uint64_t k = 0; k < count; ++k) {
      if (used[k]) continue;
      used[k] = true;
      out = PhysAddr(k << 12);
      std::uint64_t* const slots = static_cast<std::uint64_t*>(phys_to_virt(out));
      for (int i = 0; i < 512; ++i) slots[i] = 0xdeadbeefdeadbeef;
      frame_metadata(out) = {0xdead, 0xbeef};
      return true;
    }
    return false;
  }
  static void dealloc_frame(PhysAddr frame) {
    EXPECT_TRUE(used[frame.value >> 12]);
    used[frame.value >> 12] = false;
  }
  static void* phys_to_virt(PhysAddr address) { return memory + address.value; }
  static FrameMetadata& frame_metadata(PhysAddr frame) { return metadata[frame.value >> 12]; }
  static void invalidate(FlushScope const& scope) { flushes.push_back(scope); }

  static int frames_in_use() {
    int found = 0;
    for (bool const one : used) found += one ? 1 : 0;
    return found;
  }

  alignas(4096) static inline unsigned char memory[count << 12];
  static inline FrameMetadata metadata[count];
  static inline bool used[count] = {};
  static inline std::vector<FlushScope> flushes;
};

static_assert(PagingHandler<Kernel<0>> && Handler<DirectMap<Kernel<0>>>);
static_assert(!HasLargeFrames<Kernel<0>>);

template <class Table>
void expect_a_table_that_works() {
  auto table = Table::try_new();
  ASSERT_TRUE(bool(table));
  EXPECT_EQ(table->root_paddr(), table->root());
  MappingFlags const flags = Flag::READ | Flag::WRITE;
  auto region = table->map_region(VirtAddr(0x1ff000), PhysAddr(0x1ff000), 0x202000, flags);
  ASSERT_TRUE(bool(region));
  region->carry_out();
  EXPECT_EQ(table->query(VirtAddr(0x212345))->phys, PhysAddr(0x212345));
  EXPECT_EQ(table->query(VirtAddr(0x212345))->size, PageSize::Size2M);
  auto protected_ = table->protect_region(VirtAddr(0x1ff000), 0x2000, MappingFlags(Flag::READ));
  ASSERT_TRUE(bool(protected_));
  EXPECT_EQ(protected_->mapped_bytes, 0x2000u);
  protected_->plan.carry_out();
  EXPECT_EQ(table->query(VirtAddr(0x200000))->flags, MappingFlags(Flag::READ));
  EXPECT_EQ(table->query(VirtAddr(0x201000))->flags, flags);
  auto removed = table->unmap_region(VirtAddr(0), 0x40000000);
  ASSERT_TRUE(bool(removed));
  EXPECT_EQ(removed->mapped_bytes, 0x202000u);
  removed->plan.carry_out();
  table->destroy().carry_out();
}

TEST(DirectMap, CarriesATableOfFourLevels) {
  expect_a_table_that_works<X64PageTable<Kernel<4>>>();
  EXPECT_EQ(Kernel<4>::frames_in_use(), 0);
  EXPECT_FALSE(Kernel<4>::flushes.empty());
}

TEST(DirectMap, CarriesATableOfFiveLevels) {
  expect_a_table_that_works<X64PageTable5<Kernel<5>>>();
  EXPECT_EQ(Kernel<5>::frames_in_use(), 0);
}

TEST(DirectMap, CarriesExtendedPageTables) {
  expect_a_table_that_works<ExtendedPageTable<Kernel<21>>>();
  expect_a_table_that_works<ExtendedPageTable5<Kernel<21>>>();
  EXPECT_EQ(Kernel<21>::frames_in_use(), 0);
}

TEST(DirectMap, SaysNoMemoryWhenFramesRunOut) {
  using Small = Kernel<6>;
  for (bool& one : Small::used) one = true;
  EXPECT_EQ(X64PageTable<Small>::try_new().error(), PagingError::NoMemory);
  Small::used[0] = Small::used[7] = false;
  auto table = X64PageTable<Small>::try_new();
  ASSERT_TRUE(bool(table));
  EXPECT_EQ(table->root_paddr(), PhysAddr(0)) << "frame 0 is a frame like any other";
  auto const mapped =
      table->map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, MappingFlags(Flag::READ));
  EXPECT_EQ(mapped.error(), PagingError::NoMemory);
  EXPECT_FALSE(Small::used[7]) << "what was taken was given back";
  Small::used[7] = true;
  std::uint64_t frame = 42;
  EXPECT_FALSE(DirectMap<Small>::alloc_frames(12, frame));
  EXPECT_EQ(frame, 42u) << "untouched when there is none";
  table->destroy().carry_out();
}

TEST(DirectMap, TryNewTakesWhatTheMachineIs) {
  MachineOptions machine;
  machine.physical_bits = 40;
  auto table = X64PageTable<Kernel<7>>::try_new(machine);
  EXPECT_EQ(table->map(VirtAddr(0), PhysAddr(1ull << 40), PageSize::Size4K, Flag::READ).error(),
            PagingError::InvalidAddress);
  table->destroy().carry_out();
}

TEST(DirectMap, TheExampleDoesWhatItSays) { EXPECT_EQ(static_array_example(), 0); }

// ---- Whole-table primitives: the production loops against their closed forms ----

class Primitives : public ::testing::Test {
 protected:
  using Map = DirectMap<Kernel<8>>;
  void SetUp() override {
    PhysAddr frame;
    ASSERT_TRUE(Kernel<8>::alloc_frame(frame));
    base_ = frame.value;
    Map::fill(base_, 512, 0, 0);
  }
  void TearDown() override { Kernel<8>::dealloc_frame(PhysAddr(base_)); }

  std::uint64_t slot(std::uint64_t k) const { return base_ + 8 * k; }

  std::uint64_t base_ = 0;
};

constexpr auto is_odd = [](std::uint64_t entry) { return (entry & 1) != 0; };

TEST_F(Primitives, FillIsAnArithmeticProgressionAndNothingBeside) {
  Map::fill(slot(3), 5, 100, 7);
  for (std::uint64_t k = 0; k < 512; ++k) {
    EXPECT_EQ(Map::load(slot(k)), k >= 3 && k < 8 ? 100 + (k - 3) * 7 : 0);
  }
  Map::fill(slot(0), 0, 1, 1);
  EXPECT_EQ(Map::load(slot(0)), 0u);
}

TEST_F(Primitives, FindAndCountLookAtExactlyTheSlotsGiven) {
  Map::store(slot(1), 1);
  Map::store(slot(5), 3);
  Map::store(slot(8), 5);
  EXPECT_EQ(Map::find_live(slot(2), 6, is_odd), 3u);
  EXPECT_EQ(Map::find_live(slot(2), 3, is_odd), 3u) << "none: the count";
  EXPECT_EQ(Map::find_live(slot(2), 0, is_odd), 0u);
  EXPECT_EQ(Map::count_live(slot(2), 6, is_odd), 1u);
  EXPECT_EQ(Map::count_live(slot(1), 8, is_odd), 3u);
}

TEST_F(Primitives, ClearLeavesWhatIsNotLiveAloneAndSaysWhatItTook) {
  Map::fill(slot(0), 8, 10, 1);
  RunChange const change = Map::clear(slot(1), 5, 0, is_odd);  // 11, 13 and 15
  EXPECT_EQ(change.count, 3u);
  EXPECT_EQ(change.before, 15u);
  EXPECT_EQ(change.lost, 15u);
  EXPECT_EQ(change.gained, 0u);
  std::uint64_t const expected[] = {10, 0, 12, 0, 14, 0, 16, 17};
  for (std::uint64_t k = 0; k < 8; ++k) EXPECT_EQ(Map::load(slot(k)), expected[k]);
}

TEST_F(Primitives, RewriteSaysWhatItChanged) {
  Map::fill(slot(0), 6, 10, 1);
  auto const next_even = [](std::uint64_t entry) { return entry + (entry & 1); };
  RunChange const change = Map::rewrite(slot(1), 4, next_even);  // 11 to 12, 13 to 14
  EXPECT_EQ(change.count, 2u);
  EXPECT_EQ(change.before, 15u);
  EXPECT_EQ(change.lost, 3u);
  EXPECT_EQ(change.gained, 6u);
  std::uint64_t const expected[] = {10, 12, 12, 14, 14, 15};
  for (std::uint64_t k = 0; k < 6; ++k) EXPECT_EQ(Map::load(slot(k)), expected[k]);
}

TEST_F(Primitives, RewriteAsksAgainWhenHardwareCameBetween) {
  Map::store(slot(0), 1);
  int asked = 0;
  auto const step = [&](std::uint64_t entry) {
    // Hardware sets a bit between the first look and the exchange.
    if (++asked == 1) Map::store(slot(0), entry | 0x40);
    return entry | 0x100;
  };
  RunChange const change = Map::rewrite(slot(0), 1, step);
  EXPECT_EQ(change.count, 1u);
  EXPECT_EQ(change.before, 0x41u);
  EXPECT_EQ(change.gained, 0x100u);
  EXPECT_EQ(Map::load(slot(0)), 0x141u);
}

TEST_F(Primitives, CompareExchangeSaysWhatStoodThere) {
  Map::store(slot(0), 5);
  EXPECT_EQ(Map::compare_exchange(slot(0), 6, 7), 5u);
  EXPECT_EQ(Map::load(slot(0)), 5u);
  EXPECT_EQ(Map::compare_exchange(slot(0), 5, 7), 5u);
  EXPECT_EQ(Map::exchange(slot(0), 9), 7u);
  EXPECT_EQ(Map::load(slot(0)), 9u);
}

// ---- Other shapes of handler ----

// Sees memory at integers, has roots of 16 KiB, and leaves the flush to a carrier.
struct Guest {
  static bool alloc_frame(PhysAddr& out) {
    out = PhysAddr(0);
    return true;
  }
  static void dealloc_frame(PhysAddr) { calls.push_back("one back"); }
  static bool alloc_frames(int size_log2, PhysAddr& out) {
    calls.push_back("take " + std::to_string(size_log2));
    out = PhysAddr(0x4000);
    return true;
  }
  static void dealloc_frames(PhysAddr frame, int size_log2) {
    calls.push_back("back " + std::to_string(frame.value) + " " + std::to_string(size_log2));
  }
  static VirtAddr phys_to_virt(PhysAddr address) {
    return VirtAddr(reinterpret_cast<std::uint64_t>(memory) + address.value);
  }
  static FrameMetadata& frame_metadata(PhysAddr) { return metadata; }

  static inline std::uint64_t memory[8] = {};
  static inline FrameMetadata metadata;
  static inline std::vector<std::string> calls;
};
struct Recorder {
  static void carry_out(FlushScope const& scope) { roots.push_back(scope.root); }
  static inline std::vector<std::uint64_t> roots;
};

TEST(DirectMap, ReachesMemoryThroughIntegersAndTakesLargeFramesWhereTheyAreOffered) {
  using Map = DirectMap<Guest, Recorder>;
  static_assert(Handler<Map> && HasLargeFrames<Guest>);
  Map::store(16, 42);
  EXPECT_EQ(Guest::memory[2], 42u);
  std::uint64_t frame = 1;
  ASSERT_TRUE(Map::alloc_frames(14, frame));
  EXPECT_EQ(frame, 0x4000u);
  Map::dealloc_frames(frame, 14);
  ASSERT_TRUE(Map::alloc_frames(12, frame));
  EXPECT_EQ(frame, 0u);
  Map::dealloc_frames(frame, 12);
  EXPECT_EQ(Guest::calls, (std::vector<std::string>{"take 14", "back 16384 14", "one back"}));
}

TEST(DirectMap, FlushesThroughTheUserFirstAndTheCarrierElse) {
  FlushScope scope;
  scope.root = 0x7000;
  DirectMap<Guest, Recorder>::invalidate(scope);
  EXPECT_EQ(Recorder::roots, std::vector<std::uint64_t>{0x7000});
  DirectMap<Kernel<9>, Recorder>::invalidate(scope);
  EXPECT_EQ(Recorder::roots.size(), 1u);
  EXPECT_EQ(Kernel<9>::flushes.size(), 1u);
  static_assert(!Handler<DirectMap<Guest>>, "nobody to flush");
}

TEST(DirectMapDeathTest, ALargeRootWithoutLargeFramesDies) {
  std::uint64_t frame = 0;
  EXPECT_DEATH((void)DirectMap<Kernel<9>>::alloc_frames(14, frame), "");
}

// ---- The registry ----

TEST(Formats, EachIsVisitedOnceAndInOrder) {
  std::string names;
  AllFormats::for_each([&](auto format) {
    using F = typename decltype(format)::type;
    names += std::string(F::name) + " ";
  });
  EXPECT_EQ(names,
            "x86_64-4 x86_64-5 ept-4 ept-5 npt sv39 sv48 sv57 sv39x4 sv48x4 sv57x4 "
            "aarch64-s1 aarch64-s1-upper aarch64-el2 aarch64-s2 aarch64-s2-40 loongarch64 ");
  EXPECT_EQ(AllFormats::size, 17);
}

}  // namespace
}  // namespace twinwalk::test
