#include "fuzz/minimize.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "fuzz/generator.hpp"
#include "fuzz/text.hpp"
#include "tests/fuzz/arbitrary.hpp"

namespace twinwalk::fuzz {
namespace {

Sequence parsed(std::string const& text) {
  Sequence out;
  auto const error = parse(text, known_formats(), out);
  EXPECT_FALSE(error) << error->message;
  return out;
}

Sequence noise(std::uint64_t seed, std::size_t ops) {
  Sequence out;
  GeneratorOptions options;
  options.format = 0;
  options.ops_min = options.ops_max = ops;
  generate(seed, options, out);
  return out;
}

// A planted bug: a 2M page, later cut by an unmap_region that ends inside it.
bool cuts_a_huge_page(Sequence const& sequence) {
  std::uint64_t const huge = bytes(PageSize::Size2M);
  for (std::size_t i = 0; i < sequence.ops.size(); ++i) {
    Op const& map = sequence.ops[i];
    if (map.kind != OpKind::map || map.size != PageSize::Size2M) continue;
    for (std::size_t j = i + 1; j < sequence.ops.size(); ++j) {
      Op const& cut = sequence.ops[j];
      std::uint64_t const end = cut.va.value + cut.length - map.va.value;
      if (cut.kind == OpKind::unmap_region && end > 0 && end < huge) return true;
    }
  }
  return false;
}

TEST(Minimize, ThirtyTwoOperationsBecomeTheTwoThatMatter) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Sequence sequence = noise(seed, 30);
    Random random(seed);
    Sequence const planted = parsed(
        "format x86_64-4\n"
        "map 0x7f0040200000 2M rwxu,global,soft=0x3 -> 0x13400000\n"
        "defer unmap_region 0x7f0040200000 0x1000 visit\n");
    std::size_t const first = random.below(31);
    sequence.ops.insert(sequence.ops.begin() + static_cast<std::ptrdiff_t>(first), planted.ops[0]);
    std::size_t const second = first + 1 + random.below(31 - first);
    sequence.ops.insert(sequence.ops.begin() + static_cast<std::ptrdiff_t>(second), planted.ops[1]);

    MinimizeResult const result = minimize(sequence, cuts_a_huge_page);
    EXPECT_TRUE(result.reproduced);
    EXPECT_TRUE(result.finished);
    EXPECT_LT(result.runs, 400u);
    ASSERT_EQ(result.sequence.ops.size(), 2u) << print(result.sequence, known_formats());
    EXPECT_TRUE(cuts_a_huge_page(result.sequence));
  }
}

TEST(Minimize, WhatIsLeftIsPlain) {
  Sequence const sequence = parsed(
      "format x86_64-5\n"
      "machine physical-bits=37 no-execute=0 frames=1000 placement=77\n"
      "map 0xff12345678200000 2M rwxu,global,type=4,soft=0x3 -> 0x13400000\n"
      "space 1 query 0x1000\n"
      "defer unmap_region 0xff12345678200000 0x1000 visit expect ok\n");
  MinimizeResult const result = minimize(sequence, cuts_a_huge_page);
  EXPECT_EQ(
      print(result.sequence, known_formats()),
      "format  x86_64-5\n"
      "machine physical-bits=52 no-execute=1 gigabyte-pages=1 protection-keys=0 execute-only=1 "
      "mode-based-execute=0 page-memory-types=0 hardware-updates=accessed-and-dirty frames=64 "
      "placement=0\n"
      "map     0x0 2M r-- -> 0x0\n"
      "unmap_region 0x0 0x1000\n");
}

TEST(Minimize, KeepsWhatTheFailureNeeds) {
  Sequence const sequence = parsed(
      "format x86_64-4\n"
      "machine frames=9 physical-bits=40\n"
      "flush\n"
      "fail alloc 3\n"
      "space 1 defer map 0x7fff12345000 4K rwxu,key=3 -> 0x5000\n"
      "flush\n");
  auto const fails = [](Sequence const& s) {
    return s.frames < 12 && s.frames > 5 &&
           std::any_of(s.ops.begin(), s.ops.end(), [](Op const& op) {
             return op.kind == OpKind::map && op.space == 1 && op.flags.key() == 3 &&
                    op.va.value >= 0x7000'0000'0000;
           });
  };
  MinimizeResult const result = minimize(sequence, fails);
  EXPECT_EQ(result.sequence.frames, 6u);
  ASSERT_EQ(result.sequence.ops.size(), 1u);
  EXPECT_EQ(print(result.sequence.ops[0]), "space 1 map 0x700000000000 4K r--,key=3 -> 0x0");
}

TEST(Minimize, IsDeterministic) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Sequence const sequence = noise(seed, 40);
    auto const fails = [](Sequence const& s) {
      return std::count_if(s.ops.begin(), s.ops.end(),
                           [](Op const& op) { return (op.va.value & 0x1000) != 0; }) >= 3;
    };
    MinimizeResult const first = minimize(sequence, fails);
    MinimizeResult const second = minimize(sequence, fails);
    EXPECT_EQ(first.sequence, second.sequence);
    EXPECT_EQ(first.runs, second.runs);
    EXPECT_EQ(first.reproduced, fails(sequence));
    EXPECT_EQ(fails(first.sequence), first.reproduced);
  }
}

TEST(Minimize, SaysWhenNothingFailed) {
  Sequence const sequence = noise(1, 10);
  MinimizeResult const result = minimize(sequence, [](Sequence const&) { return false; });
  EXPECT_FALSE(result.reproduced);
  EXPECT_EQ(result.runs, 1u);
  EXPECT_EQ(result.sequence, sequence);
}

TEST(Minimize, AsksNoMoreThanItMay) {
  Random random(1);
  Sequence const sequence = arbitrary_sequence(random, 1, 40);
  for (std::size_t runs_max : {1u, 2u, 10u, 100u}) {
    std::size_t asked = 0;
    auto const fails = [&](Sequence const&) {
      ++asked;
      return asked % 3 == 1;
    };
    MinimizeResult const result = minimize(sequence, fails, {runs_max});
    EXPECT_LE(asked, runs_max);
    EXPECT_EQ(result.runs, asked);
  }
}

// Whatever fails, the result fails too, and there is an end.
TEST(Minimize, EndsForEverySequence) {
  Random random(2);
  for (int run = 0; run < 100; ++run) {
    Sequence const sequence = arbitrary_sequence(random, 2, 12);
    auto const always = [](Sequence const&) { return true; };
    MinimizeResult const result = minimize(sequence, always);
    EXPECT_TRUE(result.finished);
    EXPECT_TRUE(result.sequence.ops.empty());
    std::size_t const wanted = sequence.ops.size();
    auto const same_count = [wanted](Sequence const& s) { return s.ops.size() == wanted; };
    EXPECT_TRUE(minimize(sequence, same_count).finished) << print(sequence, known_formats());
  }
}

}  // namespace
}  // namespace twinwalk::fuzz
