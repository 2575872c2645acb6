#include <fmt/core.h>

#include "fuzz/oracle.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/files.hpp"
#include "tools/support/finding_report.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/sequences.hpp"
#include "tools/support/trial.hpp"

namespace twinwalk::tools {
namespace {

// Makes a failing sequence small, with the same oracle objecting.
class Minimize final : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "a sequence: .ops, or an input of a fuzzer")->required();
    app.add_option("-o,--out", out_, "the .ops file to write (default: standard output)");
    add_engine(app, engine_);
    add_number(app, "--runs", runs_max_, "how many runs it may take", 1);
    add_json(app, json_);
  }

  Exit run() override {
    Parsed<std::vector<NamedSequence>> const found = read_sequences(file_);
    if (!found) return refuse(file_, found.malformed());
    if (found->size() != 1) return refuse(file_, {1, 1, "holds no single sequence"});
    NamedSequence const& named = found->front();
    Trial trial(engine_);
    if (!trial.can_run(named.sequence)) {
      return bad_usage("minimize", "--engine: " + engine_ + " does not have the file's format");
    }
    fuzz::RunOptions options;
    options.judge_expectations = named.origin != Origin::binary;
    Verdict verdict = trial.run(named.sequence, options);
    if (!verdict.finding) {
      if (json_) print_json(Json{{"finding", nullptr}});
      if (!json_) fmt::print(stderr, "{}: held, so there is nothing to minimise\n", file_);
      return Exit::held;
    }
    options.judge_expectations = verdict.finding->oracle == fuzz::expectation_oracle;
    auto result = trial.minimize(named.sequence, options, verdict.finding->oracle, runs_max_);
    if (!options.judge_expectations) fuzz::drop_expectations(result.sequence);
    FindingReport report{trial.run(result.sequence, options), result.sequence, engine_,
                         out_.empty() ? file_ : out_, true};
    if (!report.verdict.finding) return cannot("minimize", "the finding does not come every time");
    return hand_out(report, named.sequence.ops.size(), result);
  }

 private:
  Exit hand_out(FindingReport const& report, std::size_t before,
                fuzz::MinimizeResult const& result) const {
    if (!out_.empty()) {
      if (auto const error = write_file(out_, finding_text(report))) {
        return cannot("minimize", *error);
      }
    }
    if (json_) {
      print_json(Json{{"finding", finding_json(report)},
                      {"operations_before", before},
                      {"runs", result.runs},
                      {"finished", result.finished}});
      return Exit::finding;
    }
    fmt::print("{}", out_.empty() ? finding_text(report) : print_finding(report));
    std::fflush(stdout);
    fmt::print(stderr, "{} operations became {} in {} runs{}\n", before, report.sequence.ops.size(),
               result.runs, result.finished ? "" : "; more runs might make it smaller");
    return Exit::finding;
  }

  std::string file_;
  std::string out_;
  std::string engine_{fuzz::shipped_engine};
  std::uint64_t runs_max_ = fuzz::MinimizeOptions{}.runs_max;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_minimize() { return std::make_unique<Minimize>(); }

}  // namespace twinwalk::tools
