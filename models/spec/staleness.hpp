// The part of a verdict on a store that is the same on every architecture whose processors keep no
// entry that is not present: what kind of entry it was, and what it is now.
#pragma once

#include <cstdint>

#include "models/spec/access.hpp"

namespace twinwalk::models {

// `leaves(old, now)` and `tables(old, now)` judge where both are of that kind.
template <class Spec, class Leaves, class Tables>
constexpr Staleness stale_by_kind(typename Spec::Settings const& settings, int level,
                                  std::uint64_t old, std::uint64_t now, Leaves leaves,
                                  Tables tables) {
  constexpr StaleEffect harmless = StaleEffect::harmless;
  constexpr StaleEffect must = StaleEffect::must_invalidate;
  if (!Spec::cacheable(settings, level, old)) return {harmless, "invalid to valid"};
  if (old == now) return {harmless, "unchanged"};
  bool const was_leaf = Spec::has_leaf_shape(level, old);
  if (!Spec::cacheable(settings, level, now)) {
    if (was_leaf) return {must, "leaf, valid to invalid"};
    return {must, "table unlinked"};
  }
  bool const is_leaf_now = Spec::has_leaf_shape(level, now);
  if (was_leaf && !is_leaf_now) return {must, "leaf to table"};
  if (!was_leaf && is_leaf_now) return {must, "table to leaf"};
  return was_leaf ? leaves(old, now) : tables(old, now);
}

}  // namespace twinwalk::models
