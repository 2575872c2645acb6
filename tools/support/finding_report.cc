#include "tools/support/finding_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "fuzz/format_shape.hpp"
#include "fuzz/text.hpp"
#include "tools/support/exit.hpp"
#include "tools/support/sequences.hpp"

namespace twinwalk::tools {
namespace {

// Operations that are printed around the one that showed the finding; a trace has thousands.
constexpr std::size_t ops_shown_max = 40;

// What `text` has in front of its first operation: format and machine.
std::string head_of(fuzz::Sequence const& sequence) {
  fuzz::Sequence head = sequence;
  head.ops.clear();
  return fuzz::print(head, fuzz::known_formats());
}

// A word for a shell.
std::string shell_word(std::string const& word) {
  bool plain = !word.empty();
  for (char c : word)
    plain &= std::isalnum(static_cast<unsigned char>(c)) != 0 ||
             std::string_view("/._-+:=,").find(c) != std::string_view::npos;
  if (plain) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string reproduce_command(FindingReport const& report) {
  if (!report.command.empty()) return report.command;
  std::string command = "twinwalk replay " + shell_word(report.file);
  if (report.engine != fuzz::shipped_engine) command += " --engine " + report.engine;
  return command;
}

std::string print_finding(FindingReport const& report) {
  fuzz::Sequence const& sequence = report.sequence;
  std::size_t const culprit = report.verdict.finding->op;
  bool const known = report.verdict.finding->oracle != survival_oracle;
  std::string text = head_of(sequence);
  std::size_t const last = known ? std::min(culprit + 1, sequence.ops.size()) : sequence.ops.size();
  std::size_t const first = last > ops_shown_max ? last - ops_shown_max : 0;
  if (first != 0) text += fmt::format("   … {} operations before\n", first);
  for (std::size_t i = first; i < last; ++i) {
    text += fmt::format("{} #{:<4} {}\n", known && i == culprit ? "->" : "  ", i,
                        fuzz::print(sequence.ops[i]));
  }
  if (known && culprit >= sequence.ops.size()) text += "-> at the end\n";
  text += report.verdict.explanation;
  if (!text.ends_with('\n')) text += '\n';
  return text + "reproduce  " + reproduce_command(report) + "\n";
}

Json finding_json(FindingReport const& report) {
  fuzz::Finding const& finding = *report.verdict.finding;
  return Json{{"oracle", finding.oracle},
              {"objection", finding.what},
              {"engine", report.engine},
              {"format", fuzz::known_formats()[report.sequence.format].name},
              {"operations", report.sequence.ops.size()},
              {"shows_after", finding.op},
              {"address", hex(finding.va)},
              {"space", finding.space},
              {"file", report.file},
              {"minimised", report.minimised},
              {"sequence", fuzz::print(report.sequence, fuzz::known_formats())},
              {"explanation", report.verdict.explanation},
              {"reproduce", reproduce_command(report)}};
}

std::string finding_text(FindingReport const& report) {
  fuzz::Finding const& finding = *report.verdict.finding;
  std::string comment = finding.oracle + ": " + one_line(finding.what);
  if (report.engine != fuzz::shipped_engine) comment += "\nengine: " + report.engine;
  return fuzz::print(report.sequence, fuzz::known_formats(), comment);
}

std::string finding_file_name(FindingReport const& report) {
  return report.verdict.finding->oracle + "-" + digest(report.sequence) + ".ops";
}

}  // namespace twinwalk::tools
