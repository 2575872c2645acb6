// The theorems about operations: each is able to fail, for it refutes an engine that is broken in
// one place, and none of them fails on what is whole.
#include <gtest/gtest.h>

#include <cctype>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/formats/x86_64.hpp"
#include "proofs/jobs_of.hpp"
#include "tests/proofs/planted_bugs.hpp"

namespace twinwalk::proofs {
namespace {

using namespace operation_bugs;
using ShippedSpec = models::X86_64Spec<4>;

Operation operation_of(Spec const& spec, std::string_view name) {
  for (Operation const& operation : operations(spec)) {
    if (operation.name == name) return operation;
  }
  ADD_FAILURE() << "no operation " << name;
  return {};
}

// Proves on a thread of its own, as the jobs do: what a solver has seen before decides how fast it
// is, and no proof shall depend on which were made before it.
template <class Proof>
auto alone(Proof const& proof) {
  return std::async(std::launch::async, proof).get();
}

// ---- What is broken ----

class PlantedBug : public ::testing::TestWithParam<Planted> {};
INSTANTIATE_TEST_SUITE_P(OperationTheorems, PlantedBug, ::testing::ValuesIn(planted_bugs),
                         [](::testing::TestParamInfo<Planted> const& bug) {
                           std::string name(bug.param.bug);
                           name += "_in_";
                           name += bug.param.operation;
                           name += "_by_";
                           name += bug.param.theorem;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

// What a theorem makes of a bug, up to the first refutation.
TheoremResult judged(Planted const& planted) {
  ProverOptions options;
  options.theorems = {std::string(planted.theorem)};
  options.refutations_max = 1;
  Explorer explorer;
  SpecOf<ShippedSpec> const spec(explorer);
  Prover prover(explorer, "broken", options);
  BrokenEngine const engine(planted.make, [&] { return prover.refuted_enough(planted.theorem); });
  try {
    Operation const operation = operation_of(spec, planted.operation);
    explore(prover, explorer, spec, engine, operation, theorems_of(operation.call));
  } catch (Enough const&) {
    // The paths that are left are not needed.
  }
  std::vector<TheoremResult> const results = prover.results();
  EXPECT_EQ(results.size(), 1u);
  return results.empty() ? TheoremResult{} : results.front();
}

TEST_P(PlantedBug, IsRefuted) {
  Planted const& planted = GetParam();
  TheoremResult const result = alone([&] { return judged(planted); });
  EXPECT_EQ(result.theorem, planted.theorem);
  ASSERT_EQ(result.verdict(), Verdict::refuted);
  Refutation const& refutation = result.refutations.front();
  EXPECT_EQ(refutation.theorem, planted.theorem);
  EXPECT_TRUE(refutation.obligation.starts_with(planted.operation)) << refutation.obligation;
  EXPECT_NE(refutation.explanation, "");
}

TEST(OperationTheorems, EachHasABugThatItRefutes) {
  std::set<std::string_view> refuting;
  for (Planted const& planted : planted_bugs) refuting.insert(planted.theorem);
  for (OperationTheorem const* theorem : call_theorems) {
    // It speaks of what the others assume, and of no engine.
    if (theorem == &not_vacuous) continue;
    EXPECT_EQ(refuting.erase(theorem->name), 1u) << theorem->name;
  }
  EXPECT_EQ(refuting.erase(region_check_exact.name), 1u);
  EXPECT_EQ(refuting.erase(region_round_exact.name), 1u);
  for (std::string_view const name : refuting) ADD_FAILURE() << "there is no theorem " << name;
}

// What a foundation's theorem makes of a bug.
Verdict judged(FoundationTheorem const& theorem, BrokenEngine::Make make) {
  return alone([&] {
    ProverOptions options;
    options.refutations_max = 1;
    Explorer explorer;
    SpecOf<ShippedSpec> const spec(explorer);
    Prover prover(explorer, "broken", options);
    BrokenEngine const engine(make, [&] { return prover.refuted_enough(theorem.name); });
    try {
      theorem.explore(prover, explorer, spec, engine);
    } catch (Enough const&) {
      // The paths that are left are not needed.
    }
    return prover.results().front().verdict();
  });
}

TEST(FoundationTheorems, RefuteWhatIsBroken) {
  EXPECT_EQ(judged(ownership_established, make<FillsWithPresentEntries>), Verdict::refuted);
  EXPECT_EQ(judged(cursor_goes_on, make<LooksBesideAtFirst>), Verdict::refuted);
}

// From a contradiction everything follows; this alone must not.
struct AssumesTooMuch : Breakage {
  void answer(Machine& machine, Inputs const& /*in*/, Outcome& /*outcome*/) override {
    machine.explorer().assume(SymBool(false));
  }
};
TEST(OperationTheorems, AreNotProvedFromAContradiction) {
  Planted const planted{"AssumesTooMuch", "not-vacuous", "query", make<AssumesTooMuch>};
  TheoremResult const result = alone([&] { return judged(planted); });
  EXPECT_NE(result.verdict(), Verdict::proved);
}

TEST(OperationTheorems, EachIsJudgedAndSaysWhatItClaimsInASentence) {
  for (OperationTheorem const* theorem : call_theorems) {
    EXPECT_TRUE(theorem->judge != nullptr || theorem->judge_case != nullptr) << theorem->name;
    EXPECT_TRUE(theorem->statement.ends_with('.')) << theorem->name;
  }
}

// ---- What is whole ----

// Claims all theorems of one call; those with something to say about it are given back.
std::set<std::string> proved(Engine const& engine, std::string_view operation) {
  Explorer explorer;
  SpecOf<ShippedSpec> const spec(explorer);
  Prover prover(explorer, "whole", {});
  explore(prover, explorer, spec, engine, operation_of(spec, operation), call_theorems);
  std::set<std::string> names;
  for (TheoremResult const& result : prover.results()) {
    for (Refutation const& refutation : result.refutations) {
      ADD_FAILURE() << result.theorem << ": " << refutation.obligation << "\n"
                    << refutation.explanation;
    }
    for (std::string const& unknown : result.unknown) ADD_FAILURE() << unknown;
    EXPECT_GT(result.paths, 0u) << result.theorem;
    if (result.obligations != 0) {
      EXPECT_EQ(result.verdict(), Verdict::proved) << result.theorem;
    }
    if (result.verdict() == Verdict::proved) names.insert(result.theorem);
  }
  EXPECT_EQ(prover.results().size(), call_theorems.size());
  return names;
}

TEST(OperationTheorems, ProveTheShippedEngine) {
  EngineOf<X86_64<4>> const shipped;
  std::set<std::string> const of_a_query = alone([&] { return proved(shipped, "query"); });
  EXPECT_TRUE(of_a_query.contains("result-agrees"));
  std::set<std::string> const of_a_change =
      alone([&] { return proved(shipped, "clear_accessed"); });
  for (OperationTheorem const* theorem : call_theorems) {
    // Nothing is freed where no table is unlinked.
    bool const frees = theorem == &freed_while_cached || theorem == &plans_span_tables;
    EXPECT_EQ(of_a_change.contains(std::string(theorem->name)), !frees) << theorem->name;
  }
}

// So that it is the bug that is refuted, and not the way in which bugs are planted.
TEST(OperationTheorems, ProveTheEngineThatBugsArePlantedInWithoutABug) {
  std::set<std::string> const names = alone([] {
    BrokenEngine const whole(make<Breakage>, [] { return false; });
    return proved(whole, "clear_accessed");
  });
  EXPECT_FALSE(names.empty());
}

}  // namespace
}  // namespace twinwalk::proofs
