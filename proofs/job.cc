#include "proofs/job.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "proofs/explore.hpp"
#include "proofs/formats/registry.hpp"
#include "proofs/layout/layout_theorems.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {

std::vector<TheoremInfo> all_theorems() {
  std::vector<TheoremInfo> all;
  LayoutTheorems::for_each([&]<class Theorem>() {
    all.push_back({std::string(Theorem::name), std::string(Theorem::statement)});
  });
  for (FoundationTheorem const* theorem : foundation_theorems()) {
    all.push_back({std::string(theorem->name), std::string(theorem->statement)});
  }
  auto const add = [&](OperationTheorem const* theorem) {
    all.push_back({std::string(theorem->name), std::string(theorem->statement)});
  };
  for (OperationTheorem const* theorem : call_theorems) add(theorem);
  // The rounds of a region share all theorems but these with the calls.
  add(&region_check_exact);
  add(&region_round_exact);
  return all;
}

std::vector<Job> all_jobs() {
  std::vector<Job> jobs;
  for (auto const jobs_of :
       {x86_64_jobs, ept_jobs, npt_jobs, riscv_jobs, aarch64_jobs, loongarch64_jobs}) {
    for (Job& job : jobs_of()) jobs.push_back(std::move(job));
  }
  return jobs;
}

std::vector<TheoremResult> merge(std::vector<JobResult> const& results) {
  std::map<std::pair<std::string, std::string>, TheoremResult> merged;
  for (JobResult const& job : results) {
    for (TheoremResult const& part : job.theorems) {
      TheoremResult& whole = merged[{part.theorem, part.format}];
      whole.theorem = part.theorem;
      whole.format = part.format;
      whole += part;
    }
  }
  std::vector<TheoremInfo> const order = all_theorems();
  std::vector<TheoremResult> list;
  for (TheoremInfo const& info : order) {
    for (auto const& [key, result] : merged) {
      if (key.first == info.name) list.push_back(result);
    }
  }
  return list;
}

}  // namespace twinwalk::proofs
