// Asks the solvers whether a goal follows from what is known, and keeps what came of it, theorem by
// theorem.
#pragma once

#include <z3++.h>

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/explorer.hpp"
#include "proofs/memory.hpp"
#include "proofs/verdict.hpp"

namespace twinwalk::proofs {

enum class SolverChoice { z3, cvc5, both };

struct ProverOptions {
  SolverChoice solver = SolverChoice::z3;
  // Every query is written here as SMT-LIB 2, one file each, if it is not empty.
  std::string smt2_folder;
  // A query that takes longer is unknown.
  unsigned timeout_ms = 60'000;
  // Theorems to prove; all, if there are none.
  std::set<std::string, std::less<>> theorems;
  Pruning pruning = Pruning::on;
  // Stop at the first refutation of each theorem: a broken engine fails on most of its paths.
  std::size_t refutations_max = 3;
};

class Prover {
 public:
  // `format` is a part of every result and file name.
  Prover(Explorer& explorer, std::string format, ProverOptions const& options);

  ProverOptions const& options() const { return options_; }
  bool wants(std::string_view theorem) const;

  // Tells what a model of the refutation looks like; called at once.
  using Explain = std::function<Refutation(z3::model const&)>;

  // Claims that `goal` follows from the explorer's facts.
  void prove(std::string_view theorem, std::string const& obligation, SymBool const& goal,
             Explain const& explain);
  // Claims that the facts contradict nothing: a proof from a contradiction proves nothing.
  void prove_satisfiable(std::string_view theorem, std::string const& obligation, bool satisfiable);
  // One more path of the engine was judged by this theorem.
  void count_path(std::string_view theorem) { result(theorem).paths++; }

  // Whether nobody named this before.
  bool first_time(std::string const& name) { return named_.insert(name).second; }

  std::vector<TheoremResult> results() const;
  // Whether no theorem that is wanted has room for another refutation.
  bool refuted_enough(std::string_view theorem) const;

 private:
  TheoremResult& result(std::string_view theorem);
  void ask(TheoremResult& theorem, std::string const& obligation, z3::solver& solver,
           Explain const& explain);
  // Throws where the file cannot be written.
  void write_smt2(TheoremResult const& theorem, std::string const& obligation,
                  std::string const& text) const;

  Explorer& explorer_;
  std::string format_;
  ProverOptions options_;
  std::set<std::string> named_;
  std::map<std::string, TheoremResult, std::less<>> results_;
};

// Processor time of this thread.
double thread_seconds();

}  // namespace twinwalk::proofs
