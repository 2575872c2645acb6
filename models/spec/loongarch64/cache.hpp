// What a processor may keep of an entry, what a store to a slot owes those that keep the old one,
// and which stores need a break (docs/invalidation.md, 2.7 and 3.7; the manual's "TLB Entry" and
// "TLB Maintenance Instructions").
//
// A TLB holds pages alone, with their sizes, and those too that are not valid; of two that match
// one address no processor says which it takes.
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/loongarch64/rules.hpp"
#include "models/spec/staleness.hpp"
#include "models/spec/typed_flags.hpp"

namespace twinwalk::models {

struct LoongArchCache : TypedFlags<LoongArchRules> {
  using Flags = TypedFlags<LoongArchRules>;

  // Whether what a processor keeps of this entry can give it a translation. It keeps a hole as a
  // page that is not valid; all that comes of one of the right size is a fault too many, until the
  // fence that new entries owe.
  static constexpr bool cacheable(Settings const& settings, int level, std::uint64_t entry) {
    return is_well_formed(settings, level, entry);
  }

  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool new_entries_owe_fence = true;

  static constexpr bool cached_as_global(Settings const& settings, int level, std::uint64_t entry) {
    return is_leaf(settings, level, entry) && global(settings, level, entry) != 0;
  }

  // The level whose pages a hole is kept as. A walk goes on through the void to the last level.
  static constexpr int level_of_hole(int level, std::uint64_t hole) {
    return has_leaf_shape(level, hole) ? level : 1;
  }
  // A hole that may stand for as long as a break takes: of the size of what is broken.
  static constexpr std::uint64_t passing_hole(int level) {
    return level == 1 ? 0 : std::uint64_t{1} << loongarch64::huge_bit;
  }

  // What a store of `now` over `old` in a slot of `level` means for a processor that holds `old`,
  // by the worst row of the sheet's table that applies.
  static constexpr Staleness stale_effect(Settings const& settings, int level, std::uint64_t old,
                                          std::uint64_t now) {
    using Entry = std::uint64_t;
    return stale_by_kind<LoongArchCache>(
        settings, level, old, now,
        [&](Entry was, Entry is) { return stale_leaf(settings, level, was, is); },
        [&](Entry was, Entry is) { return stale_directory(level, was, is); });
  }

  // Which privilege levels a page lets fetch, a bit each.
  template <class Word>
  static constexpr Word fetches(SettingsOver<Word> const& /*settings*/,
                                RightsOver<Word> const& rights) {
    return users(rights) & ~spread(rights.not_executable);
  }
  // What a leaf lets each privilege level do, a bit each: read, write and fetch.
  template <class Word>
  static constexpr Word grants(SettingsOver<Word> const& settings, int level, Word entry) {
    RightsOver<Word> const rights = own_rights(level, entry);
    Word const all = users(rights);
    return (all & ~spread(rights.not_readable)) |
           ((all & spread(lets_write(settings, rights))) << 4) | (fetches(settings, rights) << 8);
  }
  // Nothing beside MAT says what the memory of a leaf is.
  static constexpr std::uint64_t other_memory_field(int /*level*/) { return 0; }

  // Whether a flush must come between two entries of one slot: a page that becomes global, or no
  // longer is one, may match beside what is still held. What a directory's pages are when it takes
  // the place of one, or one its, is judged by the pages.
  static constexpr bool demands_break(Settings const& settings, int level, std::uint64_t old,
                                      std::uint64_t now) {
    return is_leaf(settings, level, old) && is_leaf(settings, level, now) &&
           global(settings, level, old) != global(settings, level, now);
  }

 private:
  // The privilege levels that may use a page, a bit each.
  template <class Word>
  static constexpr Word users(RightsOver<Word> const& rights) {
    Word all(0);
    for (int level = 0; level < 4; ++level) {
      all = all | (flip<Word>(illegal_level(Word(static_cast<unsigned>(level)), rights)) << level);
    }
    return all;
  }

  static constexpr Staleness stale_leaf(Settings const& settings, int level, std::uint64_t old,
                                        std::uint64_t now) {
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    std::uint64_t const granted = grants<std::uint64_t>(settings, level, old);
    std::uint64_t const grants_now = grants<std::uint64_t>(settings, level, now);
    if (leaf_address(level, old) != leaf_address(level, now)) return {must, "PPN changed"};
    if ((granted & ~grants_now) != 0) return {must, "rights reduced"};
    if (memory_type(level, old) != memory_type(level, now)) return {must, "MAT changed"};
    if (dirty(level, old) > dirty(level, now)) return {must, "D cleared"};
    if (global(settings, level, old) != global(settings, level, now)) return {must, "G changed"};
    if ((grants_now & ~granted) != 0) return {StaleEffect::lazy, "rights increased"};
    if (accessed(level, old) > accessed(level, now)) return {StaleEffect::lazy, "V cleared"};
    return {StaleEffect::harmless, "V or D set, or software bits"};
  }

  static constexpr Staleness stale_directory(int level, std::uint64_t old, std::uint64_t now) {
    if (table_address(level, old) != table_address(level, now)) {
      return {StaleEffect::must_invalidate, "table unlinked"};
    }
    return {StaleEffect::harmless, "ignored bits of a directory entry"};
  }
};

}  // namespace twinwalk::models
