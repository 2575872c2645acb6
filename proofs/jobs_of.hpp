// The pieces of work for one format.
#pragma once

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

template <class Format, class S>
JobResult prove_operation(Operation const& operation,
                          std::span<OperationTheorem const* const> theorems,
                          ProverOptions const& options) {
  Explorer explorer;
  SpecOf<S> const spec(explorer);
  EngineOf<Format> const engine;
  Prover prover(explorer, std::string(S::name), options);
  Explored const explored = explore(prover, explorer, spec, engine, operation, theorems);
  return {prover.results(), explored.paths, explored.seconds};
}

template <class Format, class S>
JobResult prove_foundation(FoundationTheorem const& theorem, ProverOptions const& options) {
  Explorer explorer;
  SpecOf<S> const spec(explorer);
  EngineOf<Format> const engine;
  Prover prover(explorer, std::string(S::name), options);
  Explored const explored = theorem.explore(prover, explorer, spec, engine);
  return {prover.results(), explored.paths, explored.seconds};
}

template <class Theorem, class Format, class S>
JobResult prove_layout(ProverOptions const& options) {
  double const start = thread_seconds();
  Explorer explorer;
  Prover prover(explorer, std::string(S::name), options);
  explorer.run([&] {
    SpecOf<S> const spec(explorer);
    explorer.assume(spec.machine().is_a_machine());
    Layout<Format, S> layout{prover, explorer, spec, Theorem::name};
    Theorem::template prove<Format, S>(layout);
  });
  return {prover.results(), 0, thread_seconds() - start};
}

template <class Format, class S>
void add_jobs(std::vector<Job>& jobs) {
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
  for (FoundationTheorem const* theorem : foundation_theorems()) {
    std::string const name(theorem->name);
    jobs.push_back({format, JobKind::layout, name, {name}, [theorem](ProverOptions const& options) {
                      return prove_foundation<Format, S>(*theorem, options);
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
           return prove_operation<Format, S>(operation, theorems, options);
         }});
  }
}

}  // namespace twinwalk::proofs
