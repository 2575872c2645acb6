// Changes to sequences, for fuzzers that keep a corpus of bytes. The bytes are decoded, operations
// are changed, and the result is encoded again; three times in eight the change is a generated
// burst, and about one time in eight it is the fuzzer's own change to the bytes. The skins for
// libFuzzer and AFL++ lie in fuzz/drivers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/format_shape.hpp"
#include "fuzz/random.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

// The fuzzer's own mutation of bytes in place; returns the new size, at most `max_size`.
using ByteMutator = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t max_size);

// Mutates `size` bytes in place and returns the new size, at most `max_size`, which is the room
// there is. The same arguments give the same result. Without a byte mutator it changes operations
// every time. It keeps buffers for each thread and allocates only while they grow.
std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, std::uint32_t seed,
                   ByteMutator byte_mutator, FormatList formats = known_formats());

// Makes one of two: the machine of the first, operations of both. Returns the size in `out`.
std::size_t crossover(std::span<std::uint8_t const> first, std::span<std::uint8_t const> second,
                      std::span<std::uint8_t> out, std::uint32_t seed,
                      FormatList formats = known_formats());

// One change to the operations or the machine; afterwards there are at most `ops_max` operations.
void mutate_ops(Random& random, FormatList formats, std::size_t ops_max, Sequence& sequence);

}  // namespace twinwalk::fuzz
