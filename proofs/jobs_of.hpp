// The pieces of work for one format.
#pragma once

#include <exception>
#include <span>
#include <string>
#include <vector>

#include "proofs/engine_of.hpp"
#include "proofs/explore.hpp"
#include "proofs/job.hpp"
#include "proofs/layout.hpp"
#include "proofs/layout/layout_theorems.hpp"
#include "proofs/spec_of.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {

// Runs `explore(prover, explorer, spec, engine)` on solvers of its own.
template <class Format, class S, class Explore>
JobResult run_job(ProverOptions const& options, Explore explore) {
  Explorer explorer;
  SpecOf<S> const spec(explorer);
  EngineOf<Format> const engine;
  Prover prover(explorer, std::string(S::name), options);
  JobResult result;
  try {
    Explored const explored = explore(prover, explorer, spec, engine);
    result.paths = explored.paths;
    result.seconds = explored.seconds;
  } catch (std::exception const& error) {
    result.broken_off = error.what();
  }
  // Refutations that were found by then are none the less ones.
  result.theorems = prover.results();
  return result;
}

template <class Theorem, class Format, class S>
JobResult prove_layout(ProverOptions const& options) {
  return run_job<Format, S>(options, [](Prover& prover, Explorer& explorer, SpecOf<S> const& spec,
                                        EngineOf<Format> const&) {
    double const start = thread_seconds();
    explorer.run([&] {
      explorer.assume(spec.machine().is_a_machine());
      Layout<Format, S> layout{prover, explorer, spec, Theorem::name};
      Theorem::template prove<Format, S>(layout);
    });
    return Explored{{}, 0, thread_seconds() - start};
  });
}

// What is proved of single entries and addresses.
template <class Format, class S>
void add_layout_jobs(std::vector<Job>& jobs) {
  std::string const format(S::name);
  LayoutTheorems::for_each([&]<class Theorem>() {
    // One about typed entries speaks of the formats that have such.
    if constexpr (!requires(Layout<Format, S>& layout) {
                    Theorem::template prove<Format, S>(layout);
                  }) {
      return;
    } else {
      jobs.push_back({format,
                      JobKind::layout,
                      std::string(Theorem::name),
                      {std::string(Theorem::name)},
                      &prove_layout<Theorem, Format, S>});
    }
  });
}

// What is proved of the calls, and what that rests on.
template <class Format, class S>
void add_call_jobs(std::vector<Job>& jobs) {
  std::string const format(S::name);
  for (FoundationTheorem const* theorem : foundation_theorems()) {
    std::string const name(theorem->name);
    jobs.push_back({format, JobKind::layout, name, {name}, [theorem](ProverOptions const& options) {
                      return run_job<Format, S>(options, theorem->explore);
                    }});
  }
  Explorer explorer;
  SpecOf<S> const spec(explorer);
  for (Operation const& operation : operations(spec)) {
    std::span<OperationTheorem const* const> const theorems = theorems_of(operation.call);
    std::vector<std::string> names;
    for (OperationTheorem const* theorem : theorems) names.emplace_back(theorem->name);
    jobs.push_back(
        {format, JobKind::call, operation.name, names, [=](ProverOptions const& options) {
           return run_job<Format, S>(
               options, [&](auto&... of_it) { return explore(of_it..., operation, theorems); });
         }});
  }
}

template <class Format, class S>
void add_jobs(std::vector<Job>& jobs) {
  add_layout_jobs<Format, S>(jobs);
  add_call_jobs<Format, S>(jobs);
}

}  // namespace twinwalk::proofs
