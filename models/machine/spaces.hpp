// The address spaces of a machine: which root each has, numbered from 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/machine/stale_fact.hpp"

namespace twinwalk::models {

class Spaces {
 public:
  void reset() { count_ = 0; }

  // Its number, or -1 when all are taken. A retired one is taken again when no other is left.
  int add(std::uint64_t root) {
    int const space = free_number();
    if (space >= 0) spaces_[static_cast<std::size_t>(space)] = {root, true};
    return space;
  }
  // No processor walks it any more; some may remember what they read.
  void retire(int space) { spaces_[static_cast<std::size_t>(space)].live = false; }

  // Numbers below this were given.
  int count() const { return count_; }
  bool live(int space) const { return spaces_[static_cast<std::size_t>(space)].live; }
  std::uint64_t root(int space) const { return spaces_[static_cast<std::size_t>(space)].root; }
  // Every space with this root, the retired ones too: their flush is still to come.
  std::uint32_t with_root(std::uint64_t root) const {
    std::uint32_t found = 0;
    for (int s = 0; s < count_; ++s)
      if (this->root(s) == root) found |= 1U << s;
    return found;
  }

 private:
  struct Space {
    std::uint64_t root = 0;
    bool live = false;
  };

  int free_number() {
    if (count_ < spaces_max) return count_++;
    for (int s = 0; s < spaces_max; ++s)
      if (!live(s)) return s;
    return -1;
  }

  std::array<Space, spaces_max> spaces_{};
  int count_ = 0;
};

}  // namespace twinwalk::models
