// Laws of the executor, through the runner that everybody uses: it repeats itself, keeps its part
// of the contract as a caller, and tells the flat map of adversaries where they struck.
#include "fuzz/executor_types.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "fuzz/generator.hpp"
#include "fuzz/oracle.hpp"
#include "fuzz/random.hpp"
#include "fuzz/runner.hpp"
#include "fuzz/text.hpp"
#include "tests/fuzz/shipped.hpp"

namespace twinwalk::fuzz {
namespace {

RunStatistics operator-(RunStatistics a, RunStatistics const& b) {
  a.operations -= b.operations;
  a.succeeded -= b.succeeded;
  a.touched_mapped -= b.touched_mapped;
  a.hardware_hits -= b.hardware_hits;
  return a;
}
bool operator==(RunStatistics const& a, RunStatistics const& b) {
  return a.operations == b.operations && a.succeeded == b.succeeded &&
         a.touched_mapped == b.touched_mapped && a.hardware_hits == b.hardware_hits;
}

// What a run came to, all of it.
struct Outcome {
  std::optional<Finding> found;
  std::string report;
  RunStatistics did;
};
Outcome outcome_of(Runner& runner, Sequence const& sequence) {
  RunStatistics const before = runner.statistics();
  Outcome out;
  out.found = runner.run(sequence, {});
  out.did = runner.statistics() - before;
  if (out.found) out.report = runner.explain(*out.found);
  return out;
}

// ---- It repeats itself -------------------------------------------------------------------------

TEST(Executor, FindsTheSameWhateverRanBefore) {
  // The known-bad engine, so that there is something to find, and to be left behind.
  auto const used = make_runner(0, "blog");
  ASSERT_NE(used, nullptr);
  GeneratorOptions options;
  options.format = 0;
  Sequence sequence;
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    generate(seed, options, sequence);
    Outcome const after_others = outcome_of(*used, sequence);
    Outcome const again = outcome_of(*used, sequence);
    auto const fresh = make_runner(0, "blog");
    Outcome const alone = outcome_of(*fresh, sequence);
    for (Outcome const* other : {&again, &alone}) {
      EXPECT_EQ(after_others.report, other->report) << seed;
      EXPECT_EQ(after_others.found.has_value(), other->found.has_value()) << seed;
      EXPECT_TRUE(after_others.did == other->did) << seed;
    }
    found += after_others.found ? 1U : 0U;
  }
  EXPECT_GT(found, 10u);
  EXPECT_LT(found, 24u);
}

TEST(Executor, DoesTheSameWorkWhateverRanBefore) {
  AnyRunner used(shipped_engine);
  Sequence sequence;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    generate(seed, {}, sequence);
    Outcome const after_others = outcome_of(*used.for_sequence(sequence), sequence);
    auto const fresh = make_runner(sequence.format, shipped_engine);
    Outcome const alone = outcome_of(*fresh, sequence);
    EXPECT_FALSE(after_others.found || alone.found) << seed;
    EXPECT_TRUE(after_others.did == alone.did) << seed;
  }
}

TEST(Executor, ForgetsPlansAndArmedAdversariesOfAnEarlierRun) {
  EXPECT_EQ(wrong_with("map 0x1000 4K rw- -> 0x1000\n"
                       "defer unmap 0x1000\n"
                       "fail alloc 0\n"
                       "hardware dirty 0x1000 before-store 0\n"),
            "");
  EXPECT_EQ(wrong_with("map 0x1000 4K rw- -> 0x1000 expect ok\n"
                       "cpu 1 access 0x1000 write expect ok\n"
                       "unmap 0x1000 expect ok\n"
                       "cpu 1 access 0x1000 read expect fault\n"),
            "");
}

// ---- Plans -------------------------------------------------------------------------------------

