#include "tools/command_line.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "tools/commands/command.hpp"

namespace twinwalk::tools {
namespace {

// "twinwalk" or "twinwalk decode": whose usage was wrong.
std::string called(CLI::App const& app) {
  std::string name = app.get_name();
  for (CLI::App const* sub : app.get_subcommands()) name += " " + sub->get_name();
  return name;
}

// Help is what was asked for; anything else is one line on how the call was wrong.
int usage(CLI::App const& app, CLI::ParseError const& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(error);
  }
  std::string const name = called(app);
  fmt::print(stderr, "{}: {} ({} --help)\n", name, one_line(error.what()), name);
  return static_cast<int>(Exit::bad_input);
}

bool is_command(std::string_view word) {
  std::span<CommandInfo const> const commands = all_commands();
  return std::any_of(commands.begin(), commands.end(),
                     [&](CommandInfo const& info) { return info.name == word; });
}

// Results that did not reach their reader are no results.
Exit after_output(Exit exit) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit;
  fmt::print(stderr, "twinwalk: standard output cannot be written\n");
  return Exit::environment;
}

}  // namespace

int run(int argc, char const* const* argv) {
  CLI::App app("Page tables described several ways, and made to disagree if they can.", "twinwalk");
  app.require_subcommand(1);
  app.footer("Exit: 0 all held, 1 a finding, 2 bad usage or input, 3 no answer could be had.");

  std::vector<std::unique_ptr<Command>> commands;
  std::vector<CLI::App*> subcommands;
  for (CommandInfo const& info : all_commands()) {
    commands.push_back(info.make());
    subcommands.push_back(app.add_subcommand(std::string(info.name), std::string(info.summary)));
    commands.back()->declare(*subcommands.back());
  }
  if (argc > 1 && argv[1][0] != '-' && !is_command(argv[1])) {
    fmt::print(stderr, "twinwalk: there is no command '{}' (twinwalk --help)\n", one_line(argv[1]));
    return static_cast<int>(Exit::bad_input);
  }
  try {
    app.parse(argc, argv);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (subcommands[i]->parsed()) return static_cast<int>(after_output(commands[i]->run()));
    }
  } catch (CLI::ParseError const& error) {
    return usage(app, error);
  } catch (std::exception const& error) {
    // Memory, threads, a full disk below the standard library: nothing the caller said was wrong.
    return static_cast<int>(cannot("", error.what()));
  }
  return static_cast<int>(Exit::bad_input);
}

}  // namespace twinwalk::tools
