// A sequence of operations with the machine it runs on: all that a run depends on.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/api.hpp"
#include "fuzz/op.hpp"

namespace twinwalk::fuzz {

inline constexpr std::uint32_t frame_count_max = 4096;
inline constexpr std::uint32_t frame_count_default = 64;
inline constexpr std::uint8_t physical_bits_min = 32;
inline constexpr std::uint8_t physical_bits_max = 52;

struct Sequence {
  std::uint8_t format = 0;  // index into the list of known formats
  MachineOptions machine;
  std::uint32_t frames = frame_count_default;  // for tables, all spaces together; 1..4096
  std::uint32_t placement = 0;                 // where they lie: seed of the scramble
  std::vector<Op> ops;

  friend bool operator==(Sequence const&, Sequence const&) = default;
};

// Forgets what the author expected: whatever changes a sequence must.
inline void drop_expectations(Sequence& sequence) {
  for (Op& op : sequence.ops) op.expect = Expectation::none;
}

}  // namespace twinwalk::fuzz
