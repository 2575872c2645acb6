#include "fuzz/generator.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "fuzz/address_pool.hpp"
#include "fuzz/codec.hpp"
#include "fuzz/text.hpp"
#include "tests/fuzz/arbitrary.hpp"

namespace twinwalk::fuzz {
namespace {

// What a sequence has mapped, if memory is plenty: ranges of bytes for each space, nothing else.
class MappedSet {
 public:
  explicit MappedSet(FormatShape const& shape) : shape_(shape) {}

  // Whether the operation touches something mapped; then carries it out.
  bool touches_then_apply(Op const& op) {
    OperandSet const takes = info(op.kind).operands;
    if (!takes.has(Operand::va)) return false;
    std::uint64_t length = takes.has(Operand::length) ? op.length : 1;
    if (op.kind == OpKind::map) length = bytes(op.size);
    std::uint64_t const first = op.va.value;
    std::uint64_t const last = first + length - 1;
    bool const legal = length != 0 && last >= first && in_half(first) && in_half(last) &&
                       (first >> 63) == (last >> 63);
    bool const touched = legal && overlaps(op.space, first, last);
    if (legal && (op.kind == OpKind::map || op.kind == OpKind::map_region)) {
      std::uint64_t const unit = op.kind == OpKind::map ? length : bytes(PageSize::Size4K);
      bool const aligned = ((first | op.pa.value | length) & (unit - 1)) == 0;
      if (aligned && !touched) ranges_.push_back({op.space, first, last, length});
    }
    if (legal && op.kind == OpKind::unmap) cut_leaf(op.space, first);
    if (legal && op.kind == OpKind::unmap_region) cut(op.space, first, last);
    return touched;
  }

 private:
  struct Range {
    std::uint8_t space;
    std::uint64_t first;
    std::uint64_t last;
    std::uint64_t leaf;
  };

  bool in_half(std::uint64_t address) const { return is_canonical(shape_, address); }
  bool overlaps(std::uint8_t space, std::uint64_t first, std::uint64_t last) const {
    for (Range const& range : ranges_) {
      if (range.space == space && range.first <= last && first <= range.last) return true;
    }
    return false;
  }
  void cut_leaf(std::uint8_t space, std::uint64_t address) {
    for (Range const& range : std::vector<Range>(ranges_)) {
      if (range.space == space && range.first <= address && address <= range.last) {
        std::uint64_t const page = address & ~std::uint64_t{0xfff};
        cut(space, page, page + 0xfff);
      }
    }
  }
  void cut(std::uint8_t space, std::uint64_t first, std::uint64_t last) {
    std::vector<Range> left;
    for (Range const& range : ranges_) {
      if (range.space != space || last < range.first || range.last < first) {
        left.push_back(range);
        continue;
      }
      if (range.first < first) left.push_back({space, range.first, first - 1, range.leaf});
      if (range.last > last) left.push_back({space, last + 1, range.last, range.leaf});
    }
    ranges_ = left;
  }

  FormatShape const& shape_;
  std::vector<Range> ranges_;
};

// The share of operations with an address that touch something mapped.
template <class Make>
double touching_share(int runs, Make make) {
  int touching = 0;
  int all = 0;
  for (int run = 0; run < runs; ++run) {
    Sequence const sequence = make(run);
    MappedSet mapped(known_formats()[sequence.format]);
    for (Op const& op : sequence.ops) {
      touching += mapped.touches_then_apply(op);
      all += info(op.kind).operands.has(Operand::va) && !is_arming(op.kind);
    }
  }
  return static_cast<double>(touching) / all;
}

TEST(Generator, TheSameSeedGivesTheSameSequence) {
  Sequence first;
  Sequence second;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    generate(seed, {}, first);
    generate(seed, {}, second);
    ASSERT_EQ(first, second);
  }
}

// One number over many sequences, the same for every compiler and platform. It changes when the
// generator does; then a reported seed no longer means what it meant, so change it knowingly.
TEST(Generator, ASeedMeansTheSameEverywhere) {
  std::uint64_t digest = 0;
  Sequence sequence;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    GeneratorOptions options;
    options.format = 0;
    generate(seed, options, sequence);
    for (std::uint8_t const byte : encode(sequence)) digest = digest * 1099511628211u + byte;
  }
  EXPECT_EQ(digest, 1451887057037696564u);
}

TEST(Generator, MakesCanonicalSequencesOfTheLengthAskedFor) {
  Sequence sequence;
  GeneratorOptions options;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    options.ops_min = seed % 10;
    options.ops_max = options.ops_min + seed % 50;
    generate(seed, options, sequence);
    EXPECT_GE(sequence.ops.size(), options.ops_min);
    EXPECT_LE(sequence.ops.size(), options.ops_max);
    for (Op const& op : sequence.ops) EXPECT_EQ(op, canonical(op)) << print(op);
    for (MachineKey const& key : machine_keys) {
      EXPECT_GE(key.get(sequence), key.least);
      EXPECT_LE(key.get(sequence), key.most);
    }
  }
}

TEST(Generator, KeepsToTheFormatAskedFor) {
  Sequence sequence;
  std::set<int> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    GeneratorOptions options;
    generate(seed, options, sequence);
    seen.insert(sequence.format);
    options.format = static_cast<int>(seed % options.formats.size());
    generate(seed, options, sequence);
    EXPECT_EQ(sequence.format, options.format);
  }
  EXPECT_EQ(seen.size(), known_formats().size());
}

