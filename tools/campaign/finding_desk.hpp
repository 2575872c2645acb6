// Where failing sequences come in: each is confirmed, minimised, told apart from those that are
// known already, filed and printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/sequence.hpp"
#include "tools/support/finding_report.hpp"
#include "tools/support/trial.hpp"

namespace twinwalk::tools {

struct DeskOptions {
  std::string engine;
  std::filesystem::path out;  // folder for findings
  std::size_t enough = 1;     // different findings after which to stop
  std::size_t minimize_runs = 1500;
};

struct RawFinding {
  std::string oracle;
  std::string objection;
  std::string input;        // bytes
  fuzz::Sequence sequence;  // what they are, where they are one
  std::string last_words;   // of the binary
  std::string command;      // that shows it again, when the file is put behind it
};

class FindingDesk {
 public:
  // `announce` is told of each new finding.
  FindingDesk(DeskOptions options, std::function<void(FindingReport const&)> announce)
      : options_(std::move(options)), trial_(options_.engine), announce_(std::move(announce)) {}

  // A sequence that failed somewhere. False when it does not fail here.
  bool accept(fuzz::Sequence const& sequence);
  // An input that only the fuzzer's own binary stops on, with what it said: filed as it is, once
  // for each objection.
  void accept_raw(RawFinding const& raw);

  bool has_enough() const { return findings_.size() >= options_.enough; }
  std::vector<FindingReport> const& findings() const { return findings_; }
  // What kept a finding from being filed.
  std::optional<std::string> const& failure() const { return failure_; }

 private:
  void file(FindingReport report, std::string const& content);

  DeskOptions options_;
  Trial trial_;
  std::function<void(FindingReport const&)> announce_;
  std::set<std::string> known_;
  std::vector<FindingReport> findings_;
  std::optional<std::string> failure_;
};

}  // namespace twinwalk::tools
