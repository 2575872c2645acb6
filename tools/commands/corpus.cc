#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "fuzz/codec.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/op.hpp"
#include "fuzz/text.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/files.hpp"
#include "tools/support/fuzzer_binary.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/process.hpp"
#include "tools/support/sequences.hpp"

namespace twinwalk::tools {
namespace {

namespace fs = std::filesystem;

std::string binary_of(fuzz::Sequence const& sequence) {
  std::vector<std::uint8_t> const bytes = fuzz::encode(sequence);
  return {bytes.begin(), bytes.end()};
}

// Collections of sequences: what they hold, one out of many, and both of their forms.
class Corpus final : public Command {
 public:
  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    declare_one(app, Act::merge, "merge", "keep what reaches something new, drop the rest");
    declare_one(app, Act::stats, "stats", "count sequences and operations");
    declare_one(app, Act::to_binary, "export", "write sequences as inputs of a fuzzer");
    declare_one(app, Act::to_text, "import", "write inputs of a fuzzer as .ops");
  }

  Exit run() override {
    SequenceList all = read_all_sequences(paths_, format_);
    if (!all.bad_file.empty()) return refuse(all.bad_file, all.error);
    if (act_ == Act::stats) return stats(all.sequences);
    if (act_ == Act::merge) return merge(std::move(all.sequences));
    return convert(all.sequences, act_ == Act::to_binary);
  }

 private:
  enum class Act { merge, stats, to_binary, to_text };

  void declare_one(CLI::App& app, Act act, std::string const& name, std::string const& summary) {
    CLI::App* const sub = app.add_subcommand(name, summary);
    sub->parse_complete_callback([this, act] { act_ = act; });
    sub->add_option("PATH", paths_, "files and folders: .ops, traces, inputs of fuzzers")
        ->required();
    add_format(*sub, format_, false)->description("format of the sequences made from traces");
    add_json(*sub, json_);
    if (act == Act::stats) return;
    sub->add_option("-o,--out", out_, "folder to write into")->required();
    if (act == Act::merge) sub->add_flag("--binary", binary_, "write inputs of a fuzzer, not .ops");
  }

  Exit stats(std::vector<NamedSequence> const& sequences) const {
    std::array<std::size_t, fuzz::op_kind_count> kinds{};
    std::map<std::string_view, std::size_t> formats;
    std::size_t operations = 0;
    std::size_t longest = 0;
    for (NamedSequence const& named : sequences) {
      ++formats[fuzz::known_formats()[named.sequence.format].name];
      operations += named.sequence.ops.size();
      longest = std::max(longest, named.sequence.ops.size());
      for (fuzz::Op const& op : named.sequence.ops) ++kinds[static_cast<std::size_t>(op.kind)];
    }
    Json by_kind = Json::object();
    for (fuzz::OpInfo const& info : fuzz::op_table) {
      by_kind[std::string(info.name)] = kinds[static_cast<std::size_t>(info.kind)];
    }
    if (json_) {
      print_json(Json{{"sequences", sequences.size()},
                      {"operations", operations},
                      {"longest", longest},
                      {"formats", formats},
                      {"kinds", std::move(by_kind)}});
      return Exit::held;
    }
    fmt::print("{} sequences, {} operations, the longest has {}\n", sequences.size(), operations,
               longest);
    for (auto const& [name, count] : formats) fmt::print("  {:<20}{:>8}\n", name, count);
    for (fuzz::OpInfo const& info : fuzz::op_table) {
      std::size_t const count = kinds[static_cast<std::size_t>(info.kind)];
      if (count != 0) fmt::print("  {:<20}{:>8}\n", info.name, count);
    }
    return Exit::held;
  }

  Exit convert(std::vector<NamedSequence> const& sequences, bool to_binary) const {
    std::vector<NewFile> files;
    std::set<std::string> taken;
    for (NamedSequence const& named : sequences) {
      std::string const stem = stem_of(named.name);
      std::string name = stem;
      for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}-{}", stem, n);
      files.push_back({fs::path(out_) / (to_binary ? name : name + ".ops"),
                       to_binary ? binary_of(named.sequence)
                                 : fuzz::print(named.sequence, fuzz::known_formats())});
    }
    return write(files, sequences.size(), "");
  }

  // The fuzzer's own set cover where it is there; without it, only what is equal is dropped.
  Exit merge(std::vector<NamedSequence> sequences) const {
    std::size_t const before = sequences.size();
    std::set<std::string> seen;
    std::erase_if(sequences, [&](NamedSequence const& named) {
      return !seen.insert(binary_of(named.sequence)).second;
    });
    auto const fuzzer = fuzzer_binary();
    if (fuzzer && !cover(*fuzzer, sequences)) {
      return cannot("corpus merge", fuzzer->filename().string() + " could not merge");
    }
    std::vector<NewFile> files;
    for (NamedSequence const& named : sequences) {
      std::string const name = digest(named.sequence);
      files.push_back({fs::path(out_) / (binary_ ? name : name + ".ops"),
                       binary_ ? binary_of(named.sequence)
                               : fuzz::print(named.sequence, fuzz::known_formats())});
    }
    return write(files, before,
                 fuzzer ? "" : "; only equal ones were dropped, since there is no fuzz_ops here");
  }

  static bool cover(fs::path const& fuzzer, std::vector<NamedSequence>& sequences) {
    TemporaryFolder const folder;
    std::error_code error;
    fs::path const all = folder.path() / "all";
    fs::path const kept = folder.path() / "kept";
    fs::create_directory(kept, error);
    std::vector<NewFile> files;
    std::size_t longest = fuzz::codec_header_size;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      std::string bytes = binary_of(sequences[i].sequence);
      longest = std::max(longest, bytes.size());
      files.push_back({all / std::to_string(i), std::move(bytes)});
    }
    if (folder.path().empty() || write_files(files)) return false;
    Program const program{{fuzzer.string(), "-set_cover_merge=1",
                           fmt::format("-max_len={}", longest), kept.string(), all.string()},
                          {}};
    Ending const ending = run_program(program, [](std::string_view) { return true; });
    if (!ending.started || ending.signalled || ending.status != 0) return false;
    // What was kept has another name but the same bytes.
    std::set<std::string> contents;
    for (fs::path const& file : files_below({kept.string()}, may_hold_sequences).files) {
      if (Parsed<std::string> content = read_file(file)) contents.insert(*content);
    }
    std::erase_if(sequences, [&](NamedSequence const& named) {
      return !contents.contains(binary_of(named.sequence));
    });
    return true;
  }

  Exit write(std::vector<NewFile> const& files, std::size_t before, std::string_view note) const {
    if (auto const error = write_files(files)) return cannot("corpus", *error);
    if (json_) {
      Json names = Json::array();
      for (NewFile const& file : files) names.push_back(file.path.string());
      print_json(Json{{"read", before}, {"written", files.size()}, {"files", std::move(names)}});
    } else {
      fmt::print("{} sequences read, {} written to {}{}\n", before, files.size(), out_, note);
    }
    return Exit::held;
  }

  Act act_ = Act::stats;
  std::vector<std::string> paths_;
  std::string out_;
  std::uint8_t format_ = 0;
  bool binary_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_corpus() { return std::make_unique<Corpus>(); }

}  // namespace twinwalk::tools
