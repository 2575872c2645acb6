#include "tools/support/options.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <functional>

#include "fuzz/format_shape.hpp"
#include "fuzz/machine_keys.hpp"
#include "fuzz/runner.hpp"
#include "fuzz/text.hpp"

namespace twinwalk::tools {
namespace {

// CLI11 takes what is wrong with a value as an exception; its own name is already in front.
[[noreturn]] void wrong(std::string const& option, std::string const& message) {
  throw CLI::ValidationError(option, message);
}

std::uint64_t number(std::string const& option, std::string const& word, std::uint64_t least,
                     std::uint64_t most) {
  std::optional<std::uint64_t> const value = fuzz::parse_number(word);
  if (!value) {
    wrong(option,
          fmt::format("'{}' is no number of 64 bits, decimal or hexadecimal with 0x", word));
  }
  if (*value < least || *value > most) {
    wrong(option, fmt::format("{} is not between {} and {}", word, least, most));
  }
  return *value;
}

double duration(std::string const& option, std::string const& word) {
  char* end = nullptr;
  double const value = std::strtod(word.c_str(), &end);
  std::string const unit(end);
  double const scale = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  double const seconds = value * scale;
  if (end == word.c_str() || !std::isfinite(seconds) || seconds <= 0 || seconds > 1e8) {
    wrong(option, fmt::format("'{}' is no time such as 90, 90s, 15m or 2h", word));
  }
  return seconds;
}

std::string names_of_keys() {
  std::string names;
  for (fuzz::MachineKey const& key : fuzz::machine_keys) {
    names += (names.empty() ? "" : ", ") + std::string(key.name);
  }
  return names;
}

void set_key(std::string const& option, std::string const& word, fuzz::Sequence& machine) {
  std::size_t const equals = word.find('=');
  std::string const name = word.substr(0, equals);
  for (fuzz::MachineKey const& key : fuzz::machine_keys) {
    if (key.name != name || equals == std::string::npos) continue;
    std::string const value = word.substr(equals + 1);
    for (std::size_t i = 0; i < key.words.size(); ++i) {
      if (key.words[i] == value) return key.set(machine, key.least + i);
    }
    if (!key.words.empty()) {
      wrong(option, fmt::format("{} is one of {}", name, fmt::join(key.words, ", ")));
    }
    return key.set(machine, number(option, value, key.least, key.most));
  }
  wrong(option, fmt::format("'{}' is no setting; they are {}", word, names_of_keys()));
}

// The name of an option without its alternatives: "--seed" of "-s,--seed".
std::string long_name(std::string const& names) { return names.substr(names.rfind(',') + 1); }

template <class Number>
CLI::Option* add_number_to(CLI::App& app, std::string const& name, Number& value,
                           std::string const& help, std::uint64_t least, std::uint64_t most) {
  return app
      .add_option_function<std::string>(
          name,
          [=, &value](std::string const& word) {
            value = number(long_name(name), word, least, most);
          },
          help)
      ->type_name("N");
}

}  // namespace

CLI::Option* add_number(CLI::App& app, std::string const& name, std::uint64_t& value,
                        std::string const& help, std::uint64_t least, std::uint64_t most) {
  return add_number_to(app, name, value, help, least, most);
}

CLI::Option* add_number(CLI::App& app, std::string const& name, std::optional<std::uint64_t>& value,
                        std::string const& help, std::uint64_t least, std::uint64_t most) {
  return add_number_to(app, name, value, help, least, most);
}

CLI::Option* add_numbers(CLI::App& app, std::string const& name, std::vector<std::uint64_t>& values,
                         std::string const& help) {
  return app
      .add_option_function<std::vector<std::string>>(
          name,
          [=, &values](std::vector<std::string> const& words) {
            for (std::string const& word : words) {
              values.push_back(number(long_name(name), word, 0, ~std::uint64_t{0}));
            }
          },
          help)
      ->type_name("N");
}

CLI::Option* add_duration(CLI::App& app, std::string const& name, std::optional<double>& seconds,
                          std::string const& help) {
  return app
      .add_option_function<std::string>(
          name,
          [=, &seconds](std::string const& word) { seconds = duration(long_name(name), word); },
          help)
      ->type_name("TIME");
}

CLI::Option* add_format(CLI::App& app, std::uint8_t& index, bool required) {
  return app
      .add_option_function<std::string>(
          "--format",
          [&index](std::string const& word) {
            std::string names;
            fuzz::FormatList const formats = fuzz::known_formats();
            for (std::size_t i = 0; i < formats.size(); ++i) {
              if (formats[i].name == word) {
                index = static_cast<std::uint8_t>(i);
                return;
              }
              names += (names.empty() ? "" : ", ") + std::string(formats[i].name);
            }
            wrong("--format", fmt::format("'{}' is none of {}", word, names));
          },
          "the format (twinwalk list formats)")
      ->type_name("FORMAT")
      ->required(required);
}

CLI::Option* add_machine(CLI::App& app, fuzz::Sequence& machine) {
  return app
      .add_option_function<std::vector<std::string>>(
          "--machine",
          [&machine](std::vector<std::string> const& words) {
            for (std::string const& word : words) set_key("--machine", word, machine);
          },
          "settings of the machine: " + names_of_keys())
      ->delimiter(',')
      ->type_name("KEY=VALUE,...");
}

CLI::Option* add_engine(CLI::App& app, std::string& engine) {
  std::vector<std::string> names;
  for (fuzz::EngineInfo const& info : fuzz::known_engines()) names.emplace_back(info.name);
  return app.add_option("--engine", engine, "the engine (twinwalk list engines)")
      ->check(CLI::IsMember(names))
      ->type_name("ENGINE");
}

CLI::Option* add_json(CLI::App& app, bool& json) {
  return app.add_flag("--json", json, "print JSON");
}

}  // namespace twinwalk::tools
