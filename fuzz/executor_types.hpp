// How a run is asked for and what it sums up; apart from the executor so that callers need no
// templates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace twinwalk::fuzz {

struct RunOptions {
  // The whole trees are compared at the end and after every n-th operation; 0: only at the end.
  std::size_t checkpoint_every = 16;
  // Whether `expect` words are judged: for texts that somebody wrote.
  bool judge_expectations = false;
  // Whether the tables stay as they are after the last operation, to be looked at: then nothing is
  // compared at the end.
  bool leave_standing = false;
};

// What runs did, summed up over all of them.
struct RunStatistics {
  std::uint64_t operations = 0;  // calls of the contract
  std::uint64_t succeeded = 0;
  std::uint64_t touched_mapped = 0;  // calls that met a mapping
  std::uint64_t hardware_hits = 0;

  // Where a bound of the harness was met, so that something may have been missed.
  std::uint64_t facts_dropped = 0;    // old entries that the TLB model did not keep
  std::uint64_t answers_dropped = 0;  // outcomes of an access
  std::uint64_t logs_overflowed = 0;  // calls whose plan was not judged by each of its stores
};

}  // namespace twinwalk::fuzz