TEST(Executor, LeavesADeferredPlanPendingUntilTheFlush) {
  std::string const start =
      "map 0x1000 4K rw- -> 0x1000\n"
      "map 0x2000 4K rw- -> 0x2000\n"
      "defer unmap 0x1000 expect ok\n";
  // Until then a processor may go on using what it holds: neither outcome can be promised.
  EXPECT_NE(wrong_with(start + "cpu 1 access 0x1000 read expect fault\n"), "");
  EXPECT_NE(wrong_with(start + "cpu 1 access 0x1000 read expect ok\n"), "");
  EXPECT_EQ(wrong_with(start + "flush\ncpu 1 access 0x1000 read expect fault\n"), "");
}

TEST(Executor, FlushesAsManyPlansAsItIsToldOldestFirst) {
  std::string const start =
      "map 0x1000 4K rw- -> 0x1000\n"
      "map 0x2000 4K rw- -> 0x2000\n"
      "map 0x3000 4K rw- -> 0x3000\n"
      "defer unmap 0x1000\n"
      "defer unmap 0x2000\n"
      "flush 1\n";
  EXPECT_EQ(wrong_with(start + "access 0x1000 read expect fault\n"), "");
  EXPECT_NE(wrong_with(start + "access 0x2000 read expect fault\n"), "");
  EXPECT_EQ(wrong_with(start + "flush 9\naccess 0x2000 read expect fault\n"), "");
}

TEST(Executor, KeepsFramesOfAPendingPlanFromBeingUsed) {
  std::string const start =
      "machine frames=7\n"
      "map 0x1000 4K rw- -> 0x1000 expect ok\n"
      "map 0x8000000000 4K rw- -> 0x1000 expect ok\n"
      "defer unmap 0x1000 expect ok\n";
  EXPECT_EQ(wrong_with(start + "map 0x10000000000 4K rw- -> 0x1000 expect NoMemory\n"), "");
  EXPECT_EQ(wrong_with(start + "flush\nmap 0x10000000000 4K rw- -> 0x1000 expect ok\n"), "");
}

TEST(Executor, CarriesPlansOutBeforeTheirRangeIsMappedAgain) {
  for (char const* mapping :
       {"map 0x1000 4K rw- -> 0x5000", "map_region 0x0 0x4000 rw- -> 0x4000"}) {
    EXPECT_EQ(wrong_with("map 0x1000 4K rw- -> 0x1000\n"
                         "map 0x200000 4K rw- -> 0x1000\n"
                         "defer unmap 0x1000\n" +
                         std::string(mapping) +
                         " expect ok\n"
                         "cpu 1 access 0x1000 write expect ok\n"),
              "");
  }
}

TEST(Executor, HasNothingPendingAtTheEnd) {
  EXPECT_EQ(wrong_with("map 0x1000 4K rw-,global -> 0x1000\n"
                       "space 1 share 0xffff800000000000 0x8000000000\n"
                       "map 0xffff800000000000 2M rw- -> 0x200000\n"
                       "defer protect_region 0xffff800000000000 0x1000 r--\n"
                       "defer unmap 0x1000\n"
                       "defer unmap_region 0xffff800000000000 0x200000\n"),
            "");
}

// ---- Sharing -----------------------------------------------------------------------------------

TEST(Executor, ShowsABorrowerWhatItsOwnerDoes) {
  EXPECT_EQ(wrong_with("space 1 share 0xffff800000000000 0x8000000000 expect ok\n"
                       "map 0xffff800000001000 4K rw- -> 0x1000 expect ok\n"
                       "space 1 cpu 1 access 0xffff800000001000 write expect ok\n"
                       "space 1 query 0xffff800000001000 expect ok\n"
                       "space 1 unmap 0xffff800000001000 expect Borrowed\n"
                       "protect 0xffff800000001000 r-- expect ok\n"
                       "space 1 cpu 1 access 0xffff800000001000 write expect fault\n"
                       "unmap 0xffff800000001000 expect ok\n"
                       "space 1 query 0xffff800000001000 expect NotMapped\n"),
            "");
}

