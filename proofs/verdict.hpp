// What comes of a proof, as plain data: nothing here knows a solver.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/memory_file.hpp"

namespace twinwalk::proofs {

// "Don't know" is never yes.
enum class Verdict { proved, refuted, unknown };

constexpr std::string_view verdict_name(Verdict verdict) {
  constexpr std::string_view names[] = {"proved", "refuted", "unknown"};
  return names[static_cast<std::size_t>(verdict)];
}

// A case in which a theorem does not hold.
struct Refutation {
  std::string theorem;
  std::string obligation;   // operation, path and case
  std::string explanation;  // what engine and spec each say, entry by entry
  // What `twinwalk replay` runs again; nothing where there is nothing to run.
  std::optional<MemoryFile> memory_file{};
};

// What came of one theorem on one format.
struct TheoremResult {
  std::string theorem;
  std::string format;
  std::size_t obligations = 0;
  std::size_t by_simplification = 0;  // of those, how many no solver had to be asked about
  std::size_t paths = 0;              // of the engine, that were judged
  double seconds = 0;                 // of the processor, exploring left out
  double slowest_query_seconds = 0;
  std::size_t checked_by_second = 0;  // queries that the second solver answered alike
  std::size_t disagreements = 0;      // queries that one solver proved and the other refuted
  std::vector<Refutation> refutations;
  std::vector<std::string> unknown;  // what no solver decided, or two decided differently

  void count_query(double took) {
    seconds += took;
    slowest_query_seconds = std::max(slowest_query_seconds, took);
  }
  TheoremResult& operator+=(TheoremResult const& part) {
    obligations += part.obligations;
    by_simplification += part.by_simplification;
    paths += part.paths;
    seconds += part.seconds;
    slowest_query_seconds = std::max(slowest_query_seconds, part.slowest_query_seconds);
    checked_by_second += part.checked_by_second;
    disagreements += part.disagreements;
    refutations.insert(refutations.end(), part.refutations.begin(), part.refutations.end());
    unknown.insert(unknown.end(), part.unknown.begin(), part.unknown.end());
    return *this;
  }

  Verdict verdict() const {
    if (!refutations.empty()) return Verdict::refuted;
    if (!unknown.empty() || obligations == 0) return Verdict::unknown;
    return Verdict::proved;
  }
};

// The version of the first solver's library.
std::string z3_version();

}  // namespace twinwalk::proofs
