// That the alarms ring: each broken engine is found by the oracle that is there for it, from the
// seeds that the shipped engine passes, and its sequence shrinks to almost nothing.
#include "fuzz/oracles.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <optional>
#include <set>
#include <string>

#include "fuzz/generator.hpp"
#include "fuzz/minimize.hpp"
#include "fuzz/runner.hpp"
#include "fuzz/text.hpp"
#include "tests/fuzz/broken_engines.hpp"

namespace twinwalk::fuzz {
namespace {

constexpr std::uint64_t first_seed = 1;
constexpr std::uint64_t last_seed = 2000;

Sequence const& sequence_of(std::uint64_t seed) {
  static Sequence sequence;
  GeneratorOptions options;
  options.format = 0;
  generate(seed, options, sequence);
  return sequence;
}

BrokenRunner& runner() {
  static BrokenRunner instance;
  return instance;
}

class BrokenEngine : public testing::TestWithParam<broken::Entry> {};

TEST_P(BrokenEngine, IsFoundByItsOracleAndMadeSmall) {
  broken::Entry const& entry = GetParam();
  auto const what = entry.make();
  std::optional<Finding> found;
  std::uint64_t seed = first_seed;
  for (; seed <= last_seed && !found; ++seed) found = runner().run(*what, sequence_of(seed));
  ASSERT_TRUE(found) << "no seed up to " << last_seed << " finds it";
  EXPECT_EQ(found->oracle, entry.oracle) << found->what;

  MinimizeResult const small = minimize(sequence_of(seed - 1), [&](Sequence const& tried) {
    auto const again = runner().run(*what, tried);
    return again && again->oracle == found->oracle;
  });
  ASSERT_TRUE(small.reproduced);
  EXPECT_TRUE(small.finished);
  EXPECT_LE(small.sequence.ops.size(), entry.ops_max) << print(small.sequence, known_formats());
  auto const on_the_whole_one = runner().run(whole, small.sequence);
  EXPECT_FALSE(on_the_whole_one) << on_the_whole_one->oracle << ": " << on_the_whole_one->what;

  std::cout << entry.name << ": " << found->oracle << " after " << seed - first_seed
            << " sequences, minimised to " << small.sequence.ops.size() << " operations in "
            << small.runs << " runs\n";
  RecordProperty("executions", static_cast<int>(seed - first_seed));
  RecordProperty("operations", static_cast<int>(small.sequence.ops.size()));
}

INSTANTIATE_TEST_SUITE_P(Each, BrokenEngine, testing::ValuesIn(broken::broken_engines),
                         [](auto const& test) { return std::string(test.param.name); });

TEST(Oracles, EachHasABrokenEngineThatItFinds) {
  std::set<std::string_view> proven;
  for (broken::Entry const& entry : broken::broken_engines) proven.insert(entry.oracle);
  AllOracles::for_each([&]<class Oracle>() {
    EXPECT_TRUE(proven.contains(Oracle::name)) << Oracle::name;
    proven.erase(Oracle::name);
  });
  EXPECT_TRUE(proven.empty()) << *proven.begin() << " is no oracle";
}

TEST(Oracles, HaveNamesOfTheirOwnAndSayWhatTheyHold) {
  std::set<std::string_view> names;
  AllOracles::for_each([&]<class Oracle>() {
    EXPECT_TRUE(names.insert(Oracle::name).second) << Oracle::name;
    EXPECT_TRUE(std::string_view(Oracle::statement).ends_with(".")) << Oracle::name;
  });
}

TEST(Oracles, HaveNothingAgainstTheShippedEngineOnTheSameSeeds) {
  AnyRunner shipped(shipped_engine);
  for (std::uint64_t seed = first_seed; seed <= last_seed; ++seed) {
    Sequence const& sequence = sequence_of(seed);
    auto const found = shipped.for_sequence(sequence)->run(sequence, {});
    ASSERT_FALSE(found) << "seed " << seed << ": " << found->oracle << ": " << found->what;
  }
  // Silence would prove less had the harness lost sight of something.
  RunStatistics const& statistics = shipped.for_sequence(sequence_of(first_seed))->statistics();
  EXPECT_NE(statistics.operations, 0U);
  EXPECT_EQ(statistics.facts_dropped, 0U);
  EXPECT_EQ(statistics.answers_dropped, 0U);
  EXPECT_LT(statistics.logs_overflowed, statistics.operations / 100);
}

TEST(Oracles, HaveNothingAgainstABrokenEngineInWhichNothingIsBroken) {
  for (std::uint64_t seed = first_seed; seed <= 200; ++seed) {
    auto const found = runner().run(whole, sequence_of(seed));
    ASSERT_FALSE(found) << "seed " << seed << ": " << found->oracle << ": " << found->what;
  }
}

}  // namespace
}  // namespace twinwalk::fuzz
