// What a processor may keep of a nested entry, and what a store to a slot owes those that keep the
// old one (docs/invalidation.md, 2.3 and 3.4; AMD APM vol. 2, 15.16 and 15.25).
#pragma once

#include <cstdint>

#include "models/spec/access.hpp"
#include "models/spec/npt/flags.hpp"
#include "models/spec/staleness.hpp"

namespace twinwalk::models {

struct NptCache : NptFlags {
  // Whether a processor may hold this entry: never one with P = 0 or a reserved bit.
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
  // by the worst row of the sheet's table 2.3 that applies.
  static constexpr Staleness stale_effect(Settings const& settings, int level, std::uint64_t old,
                                          std::uint64_t now) {
    using Entry = std::uint64_t;
    return stale_by_kind<NptCache>(
        settings, level, old, now,
        [&](Entry was, Entry is) { return stale_leaf(settings, level, was, is); },
        [&](Entry was, Entry is) { return stale_table(settings, level, was, is); });
  }

  // Whether one store changes how large the pages of a range are.
  static constexpr bool changes_size(Settings const& settings, int level, std::uint64_t old,
                                     std::uint64_t now) {
    return cacheable(settings, level, old) && cacheable(settings, level, now) &&
           has_leaf_shape(level, old) != has_leaf_shape(level, now);
  }

 private:
  static constexpr Staleness stale_leaf(Settings const& settings, int level, std::uint64_t old,
                                        std::uint64_t now) {
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (leaf_address(level, old) != leaf_address(level, now)) return {must, "address changed"};
    if (rights_lost(settings, level, old, now)) return {must, "rights reduced"};
    if (memory_type(level, old) != memory_type(level, now)) return {must, "memory type changed"};
    // A cached D = 1 writes without setting D again; a cached D = 0 goes back to the entry.
    if (dirty(level, old) > dirty(level, now)) return {must, "D cleared"};
    if (rights_lost(settings, level, now, old)) return {StaleEffect::lazy, "rights increased"};
    if (accessed(level, old) > accessed(level, now)) return {StaleEffect::lazy, "A cleared"};
    return {StaleEffect::harmless, "A or D set, or ignored bits"};
  }

  static constexpr Staleness stale_table(Settings const& settings, int level, std::uint64_t old,
                                         std::uint64_t now) {
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (table_address(level, old) != table_address(level, now)) return {must, "table unlinked"};
    if (rights_lost(settings, level, old, now)) return {must, "rights reduced on a table entry"};
    // PWT and PCD of a table entry say how the next table is read, and are kept with it.
    if (extract(old ^ now, x86_64::cache_disable_bit, x86_64::write_through_bit) != 0) {
      return {must, "type of a table entry changed"};
    }
    if (rights_lost(settings, level, now, old)) {
      return {StaleEffect::lazy, "rights increased on a table entry"};
    }
    return {StaleEffect::harmless, "A or ignored bits of a table entry"};
  }

  // Whether `old` grants something that `now` does not.
  static constexpr bool rights_lost(Settings const& settings, int level, std::uint64_t old,
                                    std::uint64_t now) {
    return (granted(settings, level, old) & ~granted(settings, level, now)) != 0;
  }
  // Reading, writing and fetching, a bit each.
  static constexpr std::uint64_t granted(Settings const& settings, int level, std::uint64_t entry) {
    Rights const rights = own_rights(level, entry);
    return rights.user | ((rights.user & rights.writable) << 1) | (fetches(settings, rights) << 2);
  }
};

}  // namespace twinwalk::models
