// What the theorems about operations make of an engine: of a broken one, up to its first
// refutation; of a whole one, all of them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proofs/jobs_of.hpp"
#include "proofs/spec_of.hpp"

namespace twinwalk::proofs {

inline Operation operation_of(Spec const& spec, std::string_view name) {
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

// Thrown where no further path could tell anything new: a bug shows on most of them.
struct Enough {};

// An engine that begins no path once `enough` says so.
template <class Base>
class UntilEnough : public Base {
 public:
  explicit UntilEnough(std::function<bool()> enough) : enough_(std::move(enough)) {}

  std::unique_ptr<Machine> machine(Machine const& first) const override {
    if (enough_()) throw Enough();
    return Base::machine(first);
  }

 private:
  std::function<bool()> enough_;
};

// What one theorem makes of a broken engine, up to the first refutation. `engine_until` makes the
// engine, as UntilEnough takes it; `explore_with` leads it through the paths.
template <class S, class EngineUntil, class ExploreWith>
TheoremResult judged_by(std::string_view theorem, EngineUntil const& engine_until,
                        ExploreWith const& explore_with) {
  return alone([&] {
    ProverOptions options;
    options.theorems = {std::string(theorem)};
    options.refutations_max = 1;
    Explorer explorer;
    SpecOf<S> const spec(explorer);
    Prover prover(explorer, "broken", options);
    auto const engine = engine_until([&] { return prover.refuted_enough(theorem); });
    try {
      explore_with(prover, explorer, spec, engine);
    } catch (Enough const&) {
      // The paths that are left are not needed.
    }
    std::vector<TheoremResult> const results = prover.results();
    EXPECT_EQ(results.size(), 1u);
    return results.empty() ? TheoremResult{} : results.front();
  });
}

// The same through the paths of one operation.
template <class S, class EngineUntil>
TheoremResult judged(std::string_view theorem, std::string_view operation_name,
                     EngineUntil const& engine_until) {
  return judged_by<S>(
      theorem, engine_until,
      [&](Prover& prover, Explorer& explorer, Spec const& spec, Engine const& engine) {
        Operation const operation = operation_of(spec, operation_name);
        explore(prover, explorer, spec, engine, operation, theorems_of(operation.call));
      });
}

// Claims all theorems of one call; those with something to say about it are given back.
template <class S>
std::set<std::string> proved(Engine const& engine, std::string_view operation) {
  return alone([&] {
    Explorer explorer;
    SpecOf<S> const spec(explorer);
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
  });
}

}  // namespace twinwalk::proofs
