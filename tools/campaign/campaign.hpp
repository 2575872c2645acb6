// Fuzzing one format for a while: what the backends are told, and what they report.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/sequence.hpp"
#include "tools/campaign/finding_desk.hpp"
#include "tools/support/status_line.hpp"

namespace twinwalk::tools {

// Operations of an input that is mutated. Longer ones find little more and run slowly.
inline constexpr std::size_t campaign_ops_max = 64;

struct CampaignOptions {
  // What the inputs are: sequences (`ops`), or the bytes of another fuzz target, which takes every
  // format at once and knows neither engine nor corpus. libFuzzer only.
  std::string target;
  std::uint8_t format = 0;
  std::string engine;
  std::optional<double> seconds;  // at least one of the two is there
  std::optional<std::uint64_t> runs;
  std::uint64_t seed = 1;
  unsigned jobs = 1;
  std::vector<fuzz::Sequence> corpus;  // of this format
};

struct CampaignResult {
  std::uint64_t runs = 0;
  std::uint64_t operations = 0;      // of the contract; 0 where the backend does not say
  std::uint64_t touched_mapped = 0;  // of these, how many met a mapping
  std::uint64_t coverage = 0;        // edges, where the backend knows
  std::uint64_t corpus = 0;          // sequences kept
  double seconds = 0;
  std::optional<std::string> failure;  // what kept the backend from working
};

// Whether somebody has asked us to stop (SIGINT, SIGTERM), from when it was first asked.
bool interrupted();

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The two backends. Findings go to the desk as they come; both end when time or runs are used up,
// when the desk has enough, or when we are asked to stop.
CampaignResult run_seeded(CampaignOptions const& options, FindingDesk& desk, StatusLine& status);
CampaignResult run_libfuzzer(CampaignOptions const& options, FindingDesk& desk, StatusLine& status);

}  // namespace twinwalk::tools