TEST(Executor, SkipsWhatNamesASpaceThatDoesNotExist) {
  // One frame: there is a root for the first space and none for the second.
  Sequence const sequence = parsed(
      "machine frames=1\n"
      "space 1 map 0x1000 4K rw- -> 0x1000\n"
      "space 1 share 0x0 0x8000000000\n"
      "share 0x0 0x8000000000 from 1\n"
      "space 1 access 0x1000 write\n"
      "space 1 garbage 0x1000 level 4 0x10\n"
      "space 1 hardware dirty 0x1000 before-store 0\n"
      "fail alloc 0\n"
      "query 0x1000 expect NotMapped\n"
      "map 0x1000 4K rw- -> 0x1000 expect NoMemory\n");
  Runner& runner = *shipped().for_sequence(sequence);
  RunStatistics const before = runner.statistics();
  EXPECT_EQ(wrong_with(sequence), "");
  EXPECT_EQ((runner.statistics() - before).operations, 2u);
}

// ---- Garbage -----------------------------------------------------------------------------------

TEST(Executor, LetsGarbageStandInHolesAlone) {
  // A hole at each level; none of these words is present.
  for (char const* word : {"0xdeadbeefdeadbee0", "0xfffffffffffffffe", "0x80"}) {
    for (int level = 1; level <= 4; ++level) {
      std::string const garbage = " level " + std::to_string(level) + " " + word + "\n";
      ASSERT_EQ(wrong_with("map 0x0 4K rw- -> 0x1000\n"
                           "garbage 0x1000" +
                           garbage + "garbage 0x200000" + garbage + "garbage 0x40000000" + garbage +
                           "garbage 0x8000000000" + garbage +
                           "query 0x1000 expect NotMapped\n"
                           "protect_region 0x0 0x10000000000 r-- expect ok\n"
                           "access 0x40000000 read expect fault\n"
                           "map_region 0x40000000 0x40000000 rw- -> 0x40000000 expect ok\n"
                           "map 0x1000 4K r-- -> 0x2000 expect ok\n"
                           "map 0x8000000000 4K r-- -> 0x2000 expect ok\n"
                           "unmap_region 0x0 0x10000000000 visit expect ok\n"),
                "");
    }
  }
}

TEST(Executor, PutsNoGarbageWhereSomethingStandsOrThatIsPresent) {
  EXPECT_EQ(wrong_with("map 0x0 4K rw- -> 0x1000\n"
                       "garbage 0x0 level 1 0x0\n"
                       "garbage 0x0 level 4 0x0\n"
                       "garbage 0x1000 level 1 0x2001\n"
                       "query 0x0 expect ok\n"
                       "query 0x1000 expect NotMapped\n"),
            "");
}

// ---- What the author expects
// ---------------------------------------------------------------------

TEST(Executor, JudgesExpectationsOnlyWhenAsked) {
  Sequence const sequence = parsed("query 0x1000 expect ok\n");
  Runner& runner = *shipped().for_sequence(sequence);
  EXPECT_FALSE(runner.run(sequence, {}));
  auto const found = runner.run(sequence, {.judge_expectations = true});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->oracle, expectation_oracle);
  EXPECT_EQ(found->op, 0u);
}

TEST(Executor, ObjectsToEveryWrongExpectation) {
  std::string const mapped = "map 0x1000 4K r--u -> 0x1000 expect ok\n";
  EXPECT_EQ(wrong_with(mapped + "map 0x1000 4K r-- -> 0x0 expect AlreadyMapped\n"), "");
  EXPECT_NE(wrong_with(mapped + "map 0x1000 4K r-- -> 0x0 expect MappedToHugePage\n"), "");
  EXPECT_EQ(wrong_with(mapped + "access 0x1000 read user expect ok\n"), "");
  EXPECT_NE(wrong_with(mapped + "access 0x1000 read user expect fault\n"), "");
  EXPECT_EQ(wrong_with(mapped + "access 0x1000 write user expect fault\n"), "");
  EXPECT_NE(wrong_with(mapped + "access 0x1000 write user expect ok\n"), "");
  EXPECT_NE(wrong_with(mapped + "access 0x2000 read expect ok\n"), "");
}

