// Pieces of proof work, each on a thread of its own, several at once.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/job.hpp"
#include "tools/support/exit.hpp"

namespace twinwalk::tools {

// What one piece took.
struct ProofJobRow {
  std::string format;
  std::string what;
  int paths = 0;
  double seconds = 0;  // of the processor
};

// What came of all of them. The order is that of the theorems and of the jobs, however many ran
// at once.
struct ProofRun {
  std::vector<proofs::TheoremResult> theorems;
  std::vector<ProofJobRow> jobs;
};

// `begun` of `all` pieces, `job` being the last of them.
using ProofProgress =
    std::function<void(std::size_t begun, std::size_t all, proofs::Job const& job)>;

// What to prove; an empty word or list asks for all of them.
struct ProofChoice {
  std::string format{};
  std::set<std::string, std::less<>> theorems{};
  bool calls = true;  // also what takes every path of a call
};

// The jobs that say something about what was chosen.
std::vector<proofs::Job> jobs_about(std::vector<proofs::Job> const& jobs,
                                    ProofChoice const& choice);

// A piece that throws leaves each of its theorems unknown, and so does a theorem that was asked for
// and that no piece made a claim of. `progress` is called from several threads, never at once.
ProofRun run_proofs(std::vector<proofs::Job> const& jobs, proofs::ProverOptions const& options,
                    std::size_t at_once, ProofProgress const& progress);

// How many theorems came out one way.
std::size_t count(std::vector<proofs::TheoremResult> const& results, proofs::Verdict verdict);

// A refutation, and two solvers that disagree, are findings; "don't know" is no answer.
Exit exit_of(std::vector<proofs::TheoremResult> const& results);

}  // namespace twinwalk::tools
