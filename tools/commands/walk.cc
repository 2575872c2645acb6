#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "fuzz/text.hpp"
#include "models/spec/vector_row.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/entry.hpp"
#include "tools/support/formats.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/sequences.hpp"
#include "tools/support/trial.hpp"

namespace twinwalk::tools {
namespace {

using models::VectorSetting;
using models::VectorToken;

constexpr std::string_view access_name(models::AccessKind kind) {
  constexpr std::string_view names[] = {"read", "write", "fetch"};
  return names[static_cast<std::size_t>(kind)];
}

std::string words(std::vector<VectorToken> const& tokens) {
  std::string text;
  for (VectorToken const& token : tokens) {
    if (!text.empty()) text += ' ';
    text += token.is_number() ? hex(token.number) : token.name;
  }
  return text;
}

// One address through page tables: those that a sequence leaves behind, or a path of entries.
class Walk final : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "a sequence, run first; or else --entry for each level");
    add_number(app, "--va", va_, "the address")->required();
    app_format_ = add_format(app, format_, false);
    add_number(app, "--space", space_, "the address space of the sequence", 0,
               fuzz::space_count_max - 1);
    add_engine(app, engine_);
    add_numbers(app, "--entry", entries_, "an entry, top level first");
    app.add_option("--set", settings_, "the processor, as in vectors: user=1,smep=1,M=46")
        ->delimiter(',')
        ->type_name("NAME=N,...");
    add_json(app, json_);
  }

  Exit run() override {
    if (file_.empty() == entries_.empty()) {
      return bad_usage("walk", "takes either a FILE or entries (--entry), and not both");
    }
    if (!file_.empty()) return walk_sequence();
    if (app_format_->count() == 0) return bad_usage("walk", "--entry needs --format");
    return walk_entries();
  }

 private:
  // ---- A path of entries ----

  Exit walk_entries() {
    models::VectorRow row;
    row.entries = entries_;
    MachineOptions machine;
    for (std::string const& word : settings_) {
      std::optional<VectorSetting> const setting = parse_setting(word);
      if (!setting) return bad_usage("walk", "--set: '" + word + "' is no setting like user=1");
      row.settings.push_back(*setting);
    }
    row.settings.push_back({"levels", static_cast<std::uint64_t>(level_count(format_)), 0});
    row.settings.push_back({"va", va_, 0});
    Json accesses = Json::array();
    std::string text;
    std::vector<models::WalkStep> path;
    for (std::string_view const access : {"read", "write", "fetch"}) {
      row.access = std::string(access);
      models::VectorWalkOutcome outcome;
      with_format(format_, [&]<class Spec>(std::type_identity<Spec>, auto) {
        outcome = Spec::Vectors::walk_row(row);
      });
      if (auto const* error = std::get_if<models::VectorRowError>(&outcome)) {
        return bad_usage("walk", error->message);
      }
      auto const& walked = std::get<models::VectorWalk>(outcome);
      path = walked.path;
      machine = walked.machine;
      text += fmt::format("{:<18}{}\n", access, words(walked.result));
      accesses.push_back(Json{{"access", access}, {"result", words(walked.result)}});
    }
    print(path, machine, text, std::move(accesses), {});
    return Exit::held;
  }

  static std::optional<VectorSetting> parse_setting(std::string const& word) {
    std::size_t const equals = std::min(word.find('='), word.size());
    VectorSetting setting;
    for (char c : word.substr(0, equals)) {
      if (c == '_' || c == '-') continue;
      setting.name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (equals != word.size()) {
      std::optional<std::uint64_t> const value = fuzz::parse_number(word.substr(equals + 1));
      if (!value) return std::nullopt;
      setting.value = *value;
    }
    if (setting.name.empty()) return std::nullopt;
    return setting;
  }

  // ---- What a sequence leaves behind ----

  Exit walk_sequence() {
    Parsed<std::vector<NamedSequence>> const found = read_sequences(file_, format_);
    if (!found) return refuse(file_, found.malformed());
    if (found->size() != 1) return refuse(file_, {1, 1, "holds no single sequence"});
    fuzz::Sequence sequence = found->front().sequence;
    if (app_format_->count() != 0) sequence.format = format_;
    format_ = sequence.format;
    Trial trial(engine_);
    if (!trial.can_run(sequence)) {
      return bad_usage("walk", "--engine: " + engine_ + " does not have the file's format");
    }
    fuzz::RunOptions const options{.leave_standing = true};
    // Once in a process of its own, since an engine may die of it.
    Verdict const verdict = trial.run(sequence, options);
    std::string objection;
    if (verdict.finding) objection = verdict.finding->oracle + ": " + verdict.finding->what;
    if (verdict.finding && verdict.finding->oracle == survival_oracle) {
      return cannot("walk", objection);
    }
    auto const runner = fuzz::make_runner(sequence.format, engine_);
    runner->run(sequence, options);
    auto const look = runner->look(static_cast<std::uint8_t>(space_), VirtAddr(va_));
    if (!look)
      return bad_usage("walk", fmt::format("--space: the sequence has no space {}", space_));
    print_look(*look, sequence.machine, objection);
    return verdict.finding ? Exit::finding : Exit::held;
  }

  void print_look(fuzz::Look const& look, MachineOptions const& machine,
                  std::string const& objection) const {
    Json accesses = Json::array();
    std::string text = look.explanation;
    if (!objection.empty()) text = "the sequence ended in a finding: " + objection + "\n" + text;
    for (fuzz::AccessAnswer const& answer : look.accesses) {
      std::string const result =
          answer.ok ? "OK " + hex(answer.physical)
                    : fmt::format("{} {}", answer.fault.name, hex(answer.fault.code));
      text += fmt::format(
          "{:<18}{}\n",
          fmt::format("{} {}", answer.user ? "user" : "supervisor", access_name(answer.kind)),
          result);
      accesses.push_back(
          Json{{"access", access_name(answer.kind)}, {"user", answer.user}, {"result", result}});
    }
    Json more{{"root", hex(look.root)}, {"space", space_}, {"engine", engine_}};
    if (!objection.empty()) more["finding"] = objection;
    print(look.path, machine, text, std::move(accesses), std::move(more));
  }

  // ---- Both ----

  void print(std::vector<models::WalkStep> const& path, MachineOptions const& machine,
             std::string const& results, Json accesses, Json more) const {
    Json steps = Json::array();
    for (models::WalkStep const& step : path) {
      EntryReport report = explain_entry(format_, machine, step.level, step.entry);
      // The walk knows more of the processor than the machine's options say.
      report.spec.kind = step.kind;
      Json item = entry_json(report);
      item["slot"] = hex(step.slot);
      steps.push_back(std::move(item));
      if (!json_) fmt::print("[{:#x}]\n{}", step.slot, print_fields(report));
    }
    if (!json_) {
      fmt::print("{}", results);
      return;
    }
    Json json{{"format", format_name(format_)}, {"va", hex(va_)}};
    if (more.is_object()) json.update(more);
    json["path"] = std::move(steps);
    json["accesses"] = std::move(accesses);
    print_json(json);
  }

  std::string file_;
  std::uint64_t va_ = 0;
  CLI::Option* app_format_ = nullptr;
  std::uint8_t format_ = 0;
  std::uint64_t space_ = 0;
  std::string engine_{fuzz::shipped_engine};
  std::vector<std::uint64_t> entries_;
  std::vector<std::string> settings_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_walk() { return std::make_unique<Walk>(); }

}  // namespace twinwalk::tools
