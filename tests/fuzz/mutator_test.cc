#include "fuzz/mutator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "fuzz/codec.hpp"
#include "fuzz/generator.hpp"
#include "fuzz/text.hpp"
#include "tests/fuzz/arbitrary.hpp"

namespace twinwalk::fuzz {
namespace {

using Bytes = std::vector<std::uint8_t>;

int byte_mutations = 0;

// What a fuzzer might do: a new size, and other bytes.
std::size_t scribble(std::uint8_t* data, std::size_t size, std::size_t max_size) {
  ++byte_mutations;
  std::size_t const out = max_size == 0 ? 0 : (size + 7) % (max_size + 1);
  std::memset(data, 0x5a, out);
  return out;
}

Bytes mutated(Bytes const& input, std::size_t max_size, std::uint32_t seed,
              ByteMutator byte_mutator = nullptr) {
  Bytes data(max_size + 16, 0xcc);
  std::size_t const size = std::min(input.size(), max_size);
  std::copy_n(input.begin(), size, data.begin());
  std::size_t const out = mutate(data.data(), size, max_size, seed, byte_mutator);
  EXPECT_LE(out, max_size);
  EXPECT_TRUE(std::all_of(data.begin() + static_cast<std::ptrdiff_t>(max_size), data.end(),
                          [](std::uint8_t byte) { return byte == 0xcc; }))
      << "wrote behind the end";
  data.resize(out);
  return data;
}

Bytes random_input(Random& random) {
  Bytes out(random.below(800));
  for (std::uint8_t& byte : out) byte = random.byte();
  return out;
}

TEST(Mutator, StaysWithinTheRoomAndMakesWholeOperations) {
  Random random(1);
  for (std::uint32_t run = 0; run < 5000; ++run) {
    Bytes const input = random_input(random);
    std::size_t const max_size = random.below(900);
    Bytes const output = mutated(input, max_size, run);
    if (max_size >= codec_header_size) {
      ASSERT_GE(output.size(), codec_header_size);
      EXPECT_EQ((output.size() - codec_header_size) % codec_op_size, 0u);
      EXPECT_TRUE(has_current_version(output));
    }
  }
}

TEST(Mutator, TheSameSeedGivesTheSameMutation) {
  Random random(2);
  for (std::uint32_t run = 0; run < 500; ++run) {
    Bytes const input = random_input(random);
    EXPECT_EQ(mutated(input, 1024, run), mutated(input, 1024, run));
  }
}

TEST(Mutator, NearlyAlwaysChangesSomething) {
  Sequence sequence;
  int same = 0;
  for (std::uint32_t run = 0; run < 2000; ++run) {
    generate(run, {}, sequence);
    Bytes const input = encode(sequence);
    same += mutated(input, 2048, run) == input;
  }
  EXPECT_LT(same, 150);
}

TEST(Mutator, GrowsFromNothingAndShrinksToTheRoom) {
  std::set<std::size_t> sizes;
  for (std::uint32_t run = 0; run < 200; ++run) sizes.insert(mutated({}, 1024, run).size());
  EXPECT_GT(sizes.size(), 5u);
  Sequence sequence;
  GeneratorOptions options;
  options.ops_min = options.ops_max = 100;
  generate(1, options, sequence);
  for (std::uint32_t run = 0; run < 200; ++run) {
    EXPECT_LE(mutated(encode(sequence), encoded_size(10), run).size(), encoded_size(10));
  }
}

TEST(Mutator, LeavesOneInEightToTheFuzzersOwnMutator) {
  Sequence sequence;
  byte_mutations = 0;
  for (std::uint32_t run = 0; run < 8000; ++run) {
    generate(run % 16, {}, sequence);
    mutated(encode(sequence), 2048, run, scribble);
  }
  EXPECT_GT(byte_mutations, 800);
  EXPECT_LT(byte_mutations, 1200);
}

TEST(Mutator, ForgetsWhatTheAuthorExpected) {
  Sequence sequence;
  ASSERT_FALSE(
      parse("format x86_64-4\naccess 0x0 read expect fault\nflush\n", known_formats(), sequence));
  for (std::uint32_t run = 0; run < 300; ++run) {
    Sequence back;
    decode(mutated(encode(sequence), 1024, run), known_formats(), back);
    for (Op const& op : back.ops) EXPECT_EQ(op.expect, Expectation::none);
  }
}

TEST(Mutator, EachChangeKeepsSequencesCanonicalAndOfTheirFormat) {
  FormatList const formats = known_formats();
  Random random(3);
  for (int run = 0; run < 5000; ++run) {
    Sequence sequence = arbitrary_sequence(random, formats.size(), 12);
    std::uint8_t const format = sequence.format;
    std::size_t const ops_max = random.below(16);
    mutate_ops(random, formats, ops_max, sequence);
    EXPECT_EQ(sequence.format, format);
    EXPECT_LE(sequence.ops.size(), ops_max);
    for (Op const& op : sequence.ops) EXPECT_EQ(op, canonical(op)) << print(op);
  }
}

// From one operation, single changes reach its neighbours: another address, size, right, modifier.
TEST(Mutator, ReachesTheNeighboursOfASequence) {
  Sequence start;
  ASSERT_FALSE(parse("format x86_64-4\nmap 0x200000 4K rw- -> 0x1000\nunmap 0x200000\n",
                     known_formats(), start));
  Random random(4);
  bool retargeted = false, resized = false, toggled = false, deferred = false, armed = false,
       swapped = false, other_frames = false;
  for (int run = 0; run < 5000; ++run) {
    Sequence sequence = start;
    mutate_ops(random, known_formats(), 8, sequence);
    other_frames = other_frames || sequence.frames != start.frames;
    if (sequence.ops.size() == 3) armed = armed || sequence.ops[0].kind == OpKind::fail;
    if (sequence.ops.size() != 2) continue;
    Op const& map = sequence.ops[0];
    swapped = swapped || (map == start.ops[1] && sequence.ops[1] == start.ops[0]);
    if (map.kind != OpKind::map) continue;
    retargeted = retargeted || map.va != start.ops[0].va;
    resized = resized || map.size == PageSize::Size2M;
    toggled = toggled || map.flags == MappingFlags(Flag::READ);
    deferred = deferred || map.defer;
  }
  EXPECT_TRUE(retargeted);
  EXPECT_TRUE(resized);
  EXPECT_TRUE(toggled);
  EXPECT_TRUE(deferred);
  EXPECT_TRUE(armed);
  EXPECT_TRUE(swapped);
  EXPECT_TRUE(other_frames);
}

TEST(Crossover, TakesTheMachineOfTheFirstAndOperationsOfBoth) {
  Sequence first;
  Sequence second;
  bool both = false;
  for (std::uint32_t run = 0; run < 500; ++run) {
    generate(run, {}, first);
    generate(run + 1000, {}, second);
    Bytes out(2048);
    std::size_t const size = crossover(encode(first), encode(second), out, run);
    ASSERT_GE(size, codec_header_size);
    Sequence child;
    decode(std::span(out).first(size), known_formats(), child);
    EXPECT_EQ(child.machine, first.machine);
    EXPECT_EQ(child.format, first.format);
    std::size_t of_first = 0;
    std::size_t of_second = 0;
    for (Op const& op : child.ops) {
      bool const mine = std::find(first.ops.begin(), first.ops.end(), op) != first.ops.end();
      bool const other = std::find(second.ops.begin(), second.ops.end(), op) != second.ops.end();
      EXPECT_TRUE(mine || other);
      of_first += mine;
      of_second += other;
    }
    both = both || (of_first > 2 && of_second > 2);
  }
  EXPECT_TRUE(both);
}

TEST(Crossover, StaysWithinTheRoom) {
  Random random(5);
  for (std::uint32_t run = 0; run < 1000; ++run) {
    Bytes const first = random_input(random);
    Bytes const second = random_input(random);
    Bytes out(random.below(600));
    EXPECT_LE(crossover(first, second, out, run), out.size());
  }
}

}  // namespace
}  // namespace twinwalk::fuzz
