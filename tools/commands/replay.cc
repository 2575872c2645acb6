#include <fmt/core.h>

#include "tools/commands/all.hpp"
#include "tools/support/finding_report.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/sequences.hpp"
#include "tools/support/trial.hpp"

namespace twinwalk::tools {
namespace {

// Runs sequences again, every oracle on, and explains what shows.
class Replay final : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("FILE", paths_, ".ops, traces, inputs of a fuzzer, or folders of them")
        ->required();
    add_engine(app, engine_);
    add_format(app, format_, false)->description("format of the sequences made from traces");
    add_number(app, "--every", every_, "compare the whole trees after every N-th operation");
    add_json(app, json_);
  }

  Exit run() override {
    // Everything is read before anything runs: one bad file and nothing is half-done.
    SequenceList const all = read_all_sequences(paths_, format_);
    if (!all.bad_file.empty()) return refuse(all.bad_file, all.error);
    return replay_all(all.sequences);
  }

 private:
  Exit replay_all(std::vector<NamedSequence> const& all) {
    Trial trial(engine_);
    std::vector<FindingReport> findings;
    for (NamedSequence const& named : all) {
      fuzz::Sequence const& sequence = named.sequence;
      if (!trial.can_run(sequence)) {
        return bad_usage("replay", fmt::format("--engine: {} does not have the format of {}",
                                               engine_, named.name));
      }
      // Expectations are the author's about the contract; an input of a fuzzer has none.
      Verdict verdict = trial.run(sequence, {.checkpoint_every = every_,
                                             .judge_expectations = named.origin != Origin::binary});
      bool const held = !verdict.finding;
      if (!json_) {
        fmt::print("{}: {}, {} operations\n", named.name, held ? "held" : "FINDING",
                   sequence.ops.size());
      }
      if (held) continue;
      findings.push_back({std::move(verdict), sequence, engine_, named.file, false});
      if (!json_) fmt::print("\n{}\n", print_finding(findings.back()));
    }
    summarise(all.size(), findings);
    return findings.empty() ? Exit::held : Exit::finding;
  }

  void summarise(std::size_t run, std::vector<FindingReport> const& findings) const {
    if (!json_) {
      fmt::print("{} run, {} held, {} findings\n", run, run - findings.size(), findings.size());
      return;
    }
    Json list = Json::array();
    for (FindingReport const& report : findings) list.push_back(finding_json(report));
    print_json(Json{{"run", run},
                    {"held", run - findings.size()},
                    {"engine", engine_},
                    {"findings", std::move(list)}});
  }

  std::vector<std::string> paths_;
  std::string engine_{fuzz::shipped_engine};
  std::uint8_t format_ = 0;
  std::uint64_t every_ = fuzz::RunOptions{}.checkpoint_every;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_replay() { return std::make_unique<Replay>(); }

}  // namespace twinwalk::tools
