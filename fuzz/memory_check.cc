#include "fuzz/memory_check.hpp"

#include <cstring>

namespace twinwalk::fuzz {

void HostileMemory::fill_from(std::span<std::uint8_t const> data) {
  // Pairs of a place and a word; what is not named is a hole, as most of a table is.
  words_.fill(0);
  loads_ = 0;
  written_ = false;
  constexpr std::size_t pair = 2 + 8;
  for (std::size_t at = 0; at + pair <= data.size(); at += pair) {
    std::uint16_t place = 0;
    std::uint64_t word = 0;
    std::memcpy(&place, data.data() + at, sizeof place);
    std::memcpy(&word, data.data() + at + sizeof place, sizeof word);
    words_[place % words_.size()] = word;
  }
}

}  // namespace twinwalk::fuzz
