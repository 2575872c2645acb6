#include "proofs/prover.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "proofs/second_solver.hpp"

namespace twinwalk::proofs {

std::string z3_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned build = 0;
  unsigned revision = 0;
  Z3_get_version(&major, &minor, &build, &revision);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(build);
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Prover::Prover(Explorer& explorer, std::string format, ProverOptions const& options)
    : explorer_(explorer), format_(std::move(format)), options_(options) {}

bool Prover::wants(std::string_view theorem) const {
  return options_.theorems.empty() || options_.theorems.contains(theorem);
}

bool Prover::refuted_enough(std::string_view theorem) const {
  auto const found = results_.find(theorem);
  return found != results_.end() && found->second.refutations.size() >= options_.refutations_max;
}

TheoremResult& Prover::result(std::string_view theorem) {
  auto const found = results_.find(theorem);
  if (found != results_.end()) return found->second;
  TheoremResult& made = results_[std::string(theorem)];
  made.theorem = theorem;
  made.format = format_;
  return made;
}

std::vector<TheoremResult> Prover::results() const {
  std::vector<TheoremResult> list;
  for (auto const& [name, result] : results_) list.push_back(result);
  return list;
}

void Prover::prove(std::string_view theorem, std::string const& obligation, SymBool const& goal,
                   Explain const& explain) {
  if (refuted_enough(theorem)) return;
  TheoremResult& into = result(theorem);
  ++into.obligations;
  if (goal.is_true()) {
    ++into.by_simplification;
    return;
  }
  double const start = thread_seconds();
  // The explorer's solver knows the facts already, which saves telling them to another.
  bool const alone = options_.solver == SolverChoice::z3 && options_.smt2_folder.empty();
  if (alone && explorer_.plainly_certain(goal)) {
    into.count_query(thread_seconds() - start);
    return;
  }
  // A fresh solver, so that the query is the whole of what is asked.
  z3::solver solver(context(), "QF_BV");
  z3::params limits(context());
  limits.set("timeout", options_.timeout_ms);
  solver.set(limits);
  for (z3::expr const& fact : explorer_.facts()) solver.add(fact);
  solver.add(!goal.term());
  ask(into, obligation, solver, explain);
  into.count_query(thread_seconds() - start);
}

void Prover::ask(TheoremResult& theorem, std::string const& obligation, z3::solver& solver,
                 Explain const& explain) {
  bool const second = options_.solver != SolverChoice::z3;
  std::string text;
  if (second || !options_.smt2_folder.empty()) {
    text = "(set-logic QF_BV)\n" + solver.to_smt2();
    if (!options_.smt2_folder.empty()) write_smt2(theorem, obligation, text);
  }
  Answer first = Answer::unknown;
  z3::check_result const checked =
      options_.solver == SolverChoice::cvc5 ? z3::unknown : solver.check();
  if (checked == z3::unsat) first = Answer::unsatisfiable;
  if (checked == z3::sat) first = Answer::satisfiable;

  Answer answer = first;
  if (second) {
    Answer const other = ask_second_solver(text, options_.timeout_ms);
    if (options_.solver == SolverChoice::cvc5) {
      answer = other;
    } else if (other == first) {
      if (first != Answer::unknown) ++theorem.checked_by_second;
    } else {
      // That one of them does not know is no contradiction.
      bool const both_know = first != Answer::unknown && other != Answer::unknown;
      if (both_know) ++theorem.disagreements;
      theorem.unknown.push_back(
          obligation + (both_know ? ": the solvers disagree" : ": only one solver decides it"));
      return;
    }
  }
  if (answer == Answer::unsatisfiable) return;
  if (answer == Answer::unknown) {
    theorem.unknown.push_back(obligation);
    return;
  }
  // A model comes from Z3 whoever found that there is one.
  z3::check_result const model = checked == z3::sat ? checked : solver.check();
  if (model != z3::sat) {
    if (model == z3::unsat) ++theorem.disagreements;
    theorem.unknown.push_back(obligation + (model == z3::unsat ? ": the solvers disagree"
                                                               : ": there is no model to show"));
    return;
  }
  Refutation refutation = explain(solver.get_model());
  refutation.theorem = theorem.theorem;
  refutation.obligation = obligation;
  theorem.refutations.push_back(std::move(refutation));
}

void Prover::prove_satisfiable(std::string_view theorem, std::string const& obligation,
                               bool satisfiable) {
  TheoremResult& into = result(theorem);
  ++into.obligations;
  if (satisfiable) return;
  into.unknown.push_back(obligation + ": what is assumed contradicts itself");
}

void Prover::write_smt2(TheoremResult const& theorem, std::string const& obligation,
                        std::string const& text) const {
  namespace fs = std::filesystem;
  std::string name = theorem.theorem + "." + theorem.format + "." +
                     std::to_string(theorem.obligations) + "." + obligation;
  for (char& c : name) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (!plain) c = '_';
  }
  fs::path const folder(options_.smt2_folder);
  fs::path const temporary = folder / (name + ".part");
  std::ofstream file(temporary);
  file << "; " << theorem.theorem << ", " << theorem.format << ": " << obligation
       << "\n; unsat: it holds\n"
       << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + temporary.string());
  fs::rename(temporary, folder / (name + ".smt2"));
}

}  // namespace twinwalk::proofs
