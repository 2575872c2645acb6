// The theorems about operations: each is able to fail, for it refutes an engine that is broken in
// one place, and none of them fails on what is whole.
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <string_view>

#include "proofs/formats/x86_64.hpp"
#include "tests/proofs/judging.hpp"
#include "tests/proofs/planted_bugs.hpp"

namespace twinwalk::proofs {
namespace {

using namespace operation_bugs;
using ShippedSpec = models::X86_64Spec<4>;

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

// What its theorem makes of a bug.
TheoremResult judged(Planted const& planted) {
  return proofs::judged<ShippedSpec>(planted.theorem, planted.operation, [&](auto enough) {
    return BrokenEngine(planted.make, enough);
  });
}

TEST_P(PlantedBug, IsRefuted) {
  Planted const& planted = GetParam();
  TheoremResult const result = judged(planted);
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
  return judged_by<ShippedSpec>(
             theorem.name, [&](auto enough) { return BrokenEngine(make, enough); }, theorem.explore)
      .verdict();
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
  TheoremResult const result = judged(planted);
  EXPECT_NE(result.verdict(), Verdict::proved);
}

TEST(OperationTheorems, EachIsJudgedAndSaysWhatItClaimsInASentence) {
  for (OperationTheorem const* theorem : call_theorems) {
    EXPECT_TRUE(theorem->judge != nullptr || theorem->judge_case != nullptr) << theorem->name;
    EXPECT_TRUE(theorem->statement.ends_with('.')) << theorem->name;
  }
}

// ---- What is whole ----

TEST(OperationTheorems, ProveTheShippedEngine) {
  EngineOf<X86_64<4>> const shipped;
  std::set<std::string> const of_a_query = proved<ShippedSpec>(shipped, "query");
  EXPECT_TRUE(of_a_query.contains("result-agrees"));
  std::set<std::string> const of_a_change = proved<ShippedSpec>(shipped, "clear_accessed");
  for (OperationTheorem const* theorem : call_theorems) {
    // Nothing is freed where no table is unlinked.
    bool const frees = theorem == &freed_while_cached || theorem == &plans_span_tables;
    EXPECT_EQ(of_a_change.contains(std::string(theorem->name)), !frees) << theorem->name;
  }
}

// So that it is the bug that is refuted, and not the way in which bugs are planted.
TEST(OperationTheorems, ProveTheEngineThatBugsArePlantedInWithoutABug) {
  BrokenEngine const whole(make<Breakage>, [] { return false; });
  EXPECT_FALSE(proved<ShippedSpec>(whole, "clear_accessed").empty());
}

}  // namespace
}  // namespace twinwalk::proofs
