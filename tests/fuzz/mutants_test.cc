// That the alarms ring: each seeded bug is found by the oracle that it names, from the seeds that
// the shipped engine passes, and its sequence shrinks to almost nothing.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <ostream>
#include <set>
#include <string>
#include <string_view>

#include "fuzz/minimize.hpp"
#include "fuzz/oracles.hpp"
#include "fuzz/text.hpp"
#include "tests/mutants/hunt.hpp"

namespace twinwalk::mutants {

void PrintTo(Mutant const& mutant, std::ostream* out) { *out << mutant.name; }

namespace {

constexpr std::uint64_t first_seed = 1;
constexpr std::uint64_t runs_max = 2000;

class EachMutant : public testing::TestWithParam<Mutant> {};

TEST_P(EachMutant, IsFoundByItsOracleAndMadeSmall) {
  Mutant const& mutant = GetParam();
  auto const engine = mutant.make();
  auto const caught = hunt(mutant, *engine, first_seed, runs_max);
  ASSERT_TRUE(caught) << "no seed up to " << runs_max << " finds it";
  EXPECT_EQ(caught->finding.oracle, mutant.info.oracle) << caught->finding.what;

  fuzz::MinimizeResult const small = shrink(*engine, *caught);
  ASSERT_TRUE(small.reproduced);
  EXPECT_TRUE(small.finished);
  EXPECT_LE(small.sequence.ops.size(), mutant.info.ops_max)
      << print(small.sequence, fuzz::known_formats());
  for (Control const& control : all_controls()) {
    if (control.format != mutant.format) continue;
    auto const whole = control.make()->run(small.sequence);
    EXPECT_FALSE(whole) << whole->oracle << ": " << whole->what;
  }

  std::cout << mutant.name << ": " << caught->finding.oracle << " after " << caught->executions
            << " sequences, minimised to " << small.sequence.ops.size() << " operations in "
            << small.runs << " runs\n";
}

INSTANTIATE_TEST_SUITE_P(All, EachMutant, testing::ValuesIn(all_mutants()), [](auto const& test) {
  std::string name(test.param.name);
  for (char& c : name) c = c == '/' ? '_' : c;
  return name;
});

TEST(Mutants, HaveNamesOriginsAndFormatsOfTheirOwn) {
  std::set<std::string_view> names;
  for (Mutant const& mutant : all_mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    EXPECT_FALSE(mutant.info.origin.empty()) << mutant.name;
    EXPECT_FALSE(mutant.info.summary.empty()) << mutant.name;
    EXPECT_NE(name(mutant.info.kind), "") << mutant.name;
  }
}

TEST(Mutants, AreThereForEachOracleAndEachKindOfBug) {
  std::set<std::string_view> oracles;
  std::set<Kind> kinds;
  for (Mutant const& mutant : all_mutants()) {
    oracles.insert(mutant.info.oracle);
    kinds.insert(mutant.info.kind);
  }
  fuzz::AllOracles::for_each([&]<class Oracle>() {
    EXPECT_TRUE(oracles.contains(Oracle::name)) << Oracle::name;
    oracles.erase(Oracle::name);
  });
  EXPECT_TRUE(oracles.empty()) << *oracles.begin() << " is no oracle";
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(Kind::races_with_hardware) + 1);
}

TEST(Mutants, OfWhichNothingIsBrokenAreNotComplainedAbout) {
  for (Control const& control : all_controls()) {
    auto const engine = control.make();
    Mutant const whole{"nothing", control.format, {}, control.make};
    auto const caught = hunt(whole, *engine, first_seed, 300);
    EXPECT_FALSE(caught) << control.format << ", after " << caught->executions
                         << " sequences: " << caught->finding.oracle << ": "
                         << caught->finding.what;
  }
}

}  // namespace
}  // namespace twinwalk::mutants
