// The pages that a FlushScope names, for carriers that forget page by page.
#pragma once

#include <cstdint>

#include "../api.hpp"

namespace twinwalk {

// The pages of all ranges: at most a few times 2^52, so they add up.
constexpr std::uint64_t page_count(FlushScope const& scope) {
  std::uint64_t pages = 0;
  for (int i = 0; i < scope.range_count; ++i) {
    FlushRange const& range = scope.ranges[i];
    int const stride = size_log2(range.stride);
    pages += (range.last >> stride) - (range.first >> stride) + 1;
  }
  return pages;
}

// Calls forget(first address) for each of them. Pages are counted, for an address after the last
// page of the address space would be 0.
template <class Forget>
constexpr void for_each_page(FlushScope const& scope, Forget forget) {
  for (int i = 0; i < scope.range_count; ++i) {
    FlushRange const& range = scope.ranges[i];
    int const stride = size_log2(range.stride);
    std::uint64_t const first = range.first >> stride;
    std::uint64_t const steps = (range.last >> stride) - first;
    for (std::uint64_t k = 0; k <= steps; ++k) forget((first + k) << stride);
  }
}

}  // namespace twinwalk
