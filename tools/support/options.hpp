// Options that several commands take, each declared in one way.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::tools {

// Numbers as everywhere in this project: decimal, or hexadecimal with 0x; nothing else is one, and
// a sign, an octal reading or a rounding cannot slip in.
CLI::Option* add_number(CLI::App& app, std::string const& name, std::uint64_t& value,
                        std::string const& help, std::uint64_t least = 0,
                        std::uint64_t most = ~std::uint64_t{0});
CLI::Option* add_number(CLI::App& app, std::string const& name, std::optional<std::uint64_t>& value,
                        std::string const& help, std::uint64_t least = 0,
                        std::uint64_t most = ~std::uint64_t{0});
CLI::Option* add_numbers(CLI::App& app, std::string const& name, std::vector<std::uint64_t>& values,
                         std::string const& help);

// Seconds: "90", "90s", "1.5m", "2h".
CLI::Option* add_duration(CLI::App& app, std::string const& name, std::optional<double>& seconds,
                          std::string const& help);

// --format NAME, an index into fuzz::known_formats().
CLI::Option* add_format(CLI::App& app, std::uint8_t& index, bool required = true);

// --machine KEY=VALUE,…: the words of a `machine` line in .ops.
CLI::Option* add_machine(CLI::App& app, fuzz::Sequence& machine);

// --engine NAME
CLI::Option* add_engine(CLI::App& app, std::string& engine);

// --json
CLI::Option* add_json(CLI::App& app, bool& json);

}  // namespace twinwalk::tools
