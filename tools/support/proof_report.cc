#include "tools/support/proof_report.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstddef>

#include "tools/support/memory_text.hpp"

namespace twinwalk::tools {
namespace {

namespace fs = std::filesystem;
using proofs::Refutation;
using proofs::TheoremResult;
using proofs::Verdict;

// Where the N-th refutation of a theorem is kept; empty when there is nothing to run again.
std::string file_of(TheoremResult const& result, std::size_t index, fs::path const& folder) {
  if (folder.empty() || !result.refutations[index].memory_file) return {};
  return (folder / fmt::format("{}.{}.{}.mem", result.theorem, result.format, index + 1)).string();
}

// Columns as wide as their widest cell; the first `left` of them are words, the others numbers.
class Columns {
 public:
  Columns(std::size_t left, std::vector<std::string> head) : left_(left) {
    rows_.push_back(std::move(head));
  }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string print() const {
    std::vector<std::size_t> widths(rows_[0].size());
    for (auto const& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (auto const& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        text += i == 0 ? "" : "  ";
        text += i < left_ ? fmt::format("{:<{}}", row[i], widths[i])
                          : fmt::format("{:>{}}", row[i], widths[i]);
      }
      text += "\n";
    }
    return text;
  }

 private:
  std::size_t left_;
  std::vector<std::vector<std::string>> rows_;
};

std::string theorem_table(ProofRun const& run) {
  Columns table(3, {"theorem", "format", "verdict", "obligations", "simplified", "paths", "seconds",
                    "slowest"});
  for (TheoremResult const& r : run.theorems) {
    table.add({r.theorem, r.format, std::string(verdict_name(r.verdict())),
               std::to_string(r.obligations), std::to_string(r.by_simplification),
               std::to_string(r.paths), fmt::format("{:.1f}", r.seconds),
               fmt::format("{:.2f}", r.slowest_query_seconds)});
  }
  return table.print();
}

std::string job_table(ProofRun const& run) {
  Columns table(2, {"work", "format", "paths", "seconds"});
  for (ProofJobRow const& job : run.jobs) {
    table.add(
        {job.what, job.format, std::to_string(job.paths), fmt::format("{:.1f}", job.seconds)});
  }
  return table.print();
}

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t const end = std::min(text.find('\n'), text.size());
    out += fmt::format("  {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string refutations(TheoremResult const& result, fs::path const& folder) {
  std::string text;
  for (std::size_t i = 0; i < result.refutations.size(); ++i) {
    Refutation const& refutation = result.refutations[i];
    text += fmt::format("\nrefuted    {} on {}\nobligation {}\n{}", result.theorem, result.format,
                        refutation.obligation, indented(refutation.explanation));
    std::string const file = file_of(result, i, folder);
    if (!file.empty()) text += fmt::format("reproduce  twinwalk replay {}\n", file);
  }
  return text;
}

double processor_seconds(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  auto const seconds = [](timeval const& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The processor time is that of this process and of the solvers it started; the memory is its own.
std::string resources() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return fmt::format("{:.1f} s of processor time, {} MiB of memory at most",
                     processor_seconds(RUSAGE_SELF) + processor_seconds(RUSAGE_CHILDREN),
                     usage.ru_maxrss / 1024);
}

}  // namespace

std::vector<NewFile> counterexamples(ProofRun const& run, fs::path const& folder) {
  std::vector<NewFile> files;
  for (TheoremResult const& result : run.theorems) {
    for (std::size_t i = 0; i < result.refutations.size(); ++i) {
      std::string const file = file_of(result, i, folder);
      if (file.empty()) continue;
      Refutation const& refutation = result.refutations[i];
      std::string const comment =
          fmt::format("{}, {}\n{}", result.theorem, result.format, refutation.obligation);
      files.push_back({file, print_memory(*refutation.memory_file, comment)});
    }
  }
  return files;
}

std::string print_proofs(ProofRun const& run, fs::path const& folder) {
  std::string text = theorem_table(run) + "\n" + job_table(run);
  for (TheoremResult const& result : run.theorems) text += refutations(result, folder);
  std::string unknown;
  for (TheoremResult const& result : run.theorems) {
    for (std::string const& name : result.unknown) {
      unknown += fmt::format("unknown    {} on {}: {}\n", result.theorem, result.format, name);
    }
  }
  if (!unknown.empty()) text += "\n" + unknown;
  std::size_t agreed = 0;
  for (TheoremResult const& result : run.theorems) agreed += result.checked_by_second;
  if (agreed != 0) text += fmt::format("\nthe second solver answered {} queries alike\n", agreed);
  text += fmt::format("\n{} proved, {} refuted, {} unknown; {}\n",
                      count(run.theorems, Verdict::proved), count(run.theorems, Verdict::refuted),
                      count(run.theorems, Verdict::unknown), resources());
  return text;
}

Json proofs_json(ProofRun const& run, std::vector<std::string> const& solvers,
                 fs::path const& folder) {
  Json theorems = Json::array();
  for (TheoremResult const& result : run.theorems) {
    Json refuted = Json::array();
    for (std::size_t i = 0; i < result.refutations.size(); ++i) {
      Refutation const& refutation = result.refutations[i];
      std::string const file = file_of(result, i, folder);
      refuted.push_back(Json{{"obligation", refutation.obligation},
                             {"explanation", refutation.explanation},
                             {"file", file.empty() ? Json(nullptr) : Json(file)}});
    }
    theorems.push_back(Json{{"name", result.theorem},
                            {"format", result.format},
                            {"verdict", verdict_name(result.verdict())},
                            {"obligations", result.obligations},
                            {"by_simplification", result.by_simplification},
                            {"paths", result.paths},
                            {"seconds", result.seconds},
                            {"slowest_query_seconds", result.slowest_query_seconds},
                            {"solvers", solvers},
                            {"checked_by_second", result.checked_by_second},
                            {"refutations", std::move(refuted)},
                            {"unknown", result.unknown}});
  }
  Json jobs = Json::array();
  for (ProofJobRow const& job : run.jobs) {
    jobs.push_back(Json{{"format", job.format},
                        {"what", job.what},
                        {"paths", job.paths},
                        {"seconds", job.seconds}});
  }
  return Json{{"theorems", std::move(theorems)},
              {"jobs", std::move(jobs)},
              {"proved", count(run.theorems, Verdict::proved)},
              {"refuted", count(run.theorems, Verdict::refuted)},
              {"unknown", count(run.theorems, Verdict::unknown)}};
}

}  // namespace twinwalk::tools
