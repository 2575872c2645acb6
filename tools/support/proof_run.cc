#include "tools/support/proof_run.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

namespace twinwalk::tools {
namespace {

using proofs::Job;
using proofs::JobResult;
using proofs::TheoremResult;
using proofs::Verdict;

bool wanted(std::set<std::string, std::less<>> const& theorems, std::string const& name) {
  return theorems.empty() || theorems.contains(name);
}

// One result without a claim for each theorem that the job is about, so that none can be missing
// in what comes of it.
std::vector<TheoremResult> nothing_claimed(Job const& job, proofs::ProverOptions const& options) {
  std::vector<TheoremResult> results;
  for (std::string const& name : job.theorems) {
    if (!wanted(options.theorems, name)) continue;
    TheoremResult result;
    result.theorem = name;
    result.format = job.format;
    results.push_back(std::move(result));
  }
  return results;
}

JobResult result_of(Job const& job, proofs::ProverOptions const& options) {
  std::vector<TheoremResult> all = nothing_claimed(job, options);
  auto const failed = [&](std::string const& why) {
    for (TheoremResult& result : all) result.unknown.push_back(job.what + ": " + why);
    return JobResult{std::move(all)};
  };
  try {
    JobResult result = job.run(options);
    for (TheoremResult& one : all) {
      if (!result.broken_off.empty()) one.unknown.push_back(job.what + ": " + result.broken_off);
      result.theorems.push_back(std::move(one));
    }
    return result;
  } catch (std::exception const& error) {
    return failed(error.what());
  } catch (...) {
    return failed("it ended with an exception");
  }
}

}  // namespace

std::vector<Job> jobs_about(std::vector<Job> const& jobs, ProofChoice const& choice) {
  std::vector<Job> some;
  for (Job const& job : jobs) {
    bool const about =
        std::any_of(job.theorems.begin(), job.theorems.end(),
                    [&](std::string const& name) { return wanted(choice.theorems, name); });
    bool const chosen = choice.calls || job.kind != proofs::JobKind::call;
    bool const of_format = choice.format.empty() || choice.format == job.format;
    if (about && chosen && of_format) some.push_back(job);
  }
  return some;
}

ProofRun run_proofs(std::vector<Job> const& jobs, proofs::ProverOptions const& options,
                    std::size_t at_once, ProofProgress const& progress) {
  std::vector<JobResult> results(jobs.size());
  std::size_t begun = 0;
  std::mutex mutex;
  auto const next = [&] {
    std::lock_guard const lock(mutex);
    if (begun == jobs.size()) return jobs.size();
    progress(begun + 1, jobs.size(), jobs[begun]);
    return begun++;
  };
  auto const work = [&] {
    for (std::size_t i = next(); i < jobs.size(); i = next()) {
      // The solver's state belongs to a thread: a new one for each job, so that what comes of it
      // does not depend on what ran before, and nothing of it stays.
      std::thread([&, i] { results[i] = result_of(jobs[i], options); }).join();
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < std::min(at_once, jobs.size()); ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();

  ProofRun run{proofs::merge(results), {}};
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    run.jobs.push_back({jobs[i].format, jobs[i].what, results[i].paths, results[i].seconds});
  }
  for (TheoremResult& result : run.theorems) {
    if (result.obligations == 0 && result.unknown.empty() && result.refutations.empty()) {
      result.unknown.emplace_back("nothing was claimed");
    }
  }
  return run;
}

std::size_t count(std::vector<TheoremResult> const& results, Verdict verdict) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(),
                    [&](TheoremResult const& result) { return result.verdict() == verdict; }));
}

Exit exit_of(std::vector<TheoremResult> const& results) {
  bool const finding = std::any_of(results.begin(), results.end(), [](TheoremResult const& result) {
    return result.verdict() == Verdict::refuted || result.disagreements != 0;
  });
  if (finding) return Exit::finding;
  bool const all_proved = !results.empty() && count(results, Verdict::proved) == results.size();
  return all_proved ? Exit::held : Exit::environment;
}

}  // namespace twinwalk::tools