// ---- Every machine
// ---------------------------------------------------------------------------------

class Machines : public testing::TestWithParam<int> {};

TEST_P(Machines, OfThisWidthPlaceTablesAnywhere) {
  Random random(static_cast<std::uint64_t>(GetParam()));
  Sequence sequence;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    generate(seed, {}, sequence);
    sequence.machine.physical_bits = static_cast<std::uint8_t>(GetParam());
    for (std::uint32_t const placement : {0U, static_cast<std::uint32_t>(random.next()), 7U}) {
      sequence.placement = placement;
      ASSERT_EQ(wrong_with(sequence), "");
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Bits, Machines, testing::Range(32, 53),
                         [](auto const& test) { return std::to_string(test.param); });

TEST(Executor, GetsAlongWithAnyNumberOfFrames) {
  Sequence sequence;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    generate(seed, {}, sequence);
    for (std::uint32_t frames = 1; frames <= 12; ++frames) {
      sequence.frames = frames;
      ASSERT_EQ(wrong_with(sequence), "");
    }
  }
}

TEST(Executor, ComparesTheTreesAsOftenAsItIsTold) {
  Sequence sequence;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    generate(seed, {}, sequence);
    for (std::size_t const every : {0U, 1U, 5U}) ASSERT_EQ(wrong_with(sequence, every), "");
  }
}

// ---- What is counted
// -------------------------------------------------------------------------------

TEST(Executor, CountsWhatCallsCameTo) {
  Sequence const sequence = parsed(
      "map 0x1000 4K rw- -> 0x1000\n"          // ok
      "map 0x1000 4K rw- -> 0x1000\n"          // refused, met a mapping
      "hardware dirty 0x1000 before-load 0\n"  // no call
      "query 0x1000\n"                         // ok, met; hardware hit
      "query 0x5000\n"                         // refused
      "access 0x1000 read\n"                   // no call
      "flush\n");                              // no call
  Runner& runner = *shipped().for_sequence(sequence);
  RunStatistics const before = runner.statistics();
  ASSERT_FALSE(runner.run(sequence, {}));
  RunStatistics const did = runner.statistics() - before;
  EXPECT_EQ(did.operations, 4u);
  EXPECT_EQ(did.succeeded, 2u);
  EXPECT_EQ(did.touched_mapped, 2u);
  EXPECT_EQ(did.hardware_hits, 1u);
}

TEST(Executor, SeesGeneratedCallsMeetMappings) {
  Sequence sequence;
  AnyRunner runner(shipped_engine);
  RunStatistics sum;
  std::uint64_t const seeds = 300 * known_formats().size();
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    generate(seed, {}, sequence);
    auto const found = runner.for_sequence(sequence)->run(sequence, {});
    ASSERT_FALSE(found) << seed << ": " << found->oracle << ": " << found->what;
  }
  for (std::uint8_t format = 0; format < known_formats().size(); ++format) {
    Sequence of_format;
    of_format.format = format;
    RunStatistics const did = runner.for_sequence(of_format)->statistics();
    EXPECT_GT(did.operations, 3000u);
    sum.operations += did.operations;
    sum.succeeded += did.succeeded;
    sum.touched_mapped += did.touched_mapped;
    sum.hardware_hits += did.hardware_hits;
  }
  auto const percent = [&](std::uint64_t part) { return 100 * part / sum.operations; };
  RecordProperty("touched_mapped_percent", static_cast<int>(percent(sum.touched_mapped)));
  EXPECT_GE(percent(sum.touched_mapped), 22u);
  EXPECT_GE(percent(sum.succeeded), 24u);
  EXPECT_GE(sum.hardware_hits, 100u);
}

}  // namespace
}  // namespace twinwalk::fuzz
