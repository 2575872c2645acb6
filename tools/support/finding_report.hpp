// A finding as commands print it, file it and hand it on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fuzz/sequence.hpp"
#include "tools/support/json.hpp"
#include "tools/support/trial.hpp"

namespace twinwalk::tools {

struct FindingReport {
  Verdict verdict;          // with a finding
  fuzz::Sequence sequence;  // minimised, or as it was given
  std::string engine;
  std::string file;  // where the sequence lies
  bool minimised = false;
  std::string command{};  // that shows it again, where `replay` does not
};

// The one command that shows the finding again.
std::string reproduce_command(FindingReport const& report);
// The operations with the one that showed it marked, the explanation, the command.
std::string print_finding(FindingReport const& report);
Json finding_json(FindingReport const& report);

// The sequence with its cause in its head: what a regression file is made of. Nothing in it depends
// on when or where it was found.
std::string finding_text(FindingReport const& report);
// `<oracle>-<digest>.ops`
std::string finding_file_name(FindingReport const& report);

}  // namespace twinwalk::tools
