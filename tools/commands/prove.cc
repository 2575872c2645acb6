#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "fuzz/runner.hpp"
#include "proofs/second_solver.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/options.hpp"
#include "tools/support/proof_report.hpp"
#include "tools/support/status_line.hpp"

namespace twinwalk::tools {
namespace {

// Proves the theorems about the source of the engine, for every input.
class Prove final : public Command {
 public:
  void declare(CLI::App& app) override {
    std::vector<std::string> names{"all"};
    for (fuzz::FormatShape const& shape : fuzz::known_formats()) names.emplace_back(shape.name);
    app.add_option("--format", format_, "one format, or all of them")
        ->check(CLI::IsMember(names))
        ->type_name("FORMAT");
    app.add_option("--theorem", theorems_, "only this one; may be said several times")
        ->allow_extra_args(false)
        ->type_name("THEOREM");
    app.add_flag("--without-calls", without_calls_,
                 "only what needs no path of a call: entries, addresses, whole tables");
    app.add_option("--solver", solver_, "who is asked: z3, cvc5, or both, which must agree")
        ->check(CLI::IsMember({"z3", "cvc5", "both"}));
    app.add_option("--smt2", smt2_, "folder for every query, as SMT-LIB 2")->type_name("DIR");
    app.add_option("--counterexamples", counterexamples_, "folder for what refutes a theorem")
        ->type_name("DIR");
    add_number(app, "--jobs", jobs_, "how many threads at once (default: all processors)", 1, 256);
    add_json(app, json_);
  }

  Exit run() override {
    std::vector<proofs::TheoremInfo> const known = proofs::all_theorems();
    for (std::string const& name : theorems_) {
      bool const exists = std::any_of(known.begin(), known.end(),
                                      [&](auto const& info) { return info.name == name; });
      if (!exists) {
        return bad_usage("prove",
                         "--theorem: there is no theorem '" + name + "' (twinwalk list theorems)");
      }
    }
    proofs::ProverOptions options;
    options.theorems = {theorems_.begin(), theorems_.end()};
    options.smt2_folder = smt2_;
    if (solver_ == "cvc5") options.solver = proofs::SolverChoice::cvc5;
    if (solver_ == "both") options.solver = proofs::SolverChoice::both;
    std::vector<proofs::Job> const jobs =
        jobs_about(proofs::all_jobs(), {.format = format_ == "all" ? "" : format_,
                                        .theorems = options.theorems,
                                        .calls = !without_calls_});
    if (jobs.empty()) {
      return bad_usage("prove", without_calls_ ? "--without-calls: each of these is about calls"
                                               : "--format: nothing is proved about " + format_);
    }
    if (solver_ != "z3" && !proofs::has_second_solver()) {
      return cannot("prove", "--solver: there is no cvc5 here; it is the Debian package cvc5");
    }
    if (auto const error = unwritable(smt2_)) return cannot("prove", "--smt2: " + *error);
    return run_all(jobs, options);
  }

 private:
  // Makes the folder; what is wrong with it, or nothing.
  static std::optional<std::string> unwritable(std::string const& folder) {
    if (folder.empty()) return std::nullopt;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0) {
      error = std::error_code(errno, std::generic_category());
    }
    if (!error) return std::nullopt;
    return folder + ": cannot be written: " + error.message();
  }

  std::vector<std::string> solvers() const {
    if (solver_ == "both") return {"z3", "cvc5"};
    return {solver_};
  }

  Exit run_all(std::vector<proofs::Job> const& jobs, proofs::ProverOptions const& options) const {
    std::size_t const at_once =
        jobs_ ? *jobs_ : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
    StatusLine status;
    ProofRun const run = run_proofs(
        jobs, options, at_once, [&](std::size_t begun, std::size_t all, proofs::Job const& job) {
          if (!status.due()) return;
          status.show(fmt::format("{} of {}: {} {} ...", begun, all, job.format, job.what));
        });
    status.clear();
    std::string folder = counterexamples_;
    std::optional<std::string> const failure = write_files(counterexamples(run, folder));
    if (failure) folder.clear();
    if (json_) {
      print_json(proofs_json(run, solvers(), folder));
    } else {
      fmt::print("{}", print_proofs(run, folder));
    }
    std::fflush(stdout);
    // What was refuted stays refuted, written down or not.
    if (failure) cannot("prove", *failure);
    return exit_of(run.theorems);
  }

  std::string format_ = "all";
  std::vector<std::string> theorems_;
  bool without_calls_ = false;
  std::string solver_ = "z3";
  std::string smt2_;
  std::string counterexamples_ = "counterexamples";
  std::optional<std::uint64_t> jobs_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_prove() { return std::make_unique<Prove>(); }

}  // namespace twinwalk::tools
