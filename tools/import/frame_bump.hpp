// Where imported mappings lie in physical memory.
#pragma once

#include <cstdint>

#include "engine/api.hpp"

namespace twinwalk::tools {

// Hands out physical addresses from the bottom up and takes none back; at the end of the physical
// space it begins anew. All spaces of an import share one, as processes share a machine.
class FrameBump {
 public:
  // Whole pages below 2^`physical_bits` are handed out.
  explicit FrameBump(int physical_bits) : end_(std::uint64_t{1} << physical_bits) {}

  // Frames for `length` bytes at `va`, both whole pages. Where the range holds a whole aligned page
  // of a size up to `largest`, the frames lie at the same offset within that size, so that a region
  // may use it.
  std::uint64_t take(std::uint64_t va, std::uint64_t length, PageSize largest);

 private:
  static constexpr std::uint64_t first = std::uint64_t{1} << 32;
  std::uint64_t next_ = first;
  std::uint64_t end_;
};

}  // namespace twinwalk::tools