TEST(Generator, MostOperationsTouchWhatIsMapped) {
  double const share = touching_share(2000, [](int run) {
    Sequence sequence;
    generate(static_cast<std::uint64_t>(run), {}, sequence);
    return sequence;
  });
  RecordProperty("share_in_1000", static_cast<int>(share * 1000));
  EXPECT_GT(share, 0.45);
}

// Bytes that a fuzzer made up meet themselves less often, but they do.
TEST(Generator, RandomBytesTouchWhatIsMappedThroughThePool) {
  Random random(1);
  double const share = touching_share(2000, [&](int) {
    std::vector<std::uint8_t> bytes(encoded_size(32));
    for (std::uint8_t& byte : bytes) byte = random.byte();
    Sequence sequence;
    decode(bytes, known_formats(), sequence);
    return sequence;
  });
  RecordProperty("share_in_1000", static_cast<int>(share * 1000));
  EXPECT_GT(share, 0.05);
}

TEST(Generator, EveryKindAndEveryModifierComesUp) {
  std::array<int, op_kind_count> kinds{};
  int deferred = 0;
  int second_space = 0;
  int second_cpu = 0;
  Sequence sequence;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    generate(seed, {}, sequence);
    for (Op const& op : sequence.ops) {
      ++kinds[static_cast<std::size_t>(op.kind)];
      deferred += op.defer;
      second_space += op.space == 1;
      second_cpu += op.cpu == 1;
    }
  }
  for (OpInfo const& entry : op_table) {
    EXPECT_GT(kinds[static_cast<std::size_t>(entry.kind)], 50) << entry.name;
  }
  EXPECT_GT(deferred, 500);
  EXPECT_GT(second_space, 500);
  EXPECT_GT(second_cpu, 500);
}

TEST(Generator, SomeCasesDoWithoutSomeKinds) {
  int without = 0;
  Sequence sequence;
  GeneratorOptions options;
  options.ops_min = options.ops_max = 200;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    generate(seed, options, sequence);
    bool queried = false;
    for (Op const& op : sequence.ops) queried = queried || op.kind == OpKind::protect_region;
    without += !queried;
  }
  EXPECT_GT(without, 20);
  EXPECT_LT(without, 100);
}

// ---- The pool --------------------------------------------------------------------------------

template <class Visit>
void every_draw(Visit visit) {
  for (int base = 0; base < 256; base += 1) {
    for (int offset = 0; offset < 256; ++offset) {
      visit(Draw{static_cast<std::uint8_t>(base), static_cast<std::uint8_t>(offset), 0, 0});
    }
  }
}

TEST(AddressPool, HoldsBothSidesOfEveryEdge) {
  for (FormatShape const& shape : known_formats()) {
    std::set<std::uint64_t> pool;
    every_draw([&](Draw draw) { pool.insert(pool_address(shape, PageSize::Size4K, draw).value); });
    std::uint64_t const end = shape.first + half_bytes(shape);
    for (std::uint64_t const edge : {end, upper_half(shape), shape.first}) {
      // The pages that end and begin there, but for those that no address has: below the upper
      // half, and below the first address where the space ends elsewhere.
      EXPECT_TRUE(pool.contains(edge)) << std::hex << edge;
      bool const hole_below = edge == (shape.sign_extended ? upper_half(shape) : shape.first);
      EXPECT_TRUE(hole_below || pool.contains(edge - 0x1000)) << std::hex << edge;
    }
    for (int level = 1; level <= shape.levels; ++level) {
      std::uint64_t const span = std::uint64_t{1} << level_shift(level);
      EXPECT_TRUE(pool.contains(shape.first + span - 0x1000)) << level;
      EXPECT_TRUE(level > 3 || pool.contains(shape.first + span)) << level;
    }
    EXPECT_LT(pool.size(), 200u) << "so many that they seldom meet";
  }
}

TEST(AddressPool, LengthsReachATablesEndExactly) {
  for (FormatShape const& shape : known_formats()) {
    VirtAddr const va(shape.first + 0x40201000);
    std::set<std::uint64_t> lengths;
    every_draw([&](Draw draw) { lengths.insert(pool_length(shape, va, draw)); });
    EXPECT_TRUE(lengths.contains(0x1ff000));
    EXPECT_TRUE(lengths.contains(0x3fdff000));
    EXPECT_TRUE(lengths.contains(shape.first + half_bytes(shape) - va.value));
    EXPECT_TRUE(lengths.contains(last_address(shape) - va.value + 1));
    EXPECT_TRUE(lengths.contains(0));
  }
}

TEST(AddressPool, FramesLieAtZeroAtTheTopAndBeyond) {
  for (int bits = physical_bits_min; bits <= physical_bits_max; ++bits) {
    for (PageSize const size : {PageSize::Size4K, PageSize::Size2M, PageSize::Size1G}) {
      std::set<std::uint64_t> pool;
      every_draw([&](Draw draw) {
        PhysAddr const pa = pool_physical(bits, VirtAddr(0), size, draw);
        EXPECT_EQ(pa.value % bytes(size), 0u);
        pool.insert(pa.value);
      });
      std::uint64_t const width = std::uint64_t{1} << bits;
      EXPECT_TRUE(pool.contains(0));
      EXPECT_TRUE(pool.contains(width - bytes(size)));
      EXPECT_TRUE(pool.contains(width));
    }
  }
}

}  // namespace
}  // namespace twinwalk::fuzz
