// The settings of a sequence's machine, one line each: what they are called in a `machine` line,
// which values are legal, and where the codec keeps them. Text, codec, generator, mutator and
// minimiser all read this table, so that a new option of a machine is one new line.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

struct MachineKey {
  std::string_view name;
  std::uint64_t least;
  std::uint64_t most;
  std::uint64_t usual;                        // what the minimiser goes back to
  int code_bit;                               // where in the codec's 128-bit header
  int code_width;                             // holds most - least; crosses no 64-bit boundary
  std::uint64_t (*get)(Sequence const&);
  void (*set)(Sequence&, std::uint64_t);
  std::span<std::string_view const> words;    // names of the values, or empty: a number
};

namespace detail {
inline constexpr std::array<std::string_view, 3> update_words{"none", "accessed",
                                                              "accessed-and-dirty"};
}  // namespace detail

// In the order in which a text prints them.
inline constexpr std::array<MachineKey, 7> machine_keys{{
    {"physical-bits", physical_bits_min, physical_bits_max, 52, 16, 8,
     [](Sequence const& s) -> std::uint64_t { return s.machine.physical_bits; },
     [](Sequence& s, std::uint64_t v) {
       s.machine.physical_bits = static_cast<std::uint8_t>(v);
     },
     {}},
    {"no-execute", 0, 1, 1, 24, 1,
     [](Sequence const& s) -> std::uint64_t { return s.machine.no_execute; },
     [](Sequence& s, std::uint64_t v) { s.machine.no_execute = v != 0; },
     {}},
    {"gigabyte-pages", 0, 1, 1, 25, 1,
     [](Sequence const& s) -> std::uint64_t { return s.machine.gigabyte_pages; },
     [](Sequence& s, std::uint64_t v) { s.machine.gigabyte_pages = v != 0; },
     {}},
    {"protection-keys", 0, 1, 0, 26, 1,
     [](Sequence const& s) -> std::uint64_t { return s.machine.protection_keys; },
     [](Sequence& s, std::uint64_t v) { s.machine.protection_keys = v != 0; },
     {}},
    {"hardware-updates", 0, 2, 2, 28, 2,
     [](Sequence const& s) {
       return static_cast<std::uint64_t>(s.machine.hardware_updates);
     },
     [](Sequence& s, std::uint64_t v) {
       s.machine.hardware_updates = static_cast<HardwareUpdates>(v);
     },
     detail::update_words},
    {"frames", 1, frame_count_max, frame_count_default, 64, 16,
     [](Sequence const& s) -> std::uint64_t { return s.frames; },
     [](Sequence& s, std::uint64_t v) { s.frames = static_cast<std::uint32_t>(v); },
     {}},
    {"placement", 0, 0xffffffff, 0, 96, 32,
     [](Sequence const& s) -> std::uint64_t { return s.placement; },
     [](Sequence& s, std::uint64_t v) { s.placement = static_cast<std::uint32_t>(v); },
     {}},
}};

static_assert([] {
  std::uint64_t used[2] = {0xff'00'00'00'00'00'ff'ff, 0};   // version, format and marker
  for (MachineKey const& key : machine_keys) {
    int const bit = key.code_bit % 64;
    if (bit + key.code_width > 64) return false;
    std::uint64_t const values = (std::uint64_t{1} << key.code_width) - 1;
    if (key.most - key.least > values || (used[key.code_bit / 64] & (values << bit)) != 0) {
      return false;
    }
    used[key.code_bit / 64] |= values << bit;
  }
  return true;
}());

}  // namespace twinwalk::fuzz
