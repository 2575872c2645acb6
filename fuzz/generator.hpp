// Random sequences that meet themselves: addresses from the pool of edges, most of them used
// before, and each case with its own choice of operations and rates. What a seed gives is the same
// on every platform.
#pragma once

#include <cstddef>
#include <cstdint>

#include "fuzz/format_shape.hpp"
#include "fuzz/random.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

struct GeneratorOptions {
  static constexpr int any_format = -1;

  FormatList formats = known_formats();
  int format = any_format;  // an index of `formats`
  std::size_t ops_min = 8;
  std::size_t ops_max = 32;
};

// The sequence of a seed, into `out`, whose operations are reused.
void generate(std::uint64_t seed, GeneratorOptions const& options, Sequence& out);

// Legal settings for a machine, the usual ones more often.
void draw_machine(Random& random, Sequence& out);

// Appends operations that aim at what the sequence already does, until it has `op_count`.
void append_burst(Random& random, FormatList formats, std::size_t op_count, Sequence& sequence);

// Flags as a mapping might ask for them; a small share that no machine can hold.
MappingFlags draw_flags(Random& random, MachineOptions const& machine);

}  // namespace twinwalk::fuzz
