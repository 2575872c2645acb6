// The oracles as a list; and that they are silent about what is shipped, on the seeds by which
// mutants_test.cc finds what is broken.
#include "fuzz/oracles.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "fuzz/generator.hpp"
#include "fuzz/runner.hpp"

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

}  // namespace
}  // namespace twinwalk::fuzz
