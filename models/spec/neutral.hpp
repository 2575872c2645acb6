// The neutral flags one by one, over any word: what every spec's law of flags is written with.
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models::neutral {

constexpr std::uint64_t bits(Flag flag) { return static_cast<std::uint64_t>(flag); }

constexpr int position(Flag flag) {
  int n = 0;
  while ((bits(flag) >> n) != 1) ++n;
  return n;
}

// Whether a flag is in a set, as 0 or 1.
template <class Word>
constexpr Word has(BasicMappingFlags<Word> flags, Flag flag) {
  return bit(flags.bits, position(flag));
}

// A flag that is in a set exactly when the word is 1.
template <class Word>
constexpr Word place(Word zero_or_one, Flag flag) {
  return zero_or_one << position(flag);
}

inline constexpr std::uint64_t memory_type_field = MappingFlags::memory_type_mask
                                                   << MappingFlags::memory_type_shift;
inline constexpr std::uint64_t key_field = MappingFlags::key_mask << MappingFlags::key_shift;

}  // namespace twinwalk::models::neutral
