// The flat map against its page-granular twin: random operations in a small world of addresses that
// keep meeting each other, everything compared after each.
#include "models/page_map.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/flat_map.hpp"
#include "tests/models/toy_spec.hpp"

namespace twinwalk::models {
namespace {

using u64 = std::uint64_t;

// clang-format off
enum class Call {
  map, unmap, protect, remap, query, map_region, unmap_region, protect_region, walk,
  clear_accessed, clear_dirty, set_accessed, set_dirty, share, hardware_accessed, hardware_dirty,
};
// clang-format on
constexpr int call_count = 16;

struct Op {
  Call call{};
  int space = 0;
  VirtAddr va;
  PhysAddr pa;
  u64 length = 0;
  PageSize size{PageSize::Size4K};
  MappingFlags flags;
  u64 allocations = 0;
  u64 visits_max = 0;
};

std::string describe(Op const& op) {
  char text[200];
  std::snprintf(text, sizeof text,
                "call %d space %d va %#lx pa %#lx length %#lx size %d flags %#lx allocations %lu",
                static_cast<int>(op.call), op.space, op.va.value, op.pa.value, op.length,
                size_log2(op.size), op.flags.bits, op.allocations);
  return text;
}

// What a call gave back, leaf by leaf where it visits leaves.
struct Answer {
  Outcome outcome;
  std::vector<Leaf> visited;
};

std::vector<Leaf> leaves_of(Extent const& e) {
  std::vector<Leaf> leaves;
  LeafReader reader(std::span(&e, 1));
  while (auto const leaf = reader.next()) leaves.push_back(*leaf);
  return leaves;
}
std::vector<Leaf> leaves_of(Leaf const& leaf) { return {leaf}; }

// Both maps have the same calls; they differ in whether a visitor is handed runs or leaves.
template <class Map>
Answer run(Op const& op, Map& map, Map& other) {
  Answer answer;
  auto const collect = [&](auto const& part) {
    for (Leaf const& leaf : leaves_of(part)) {
      if (answer.visited.size() < op.visits_max) answer.visited.push_back(leaf);
    }
    return answer.visited.size() < op.visits_max;
  };
  auto const hardware = [&](bool found) {
    Outcome outcome;
    outcome.mapped_bytes = found ? 1 : 0;
    return outcome;
  };
  auto const call = [&]() -> Outcome {
    switch (op.call) {
      case Call::map:
        return map.map(op.va, op.pa, op.size, op.flags, op.allocations);
      case Call::unmap:
        return map.unmap(op.va);
      case Call::protect:
        return map.protect(op.va, op.flags);
      case Call::remap:
        return map.remap(op.va, op.pa, op.flags);
      case Call::query:
        return map.query(op.va);
      case Call::map_region:
        return map.map_region(op.va, op.pa, op.length, op.flags, op.size, op.allocations);
      case Call::unmap_region:
        return map.unmap_region(op.va, op.length, op.allocations, collect);
      case Call::protect_region:
        return map.protect_region(op.va, op.length, op.flags, op.allocations);
      case Call::walk:
        return map.walk(op.va, op.length, collect);
      case Call::clear_accessed:
        return map.clear_accessed(op.va);
      case Call::clear_dirty:
        return map.clear_dirty(op.va);
      case Call::set_accessed:
        return map.set_accessed(op.va);
      case Call::set_dirty:
        return map.set_dirty(op.va);
      case Call::share:
        return map.share_root_entries(other, op.va, op.length, op.allocations);
      case Call::hardware_accessed:
        return hardware(map.set_hardware_accessed(op.va));
      case Call::hardware_dirty:
        return hardware(map.set_hardware_dirty(op.va));
    }
    return {};
  };
  answer.outcome = call();
  return answer;
}

// Draws operations whose addresses lie on and beside the boundaries of tables.
template <class Spec>
class Generator {
  using Shape = Geometry<Spec>;

 public:
  explicit Generator(unsigned seed) : random_(seed), crowded_(seed % 2 != 0) {}

  MachineOptions options() {
    MachineOptions options;
    // Eight slots: a region at the top of the width runs over it.
    options.physical_bits = static_cast<std::uint8_t>(Shape::slot_shift + 3);
    options.no_execute = below(8) != 0;
    options.gigabyte_pages = below(4) != 0;
    options.hardware_updates = static_cast<HardwareUpdates>(below(3));
    return options;
  }

