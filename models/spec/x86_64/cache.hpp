// What an x86-64 processor may keep of an entry, and what a store to a slot owes those that keep
// the old one (docs/invalidation.md, 2.1 and 3.2; Intel SDM vol. 3A, 4.10; AMD APM vol. 2, 5.5).
#pragma once

#include <cstdint>

#include "models/spec/access.hpp"
#include "models/spec/staleness.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/flags.hpp"

namespace twinwalk::models {

struct X86_64Cache : X86_64Flags {
  // Whether a processor may hold this entry in its TLB or paging-structure caches: never one with
  // P = 0 or a reserved bit. It must have A = 1 too, but hardware sets that by itself and at any
  // time, so an entry with A = 0 is as good as cached.
  static constexpr bool cacheable(Settings const& settings, int level, std::uint64_t entry) {
    return is_well_formed(settings, level, entry);
  }

  // What a store over a hole owes by itself: nothing, for no hole is ever cached.
  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool new_entries_owe_fence = false;

  // Whether a global translation is kept: it survives what forgets one address space.
  static constexpr bool cached_as_global(Settings const& settings, int level, std::uint64_t entry) {
    return is_leaf(settings, level, entry) && global(settings, level, entry) != 0;
  }

  // What a store of `now` over `old` in a slot of `level` means for a processor that holds `old`,
  // by the worst row of the sheet's table 2.1 that applies. SMEP and SMAP are taken to be on and
  // keys, where the settings have them, to differ: an engine sees neither and must flush for both.
  static constexpr Staleness stale_effect(Settings const& settings, int level, std::uint64_t old,
                                          std::uint64_t now) {
    using Entry = std::uint64_t;
    return stale_by_kind<X86_64Cache>(
        settings, level, old, now,
        [&](Entry was, Entry is) { return stale_leaf(settings, level, was, is); },
        [&](Entry was, Entry is) { return stale_table(level, was, is); });
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
    if (rights_reduced(level, old, now)) return {must, "rights reduced"};
    if (memory_type(level, old) != memory_type(level, now)) return {must, "memory type changed"};
    if (keys_matter(settings) && key(level, old) != key(level, now)) return {must, "key changed"};
    // A cached D = 1 writes without setting D again; a cached D = 0 goes back to the entry.
    if (dirty(level, old) > dirty(level, now)) return {must, "D cleared"};
    if (global(settings, level, old) > global(settings, level, now)) return {must, "G 1 to 0"};
    if (rights_increased(level, old, now)) return {StaleEffect::lazy, "rights increased"};
    if (accessed(level, old) > accessed(level, now)) return {StaleEffect::lazy, "A cleared"};
    // The copies that are not global say the same; the next change must reach every address space.
    if (global(settings, level, old) != global(settings, level, now)) return {harmless, "G 0 to 1"};
    return {harmless, "A or D set, or software bits"};
  }

  static constexpr Staleness stale_table(int level, std::uint64_t old, std::uint64_t now) {
    constexpr StaleEffect harmless = StaleEffect::harmless;
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (table_address(level, old) != table_address(level, now)) return {must, "table unlinked"};
    if (rights_reduced(level, old, now)) return {must, "rights reduced on a table entry"};
    // PWT and PCD of a table entry say how the next table is read, and are kept with it.
    if (table_type(old) != table_type(now)) return {must, "type of a table entry changed"};
    if (rights_increased(level, old, now)) {
      return {StaleEffect::lazy, "rights increased on a table entry"};
    }
    return {harmless, "A or ignored bits of a table entry"};
  }

  // U/S 0 to 1 takes the supervisor's access away where SMEP or SMAP is on, so any change counts.
  static constexpr bool rights_reduced(int level, std::uint64_t old, std::uint64_t now) {
    Rights const before = own_rights(level, old);
    Rights const after = own_rights(level, now);
    return before.writable > after.writable || before.user != after.user ||
           before.not_executable < after.not_executable;
  }
  static constexpr bool rights_increased(int level, std::uint64_t old, std::uint64_t now) {
    Rights const before = own_rights(level, old);
    Rights const after = own_rights(level, now);
    return before.writable < after.writable || before.not_executable > after.not_executable;
  }
  static constexpr bool keys_matter(Settings const& settings) {
    return (settings.control.user_keys | settings.control.supervisor_keys) != 0;
  }
  static constexpr std::uint64_t table_type(std::uint64_t entry) {
    return extract(entry, x86_64::cache_disable_bit, x86_64::write_through_bit);
  }
};

}  // namespace twinwalk::models
