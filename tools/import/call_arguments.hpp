// What the arguments of a call mean: numbers, sets of named bits, strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/import/call.hpp"
#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

// A bit, or a value, that strace prints by name.
struct NamedValue {
  std::string_view name;
  std::uint64_t value;
};

// The argument at `index`; refused when the call has fewer.
Parsed<Argument> argument_at(Event const& call, std::size_t index);

// A number, decimal or hexadecimal, or NULL; a negative one becomes what a register would hold.
Parsed<std::uint64_t> number_at(Event const& call, std::size_t index);

// Names and numbers with '|' between them. A name that is not in `names` counts as 0: strace knows
// flags that do not matter here. `21<<MAP_HUGE_SHIFT` is the number, shifted where the name says.
Parsed<std::uint64_t> bits_at(Event const& call, std::size_t index,
                              std::span<NamedValue const> names);

// The flags of a clone, wherever it prints them.
Parsed<std::uint64_t> clone_flags(Event const& call);
inline constexpr std::uint64_t clone_vm = 0x100;
inline constexpr std::uint64_t clone_thread = 0x10000;

// The last part of a path printed as a string, with only letters, digits and `._+-` kept; empty
// when it is no string.
std::string base_name(Argument const& argument);

}  // namespace twinwalk::tools
