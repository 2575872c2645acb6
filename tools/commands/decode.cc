#include <fmt/core.h>

#include "tools/commands/all.hpp"
#include "tools/support/entry.hpp"
#include "tools/support/options.hpp"

namespace twinwalk::tools {
namespace {

// Explains one entry; spec and engine must read it alike.
class Decode final : public Command {
 public:
  void declare(CLI::App& app) override {
    add_format(app, machine_.format);
    add_machine(app, machine_);
    add_number(app, "--level", level_, "level of the entry, 1 is the last", 1)->required();
    add_number(app, "ENTRY", entry_, "the entry, 64 bits")->required();
    add_json(app, json_);
  }

  Exit run() override {
    if (level_ > static_cast<std::uint64_t>(level_count(machine_.format))) {
      return bad_usage(
          "decode", fmt::format("--level: the format has {} levels", level_count(machine_.format)));
    }
    EntryReport const report =
        explain_entry(machine_.format, machine_.machine, static_cast<int>(level_), entry_);
    if (json_) {
      print_json(entry_json(report));
    } else {
      fmt::print("{}", print_entry(report));
      if (!report.agree()) fmt::print("  they disagree\n");
    }
    return report.agree() ? Exit::held : Exit::finding;
  }

 private:
  fuzz::Sequence machine_;
  std::uint64_t level_ = 1;
  std::uint64_t entry_ = 0;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_decode() { return std::make_unique<Decode>(); }

}  // namespace twinwalk::tools