  Op next() {
    Op op;
    op.call = static_cast<Call>(below(call_count));
    // Half of all calls add leaves or split them, and sharing stays rare.
    if (below(3) == 0) op.call = below(2) != 0 ? Call::map : Call::map_region;
    if (op.call == Call::share && below(2) != 0) op.call = Call::protect_region;
    bool const removes = op.call == Call::unmap || op.call == Call::unmap_region;
    if (crowded_ && removes && below(8) != 0) op.call = Call::set_accessed;
    op.space = op.call == Call::share ? (below(4) == 0 ? 0 : 1) : static_cast<int>(below(2));
    op.size = static_cast<PageSize>(Shape::entry_shift(level()));
    op.va = VirtAddr(virtual_address());
    op.pa = PhysAddr(below(2) != 0 ? op.va.value % (Shape::slot_bytes * 2) : physical_address());
    op.length = length();
    bool const maps = op.call == Call::map || op.call == Call::map_region;
    if (maps && below(8) == 0) take_whole_slots(op);
    if (op.call == Call::map && below(8) != 0) {
      op.va.value -= op.va.value % bytes(op.size);
      op.pa.value -= op.pa.value % bytes(op.size);
    }
    if (op.call == Call::share && below(8) != 0) {
      op.va.value -= op.va.value % Shape::slot_bytes;
      op.length = Shape::slot_bytes * (below(3) + 1);
    }
    if (op.call == Call::map_region) bound_pages(op);
    op.flags = flags();
    op.allocations = below(4) == 0 ? below(5) : 1000;
    op.visits_max = below(4) == 0 ? below(4) + 1 : ~u64{0};
    return op;
  }

 private:
  u64 below(u64 bound) { return random_() % bound; }
  // 1 to `most` entries of some level, in bytes. One draw to a statement: compilers may order the
  // operands of an expression as they like, and a seed should mean the same for all of them.
  u64 entries(u64 most) {
    u64 const count = below(most) + 1;
    return count << Shape::entry_shift(level());
  }
  // Low levels more often than high ones, or a few huge leaves fill the world.
  int level() {
    u64 const bound = below(Spec::levels) + 1;
    return static_cast<int>(below(bound));
  }

  u64 virtual_address() {
    u64 const half = u64{1} << (Spec::address_bits - 1);
    // The first, a middle and the last slot of both halves; 0 - x is near the end of all addresses.
    u64 const bases[] = {0, Shape::slot_bytes, half, 0 - half, 0 - half + Shape::slot_bytes, 0};
    u64 va = bases[below(std::size(bases))];
    for (u64 steps = below(4); steps != 0; --steps) {
      u64 const step = entries(3);
      va = below(2) != 0 ? va + step : va - step;
    }
    if (!Spec::canonical(va) && below(8) != 0) va = half - entries(1);
    return below(16) == 0 ? va + below(4096) : va;
  }
  u64 physical_address() {
    u64 pa = below(8) == 0 ? Shape::slot_bytes * 8 : Shape::slot_bytes * below(4);
    for (u64 steps = below(3); steps != 0; --steps)
      pa = below(2) != 0 ? pa + entries(1) : pa - entries(1);
    return below(16) == 0 ? pa + below(4096) : pa;
  }
  u64 length() {
    u64 length = 0;
    for (u64 steps = below(8) == 0 ? 3 : 1; steps != 0; --steps) length += entries(4);
    if (below(4) == 0) length -= entries(1);
    if (below(32) == 0) length = 0;
    return below(16) == 0 ? length + below(4096) : length;
  }
  // Leaves as large as a root slot meet pinned tables.
  void take_whole_slots(Op& op) {
    op.va.value -= op.va.value % Shape::slot_bytes;
    op.pa = PhysAddr(0);
    op.length = Shape::slot_bytes * (below(2) + 1);
    op.size = static_cast<PageSize>(Shape::slot_shift);
  }
  // The twin maps page by page: where large pages will not do, short regions only.
  void bound_pages(Op& op) {
    if (Spec::index_bits < 9) return;
    u64 const middle = u64{1} << Shape::entry_shift(1);
    if (op.length <= 4 * middle) return;
    if (op.size < static_cast<PageSize>(Shape::entry_shift(1))) op.size = PageSize::Size2M;
    op.pa.value = (op.pa.value & ~(middle - 1)) | (op.va.value & (middle - 1));
    if (op.length > 8 * (u64{1} << Shape::entry_shift(2))) op.length %= 512 * middle;
  }
  MappingFlags flags() {
    MappingFlags flags = Flag::READ;
    if (below(2) != 0) flags = flags | Flag::WRITE;
    if (below(4) != 0) flags = flags | Flag::EXECUTE;
    if (below(8) == 0) flags = flags | Flag::GLOBAL;
    if (below(8) == 0) flags = flags | Flag::DEVICE | Flag::UNCACHED;
    if (below(8) == 0) flags = flags.with_software(below(8));
    if (below(16) == 0) flags = MappingFlags(below(64));
    if (below(32) == 0) flags = flags.with_software(8);
    return flags;
  }

