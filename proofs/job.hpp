// The work of proving, cut into pieces that stand alone: one call of one format, or one theorem
// about its layout. Each piece runs on a thread of its own, in a context of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/prover.hpp"
#include "proofs/verdict.hpp"

namespace twinwalk::proofs {

struct JobResult {
  std::vector<TheoremResult> theorems;
  int paths = 0;       // of the engine; 0 where none was explored
  double seconds = 0;  // of the processor, all told
  // Why it ended before its end, with what had come of it by then; empty where it did not.
  std::string broken_off{};
};

// What it takes: a look at entries, addresses and tables, or every path of a call.
enum class JobKind : std::uint8_t { layout, call };

struct Job {
  std::string format;
  JobKind kind = JobKind::layout;
  std::string what;                   // "map 4K", "decode-agrees"
  std::vector<std::string> theorems;  // those that it says something about
  std::function<JobResult(ProverOptions const&)> run;
};

struct TheoremInfo {
  std::string name;
  std::string statement;
};

// Every theorem there is, and every piece of work, of every format.
std::vector<TheoremInfo> all_theorems();
std::vector<Job> all_jobs();

// The results of several pieces as one for each theorem and format, in the order of the theorems.
std::vector<TheoremResult> merge(std::vector<JobResult> const& results);

}  // namespace twinwalk::proofs
