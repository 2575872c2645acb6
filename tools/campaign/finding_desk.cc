#include "tools/campaign/finding_desk.hpp"

#include <utility>

#include "tools/support/files.hpp"
#include "tools/support/sequences.hpp"

namespace twinwalk::tools {

bool FindingDesk::accept(fuzz::Sequence const& sequence) {
  fuzz::RunOptions const options;
  Verdict const first = trial_.run(sequence, options, false);
  if (!first.finding) return false;
  fuzz::MinimizeResult const small =
      trial_.minimize(sequence, options, first.finding->oracle, options_.minimize_runs);
  FindingReport report{trial_.run(small.sequence, options), small.sequence, options_.engine, "",
                       true};
  if (!report.verdict.finding) return false;
  std::string const name = finding_file_name(report);
  if (!known_.insert(name).second) return true;
  report.file = (options_.out / name).string();
  std::string const content = finding_text(report);
  file(std::move(report), content);
  return true;
}

void FindingDesk::accept_raw(RawFinding const& raw) {
  if (!known_.insert(raw.objection).second) return;
  FindingReport report;
  report.sequence = raw.sequence;
  report.engine = options_.engine;
  report.verdict.finding.emplace();
  report.verdict.finding->oracle = raw.oracle;
  report.verdict.finding->what = raw.objection;
  report.verdict.explanation = raw.last_words;
  report.file = (options_.out / (raw.oracle + "-" + digest(raw.input))).string();
  report.command = raw.command + " " + report.file;
  file(std::move(report), raw.input);
}

void FindingDesk::file(FindingReport report, std::string const& content) {
  if (auto const error = write_file(report.file, content)) failure_ = error;
  findings_.push_back(std::move(report));
  announce_(findings_.back());
}

}  // namespace twinwalk::tools
