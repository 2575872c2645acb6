#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tools/commands/all.hpp"
#include "tools/replay/memory_run.hpp"
#include "tools/support/files.hpp"
#include "tools/support/finding_report.hpp"
#include "tools/support/json.hpp"
#include "tools/support/memory_text.hpp"
#include "tools/support/options.hpp"
#include "tools/support/sequences.hpp"
#include "tools/support/trial.hpp"

namespace twinwalk::tools {
namespace {

// Runs sequences again, every oracle on, and explains what shows.
class Replay final : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option(
           "FILE", paths_,
           ".ops, traces, inputs of a fuzzer, folders of them; or .mem, what refutes a theorem")
        ->required();
    add_engine(app, engine_);
    add_format(app, format_, false)->description("format of the sequences made from traces");
    add_number(app, "--every", every_, "compare the whole trees after every N-th operation");
    add_json(app, json_);
  }

  Exit run() override {
    if (std::any_of(paths_.begin(), paths_.end(), holds_memory)) return replay_memories();
    // Everything is read before anything runs: one bad file and nothing is half-done.
    SequenceList const all = read_all_sequences(paths_, format_);
    if (!all.bad_file.empty()) return refuse(all.bad_file, all.error);
    return replay_all(all.sequences);
  }

 private:
  // Whether a path names a memory file; one that cannot be read is left to whoever reads it next.
  static bool holds_memory(std::string const& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return is_memory_file(path, "");
    std::ifstream file(path, std::ios::binary);
    std::string first(memory_first_line.size(), '\0');
    file.read(first.data(), static_cast<std::streamsize>(first.size()));
    return is_memory_file(path, first);
  }

  // What refutes a theorem, run again on the shipped engine.
  Exit replay_memories() const {
    if (!std::all_of(paths_.begin(), paths_.end(), holds_memory)) {
      return bad_usage("replay", "FILE: memory files and sequences are replayed apart");
    }
    if (engine_ != fuzz::shipped_engine) {
      return bad_usage("replay", "--engine: memory files run on the shipped engine alone");
    }
    std::vector<proofs::MemoryFile> files;
    for (std::string const& path : paths_) {
      Parsed<std::string> const text = read_file(path);
      if (!text) return refuse(path, text.malformed());
      Parsed<proofs::MemoryFile> file = parse_memory(*text);
      if (!file) return refuse(path, file.malformed());
      files.push_back(std::move(*file));
    }
    Json list = Json::array();
    Exit worst = Exit::held;
    for (std::size_t i = 0; i < files.size(); ++i) {
      MemoryComparison const comparison = compare(files[i], run_safely(run_shipped, files[i]));
      worst = std::max(worst, comparison.exit());
      list.push_back(comparison_json(paths_[i], comparison));
      if (!json_) fmt::print("{}\n", print_comparison(paths_[i], comparison));
    }
    // One file is one answer.
    if (json_) print_json(list.size() == 1 ? list[0] : list);
    return worst;
  }

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
