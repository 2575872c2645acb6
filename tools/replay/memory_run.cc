#include "tools/replay/memory_run.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>

#include "fuzz/format_shape.hpp"
#include "tools/support/entry.hpp"
#include "tools/support/memory_text.hpp"

namespace twinwalk::tools {
namespace {

using proofs::MemoryFile;
using Levels = std::map<std::uint64_t, int>;  // of the slots that walks read

constexpr unsigned seconds_max = 10;

std::uint8_t format_index(std::string_view name) {
  fuzz::FormatList const formats = fuzz::known_formats();
  std::uint8_t index = 0;
  while (index + 1U < formats.size() && formats[index].name != name) ++index;
  return index;
}

std::string decoded(MemoryFile const& file, int level, std::uint64_t entry) {
  EntryReport const report = explain_entry(format_index(file.format), file.machine, level, entry);
  std::string text = fmt::format("level {} {}", level, models::kind_name(report.spec.kind));
  for (FieldValue const& item : report.fields) {
    if (item.value == 0) continue;
    bool const is_address = item.field.role == models::Role::address;
    text += fmt::format(", {} {:#x}{}", item.field.name,
                        is_address ? item.value << item.field.lo : item.value,
                        item.forbidden ? " (must be 0)" : "");
  }
  return text;
}

Levels levels_of(MemoryRun const& run) {
  Levels levels;
  for (std::vector<WalkedSlots> const* walks : {&run.before, &run.after}) {
    for (WalkedSlots const& walk : *walks) {
      for (WalkedSlot const& at : walk) levels.insert({at.slot, at.level});
    }
  }
  return levels;
}

class Comparison {
 public:
  Comparison(MemoryFile const& file, MemoryRun const& run) : file_(file), levels_(levels_of(run)) {
    report_ = fmt::format("call       {} on {}: va {:#x} pa {:#x} flags {}\n", file.call,
                          file.format, file.va, file.pa, fuzz::print(MappingFlags(file.flags)));
    std::vector<RecordLine> const predicted = record_lines(file.predicted);
    if (!run.died.empty()) {
      died(predicted, run.died);
      return;
    }
    std::vector<RecordLine> const done = record_lines(run.record);
    for (std::size_t i = 0; i < std::max(predicted.size(), done.size()); ++i) {
      compare(i < predicted.size() ? &predicted[i] : nullptr, i < done.size() ? &done[i] : nullptr);
    }
    for (std::size_t i = 0; i < run.before.size(); ++i) walk(i, "before", run.before[i]);
    for (std::size_t i = 0; i < run.after.size(); ++i) walk(i, "after", run.after[i]);
  }

  MemoryComparison result() && { return {std::move(report_), std::move(difference_)}; }

 private:
  void compare(RecordLine const* predicted, RecordLine const* done) {
    if (predicted != nullptr && done != nullptr && predicted->text == done->text) {
      line("both", *done);
      return;
    }
    if (predicted != nullptr) line("proof", *predicted);
    if (done != nullptr) line("engine", *done);
    differ(predicted != nullptr ? predicted->text : "nothing more",
           done != nullptr ? done->text : "nothing more");
  }

  // A run that ended early shows nothing but that, and a proof goes on where an assertion fails.
  void died(std::vector<RecordLine> const& predicted, std::string const& cause) {
    bool const foretold = file_.predicted.assertion_failed;
    for (RecordLine const& expected : predicted) line("proof", expected);
    report_ += fmt::format("engine     {}\n", cause);
    if (!foretold) differ(predicted.front().text, cause);
  }

  void line(std::string_view who, RecordLine const& said) {
    report_ += fmt::format("{:<10} {}\n", who, said.text);
    if (!said.slot) return;
    auto const level = levels_.find(*said.slot);
    if (level != levels_.end()) {
      report_ += fmt::format("{:<10}   {}\n", "", decoded(file_, level->second, said.entry));
    }
  }

  void differ(std::string const& predicted, std::string const& done) {
    if (!difference_.empty()) return;
    difference_ = fmt::format("the proof's path says `{}`, the engine `{}`", predicted, done);
  }

  void walk(std::size_t index, std::string_view when, WalkedSlots const& slots) {
    proofs::Witness const& witness = file_.predicted.witnesses[index];
    report_ +=
        fmt::format("walk       {:#x} from {:#x}, {}\n", witness.address, witness.root, when);
    for (WalkedSlot const& at : slots) {
      report_ += fmt::format("  [{:#x}] {:#x}: {}\n", at.slot, at.entry,
                             decoded(file_, at.level, at.entry));
    }
  }

  MemoryFile const& file_;
  Levels levels_;
  std::string report_;
  std::string difference_;
};

}  // namespace

MemoryRun run_safely(MemoryRunner const& runner, MemoryFile const& file) {
  std::fflush(nullptr);
  pid_t const child = ::fork();
  if (child == 0) {
    ::alarm(seconds_max);
    runner(file);
    leave_child(0);
  }
  if (child < 0) throw std::runtime_error(fmt::format("no process: {}", std::strerror(errno)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return runner(file);
  MemoryRun run;
  run.died = "the engine ended the program";
  if (WIFSIGNALED(status)) {
    run.died += fmt::format(" ({})", ::strsignal(WTERMSIG(status)));
  }
  return run;
}

MemoryComparison compare(MemoryFile const& file, MemoryRun const& run) {
  return Comparison(file, run).result();
}

std::string print_comparison(std::string const& name, MemoryComparison const& comparison) {
  return comparison.report +
         (comparison.reproduced()
              ? fmt::format("reproduced: the engine does what refutes the theorem ({})\n", name)
              : fmt::format("gap in the model: {} ({})\n", comparison.difference, name));
}

Json comparison_json(std::string const& name, MemoryComparison const& comparison) {
  return Json{{"file", name},
              {"reproduced", comparison.reproduced()},
              {"difference", comparison.reproduced() ? Json(nullptr) : Json(comparison.difference)},
              {"report", comparison.report}};
}

}  // namespace twinwalk::tools
