// What a processor may keep of an entry of extended page tables, and what a store to a slot owes
// those that keep the old one (docs/invalidation.md, 2.2 and 3.3).
#pragma once

#include <cstdint>

#include "models/spec/access.hpp"
#include "models/spec/ept/flags.hpp"
#include "models/spec/staleness.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

struct EptCache : EptFlags {
  // Whether a processor may hold this entry: never one that is not present or misconfigured.
  static constexpr bool cacheable(Settings const& settings, int level, std::uint64_t entry) {
    return is_well_formed(settings, level, entry);
  }

  // What a store over a hole owes by itself: nothing, for no hole is ever cached.
  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool new_entries_owe_fence = false;

  static constexpr bool cached_as_global(Settings const& /*settings*/, int /*level*/,
                                         std::uint64_t /*entry*/) {
    return false;
  }

  // What a store of `now` over `old` in a slot of `level` means for a processor that holds `old`,
  // by the worst row of the sheet's table 2.2 that applies.
  static constexpr Staleness stale_effect(Settings const& settings, int level, std::uint64_t old,
                                          std::uint64_t now) {
    using Entry = std::uint64_t;
    return stale_by_kind<EptCache>(
        settings, level, old, now,
        [&](Entry was, Entry is) { return stale_leaf(settings, level, was, is); },
        [&](Entry was, Entry is) { return stale_table(settings, level, was, is); });
  }

  // Whether one store changes how large the pages of a range are. Together with another frame,
  // right or type below it is an error whatever is flushed: both sizes may be used at random.
  static constexpr bool changes_size(Settings const& settings, int level, std::uint64_t old,
                                     std::uint64_t now) {
    return cacheable(settings, level, old) && cacheable(settings, level, now) &&
           has_leaf_shape(level, old) != has_leaf_shape(level, now);
  }

 private:
  static constexpr Staleness stale_leaf(Settings const& settings, int level, std::uint64_t old,
                                        std::uint64_t now) {
    constexpr StaleEffect harmless = StaleEffect::harmless;
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (leaf_address(level, old) != leaf_address(level, now)) return {must, "address changed"};
    if (rights_lost(settings, old, now) != 0) return {must, "rights reduced"};
    if (memory_type(level, old) != memory_type(level, now)) return {must, "memory type changed"};
    if (ignore_pat(level, old) != ignore_pat(level, now)) return {must, "ignore PAT changed"};
    if (settings.machine().accessed_dirty != 0) {
      // A cached D = 1 writes without setting D again; a cached D = 0 goes back to the entry.
      if (dirty(level, old) > dirty(level, now)) return {must, "D cleared"};
      if (accessed(level, old) > accessed(level, now)) return {StaleEffect::lazy, "A cleared"};
    }
    if (rights_lost(settings, now, old) != 0) return {StaleEffect::lazy, "rights increased"};
    return {harmless, "A or D set, or ignored bits"};
  }

  static constexpr Staleness stale_table(Settings const& settings, int level, std::uint64_t old,
                                         std::uint64_t now) {
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (table_address(level, old) != table_address(level, now)) return {must, "table unlinked"};
    if (rights_lost(settings, old, now) != 0) return {must, "rights reduced on a table entry"};
    if (rights_lost(settings, now, old) != 0) {
      return {StaleEffect::lazy, "rights increased on a table entry"};
    }
    return {StaleEffect::harmless, "A or ignored bits of a table entry"};
  }

  // The rights that count on this machine and that `old` grants and `now` does not.
  static constexpr std::uint64_t rights_lost(Settings const& settings, std::uint64_t old,
                                             std::uint64_t now) {
    std::uint64_t const user = settings.machine().mode_based_execute << ept::executable_user_bit;
    std::uint64_t const counted = (std::uint64_t{1} << ept::readable_bit) |
                                  (std::uint64_t{1} << ept::writable_bit) |
                                  (std::uint64_t{1} << ept::executable_bit) | user;
    return old & ~now & counted;
  }
};

}  // namespace twinwalk::models
