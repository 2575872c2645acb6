#include <fmt/core.h>

#include "tools/commands/all.hpp"
#include "tools/support/files.hpp"
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
    FileList const list = files_below(paths_);
    if (list.error) return cannot("replay", *list.error);
    // Everything is read before anything runs: one bad file and nothing is half-done.
    std::vector<Item> items;
    for (std::filesystem::path const& file : list.files) {
      Parsed<std::vector<NamedSequence>> const found = read_sequences(file, format_);
      if (!found) return refuse(file.string(), found.malformed());
      for (NamedSequence const& named : *found) items.push_back({file.string(), named});
    }
    return replay_all(items);
  }

 private:
  struct Item {
    std::string file;
    NamedSequence named;
  };

  Exit replay_all(std::vector<Item> const& items) {
    Trial trial(engine_);
    std::vector<FindingReport> findings;
    for (Item const& item : items) {
      fuzz::Sequence const& sequence = item.named.sequence;
      if (!trial.can_run(sequence)) {
        return bad_usage("replay", fmt::format("--engine: {} does not have the format of {}",
                                               engine_, item.named.name));
      }
      // Expectations are the author's about the contract; an input of a fuzzer has none.
      Verdict verdict = trial.run(sequence, {.checkpoint_every = every_,
                                             .judge_expectations =
                                                 item.named.origin != Origin::binary});
      bool const held = !verdict.finding;
      if (!json_) {
        fmt::print("{}: {}, {} operations\n", item.named.name, held ? "held" : "FINDING",
                   sequence.ops.size());
      }
      if (held) continue;
      findings.push_back({std::move(verdict), sequence, engine_, item.file, false});
      if (!json_) fmt::print("\n{}\n", print_finding(findings.back()));
    }
    summarise(items.size(), findings);
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
