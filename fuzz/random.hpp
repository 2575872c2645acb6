// Random numbers that are the same on every platform and standard library: the sequence of a seed
// is part of how a finding is reproduced, so nothing of <random> is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace twinwalk::fuzz {

// One step of splitmix64: turns consecutive numbers into unrelated ones.
constexpr std::uint64_t mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// xoshiro256**, seeded through splitmix64.
class Random {
 public:
  constexpr explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = mix(seed);
  }

  constexpr std::uint64_t next() {
    std::uint64_t const out = rotate(state_[1] * 5, 7) * 9;
    std::uint64_t const t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return out;
  }

  // A number below `bound`, which is 1 .. 2^32. The bias of at most bound / 2^32 is nothing here.
  constexpr std::uint32_t below(std::uint64_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }
  constexpr std::uint8_t byte() { return static_cast<std::uint8_t>(next() >> 56); }
  // True `numerator` times in `denominator`.
  constexpr bool chance(std::uint32_t numerator, std::uint32_t denominator) {
    return below(denominator) < numerator;
  }
  template <class T, std::size_t N>
  constexpr T const& pick(T const (&values)[N]) {
    return values[below(N)];
  }
  template <class T>
  constexpr T const& pick(std::span<T const> values) {
    return values[below(values.size())];
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int by) {
    return (x << by) | (x >> (64 - by));
  }

  std::uint64_t state_[4]{};
};

}  // namespace twinwalk::fuzz