  std::mt19937_64 random_;
  bool crowded_;  // keeps most of what it maps
};

// Which refusals of which calls were seen; nothing for success.
using Reached = std::set<std::pair<Call, std::optional<PagingError>>>;

template <class Spec>
void expect_same_state(FlatMap<Spec> const& flat, PageMap<Spec> const& twin) {
  ASSERT_EQ(flat.table_count(), twin.table_count());
  ASSERT_EQ(flat.table_count(), flat.recount_tables());
  auto const extents = flat.extents().all();
  LeafReader reader(extents);
  for (auto const& [virt, leaf] : twin.leaves()) ASSERT_EQ(reader.next(), leaf) << std::hex << virt;
  ASSERT_EQ(reader.next(), std::nullopt);
  for (std::size_t i = 1; i < extents.size(); ++i) {
    ASSERT_FALSE(extents[i - 1].continues_in(extents[i])) << "two extents where one would do";
  }
}

template <class Spec>
void drive(unsigned seed, int steps, Reached& reached) {
  Generator<Spec> generator(seed);
  MachineOptions const options = generator.options();
  FlatMap<Spec> flat[2];
  PageMap<Spec> twin[2];
  for (int space = 0; space < 2; ++space) {
    ASSERT_EQ(flat[space].create(options, 1), twin[space].create(options, 1));
  }
  for (int step = 0; step < steps; ++step) {
    Op const op = generator.next();
    SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step) + ": " +
                 describe(op));
    Answer const predicted = run(op, flat[op.space], flat[1 - op.space]);
    Answer const expected = run(op, twin[op.space], twin[1 - op.space]);
    auto const error = [](Answer const& a) {
      return a.outcome.ok() ? std::nullopt : std::optional(a.outcome.failure->error);
    };
    reached.emplace(op.call, error(expected));
    ASSERT_EQ(error(predicted), error(expected));
    ASSERT_EQ(predicted.visited, expected.visited);
    ASSERT_TRUE(predicted.outcome == expected.outcome);
    for (int space = 0; space < 2; ++space) {
      ASSERT_NO_FATAL_FAILURE(expect_same_state(flat[space], twin[space]));
    }
  }
  for (int space : {1, 0}) ASSERT_EQ(flat[space].destroy(), twin[space].destroy());
}

TEST(PageMap, AgreesWithTheFlatMapInAWorldOf256Pages) {
  Reached reached;
  for (unsigned seed = 0; seed < 1200 && !HasFatalFailure(); ++seed) {
    drive<Tiny>(seed, 50, reached);
  }
  // The comparison is worth what it reaches: every refusal that the contract's table allows.
  using enum PagingError;
  std::map<Call, std::set<PagingError>> const refusals{
      {Call::map,
       {UnsupportedPageSize, InvalidAddress, NotAligned, UnrepresentableFlags, Borrowed,
        AlreadyMapped, MappedToHugePage, NoMemory}},
      {Call::map_region,
       {InvalidAddress, NotAligned, UnrepresentableFlags, Borrowed, AlreadyMapped, MappedToHugePage,
        NoMemory}},
      {Call::unmap, {InvalidAddress, Borrowed, NotMapped}},
      {Call::protect, {InvalidAddress, UnrepresentableFlags, Borrowed, NotMapped}},
      {Call::remap, {InvalidAddress, NotAligned, UnrepresentableFlags, Borrowed, NotMapped}},
      {Call::query, {InvalidAddress, NotMapped}},
      {Call::unmap_region, {InvalidAddress, NotAligned, Borrowed, NoMemory}},
      {Call::protect_region,
       {InvalidAddress, NotAligned, UnrepresentableFlags, Borrowed, NoMemory}},
      {Call::walk, {InvalidAddress}},
      {Call::clear_accessed, {InvalidAddress, Borrowed, NotMapped}},
      {Call::clear_dirty, {InvalidAddress, Borrowed, NotMapped}},
      {Call::set_accessed, {InvalidAddress, Borrowed, NotMapped}},
      {Call::set_dirty, {InvalidAddress, Borrowed, NotMapped}},
      {Call::share,
       {InvalidAddress, NotAligned, Borrowed, AlreadyMapped, MappedToHugePage, NoMemory}},
      {Call::hardware_accessed, {}},
      {Call::hardware_dirty, {}},
  };
  Reached allowed;
  for (auto const& [call, errors] : refusals) {
    allowed.emplace(call, std::nullopt);
    for (PagingError error : errors) allowed.emplace(call, error);
  }
  for (auto const& [call, error] : allowed) {
    EXPECT_TRUE(reached.contains({call, error}))
        << "never reached: call " << static_cast<int>(call) << " with error "
        << (error ? static_cast<int>(*error) : -1);
  }
  EXPECT_EQ(reached.size(), allowed.size());
}

TEST(PageMap, AgreesWithTheFlatMapOnFourLevels) {
  Reached reached;
  for (unsigned seed = 0; seed < 16 && !HasFatalFailure(); ++seed) {
    drive<FourLevels>(seed, 60, reached);
  }
}

TEST(PageMap, AgreesWithTheFlatMapOnFiveLevels) {
  Reached reached;
  for (unsigned seed = 0; seed < 16 && !HasFatalFailure(); ++seed) {
    drive<FiveLevels>(seed, 60, reached);
  }
}

}  // namespace
}  // namespace twinwalk::models
