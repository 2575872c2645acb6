// What a command of `twinwalk` is: its options, and what it does once they are known.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <span>
#include <string_view>

#include "tools/support/exit.hpp"

namespace twinwalk::tools {

class Command {
 public:
  Command() = default;
  virtual ~Command() = default;
  Command(Command const&) = delete;
  Command& operator=(Command const&) = delete;

  // Says which options there are; they are stored in the object.
  virtual void declare(CLI::App& app) = 0;
  virtual Exit run() = 0;
};

struct CommandInfo {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Command> (*make)();
};

// Every command, in the order in which help lists them (tools/commands/all.cc).
std::span<CommandInfo const> all_commands();

}  // namespace twinwalk::tools
