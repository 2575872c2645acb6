// Looking for a seeded bug with the generator alone: the same seeds find it after the same number
// of sequences, always.
#pragma once

#include <cstdint>
#include <optional>

#include "fuzz/minimize.hpp"
#include "fuzz/sequence.hpp"
#include "fuzz/step.hpp"
#include "tests/mutants/mutant.hpp"

namespace twinwalk::mutants {

struct Catch {
  fuzz::Finding finding;
  fuzz::Sequence sequence;       // that showed it
  std::uint64_t executions = 0;  // sequences that were run, this one included
  double cpu_seconds = 0;
};

// Runs the sequences of the seeds from `first_seed` on, at most `runs_max`, in the mutant's format.
std::optional<Catch> hunt(Mutant const& mutant, Engine& engine, std::uint64_t first_seed,
                          std::uint64_t runs_max);

// The smallest sequence that the same oracle objects to.
fuzz::MinimizeResult shrink(Engine& engine, Catch const& caught);

}  // namespace twinwalk::mutants
