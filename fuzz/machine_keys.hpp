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
  std::uint64_t usual;  // what the minimiser goes back to
  int code_bit;         // where in the codec's 128-bit header
  int code_width;       // holds most - least; crosses no 64-bit boundary
  std::uint64_t (*get)(Sequence const&);
  void (*set)(Sequence&, std::uint64_t);
  std::span<std::string_view const> words;  // names of the values, or empty: a number
  // Keys that came later are drawn after all else, so that a seed means what it always did.
  bool drawn_last = false;
};

namespace detail {
inline constexpr std::array<std::string_view, 3> update_words{"none", "accessed",
                                                              "accessed-and-dirty"};
}  // namespace detail

// In the order in which a text prints them.
inline constexpr std::array<MachineKey, 10> machine_keys{{
    {.name = "physical-bits",
     .least = physical_bits_min,
     .most = physical_bits_max,
     .usual = 52,
     .code_bit = 16,
     .code_width = 8,
     .get = [](Sequence const& s) -> std::uint64_t { return s.machine.physical_bits; },
     .set = [](Sequence& s,
               std::uint64_t v) { s.machine.physical_bits = static_cast<std::uint8_t>(v); },
     .words = {}},
    {.name = "no-execute",
     .least = 0,
     .most = 1,
     .usual = 1,
     .code_bit = 24,
     .code_width = 1,
     .get = [](Sequence const& s) -> std::uint64_t { return s.machine.no_execute; },
     .set = [](Sequence& s, std::uint64_t v) { s.machine.no_execute = v != 0; },
     .words = {}},
    {.name = "gigabyte-pages",
     .least = 0,
     .most = 1,
     .usual = 1,
     .code_bit = 25,
     .code_width = 1,
     .get = [](Sequence const& s) -> std::uint64_t { return s.machine.gigabyte_pages; },
     .set = [](Sequence& s, std::uint64_t v) { s.machine.gigabyte_pages = v != 0; },
     .words = {}},
    {.name = "protection-keys",
     .least = 0,
     .most = 1,
     .usual = 0,
     .code_bit = 26,
     .code_width = 1,
     .get = [](Sequence const& s) -> std::uint64_t { return s.machine.protection_keys; },
     .set = [](Sequence& s, std::uint64_t v) { s.machine.protection_keys = v != 0; },
     .words = {}},
    {.name = "execute-only",
     .least = 0,
     .most = 1,
     .usual = 1,
     .code_bit = 27,
     .code_width = 1,
     .get = [](Sequence const& s) -> std::uint64_t { return s.machine.execute_only; },
     .set = [](Sequence& s, std::uint64_t v) { s.machine.execute_only = v != 0; },
     .words = {},
     .drawn_last = true},
    {.name = "mode-based-execute",
     .least = 0,
     .most = 1,
     .usual = 0,
     .code_bit = 30,
     .code_width = 1,
     .get = [](Sequence const& s) -> std::uint64_t { return s.machine.mode_based_execute; },
     .set = [](Sequence& s, std::uint64_t v) { s.machine.mode_based_execute = v != 0; },
     .words = {},
     .drawn_last = true},
    {.name = "page-memory-types",
     .least = 0,
     .most = 1,
     .usual = 0,
     .code_bit = 31,
     .code_width = 1,
     .get = [](Sequence const& s) -> std::uint64_t { return s.machine.page_memory_types; },
     .set = [](Sequence& s, std::uint64_t v) { s.machine.page_memory_types = v != 0; },
     .words = {},
     .drawn_last = true},
    {.name = "hardware-updates",
     .least = 0,
     .most = 2,
     .usual = 2,
     .code_bit = 28,
     .code_width = 2,
     .get = [](Sequence const& s) -> std::uint64_t {
       return static_cast<std::uint64_t>(s.machine.hardware_updates);
     },
     .set = [](Sequence& s,
               std::uint64_t v) { s.machine.hardware_updates = static_cast<HardwareUpdates>(v); },
     .words = detail::update_words},
    {.name = "frames",
     .least = 1,
     .most = frame_count_max,
     .usual = frame_count_default,
     .code_bit = 64,
     .code_width = 16,
     .get = [](Sequence const& s) -> std::uint64_t { return s.frames; },
     .set = [](Sequence& s, std::uint64_t v) { s.frames = static_cast<std::uint32_t>(v); },
     .words = {}},
    {.name = "placement",
     .least = 0,
     .most = 0xffffffff,
     .usual = 0,
     .code_bit = 96,
     .code_width = 32,
     .get = [](Sequence const& s) -> std::uint64_t { return s.placement; },
     .set = [](Sequence& s, std::uint64_t v) { s.placement = static_cast<std::uint32_t>(v); },
     .words = {}},
}};

static_assert([] {
  std::uint64_t used[2] = {0xff'00'00'00'00'00'ff'ff, 0};  // version, format and marker
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
