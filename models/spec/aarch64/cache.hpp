// What a processor may keep of a descriptor, what a store owes those that keep the old one, and
// which stores the manual allows only after a break (docs/invalidation.md, 2.4, 2.5 and 3.5; the
// manual's "TLB maintenance requirements" and "Using break-before-make").
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/field.hpp"
#include "models/spec/staleness.hpp"
#include "models/spec/typed_flags.hpp"

namespace twinwalk::models {

// `Stage` is Aarch64Stage1 or Aarch64Stage2.
template <class Stage>
struct Aarch64Cache : TypedFlags<Stage> {
  using Flags = TypedFlags<Stage>;
  using Settings = typename Flags::Settings;

  // Nothing that raises a Translation or an Address size fault is kept. What would raise an Access
  // flag fault is not either; but hardware may set the flag at any time, and where it does not, a
  // flush too many harms nobody.
  static constexpr bool cacheable(Settings const& settings, int level, std::uint64_t entry) {
    return Flags::is_well_formed(settings, level, entry);
  }

  // DSB and ISB, for walks to see what is new.
  static constexpr bool new_entries_owe_barrier = true;
  static constexpr bool new_entries_owe_fence = false;

  static constexpr bool cached_as_global(Settings const& settings, int level, std::uint64_t entry) {
    return Flags::is_leaf(settings, level, entry) && Flags::global(settings, level, entry) != 0;
  }

  // What a store of `now` over `old` in a slot of `level` means for a processor that holds `old`,
  // by the worst row of the sheet's tables that applies.
  static constexpr Staleness stale_effect(Settings const& settings, int level, std::uint64_t old,
                                          std::uint64_t now) {
    using Entry = std::uint64_t;
    return stale_by_kind<Aarch64Cache>(
        settings, level, old, now,
        [&](Entry was, Entry is) { return stale_leaf(settings, level, was, is); },
        [&](Entry was, Entry is) { return stale_table(level, was, is); });
  }

  // What a leaf grants anybody, a bit each: fetches, and reads and writes of EL1 and of EL0. That a
  // page is the user's takes nothing from the kernel but its fetches.
  template <class Word>
  static constexpr Word grants(typename Flags::template SettingsOver<Word> const& settings,
                               int level, Word entry) {
    auto const rights = Flags::own_rights(level, entry);
    // As if it had been used: the Access flag has rows of its own.
    Word const used = entry | Word(Flags::accessed_mask(level));
    Word granted = Flags::fetches(settings, rights);
    int next = 2;
    for (bool const user : {false, true}) {
      for (AccessKind const kind : {AccessKind::read, AccessKind::write}) {
        Access const access{.kind = kind, .user = user};
        Word const denied =
            Flags::template denial<Word>(settings, access, rights, level, used).right;
        granted = granted | (flip<Word>(denied) << next++);
      }
    }
    return granted;
  }
  // The bits of a leaf that say beside its type what its memory is to a TLB.
  static constexpr std::uint64_t other_memory_field(int /*level*/) {
    return mask_of(Flags::Descriptors::page_4k, Role::shareability) |
           mask_of(Flags::Descriptors::page_4k, Role::contiguous);
  }

  // Whether one store changes how large the pages of a range are.
  static constexpr bool changes_size(Settings const& settings, int level, std::uint64_t old,
                                     std::uint64_t now) {
    return cacheable(settings, level, old) && cacheable(settings, level, now) &&
           Flags::has_leaf_shape(level, old) != Flags::has_leaf_shape(level, now);
  }

  // Whether a hole, a flush and a barrier must come between two descriptors of one slot: where a
  // size, an output address, a memory type or the Contiguous bit changes, a page becomes global, or
  // a table descriptor says anything else. An output address may change without where neither page
  // is writable and both hold the same; nobody here can know that they do.
  static constexpr bool demands_break(Settings const& settings, int level, std::uint64_t old,
                                      std::uint64_t now) {
    if (!cacheable(settings, level, old) || !cacheable(settings, level, now)) return false;
    if (changes_size(settings, level, old, now)) return true;
    if (!Flags::has_leaf_shape(level, old)) {
      return stale_table(level, old, now).effect != StaleEffect::harmless;
    }
    return Flags::leaf_address(level, old) != Flags::leaf_address(level, now) ||
           changes_kind_of_memory(level, old, now) || bit(old ^ now, Flags::contiguous_bit) != 0 ||
           Flags::global(settings, level, old) < Flags::global(settings, level, now);
  }

 private:
  static constexpr Staleness stale_leaf(Settings const& settings, int level, std::uint64_t old,
                                        std::uint64_t now) {
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (Flags::leaf_address(level, old) != Flags::leaf_address(level, now)) {
      return {must, "OA changed"};
    }
    if (lost(settings, level, old, now) != 0) return {must, "rights reduced"};
    if (changes_kind_of_memory(level, old, now)) return {must, "AttrIndx, MemAttr or SH changed"};
    if (Flags::dirty(level, old) > Flags::dirty(level, now)) return {must, "dirty cleared"};
    if (Flags::global(settings, level, old) > Flags::global(settings, level, now)) {
      return {must, "nG 0 to 1"};
    }
    if (Flags::global(settings, level, old) < Flags::global(settings, level, now)) {
      return {must, "nG 1 to 0"};
    }
    if (bit(old ^ now, Flags::contiguous_bit) != 0) return {must, "Contiguous changed"};
    if (lost(settings, level, now, old) != 0) return {StaleEffect::lazy, "rights increased"};
    if (Flags::accessed(level, old) > Flags::accessed(level, now)) {
      return {StaleEffect::lazy, "AF cleared"};
    }
    return {StaleEffect::harmless, "AF set, dirty set, DBM, or software bits"};
  }

  static constexpr Staleness stale_table(int level, std::uint64_t old, std::uint64_t now) {
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (Flags::table_address(level, old) != Flags::table_address(level, now)) {
      return {must, "table pointer replaced"};
    }
    if (((old ^ now) & mask_of(Flags::Descriptors::pointer, Role::limits_below)) != 0) {
      return {must, "APTable, XNTable or PXNTable changed"};
    }
    return {StaleEffect::harmless, "ignored bits of a table descriptor"};
  }

  // What `old` grants anybody and `now` does not.
  static constexpr std::uint64_t lost(Settings const& settings, int level, std::uint64_t old,
                                      std::uint64_t now) {
    return grants<std::uint64_t>(settings, level, old) &
           ~grants<std::uint64_t>(settings, level, now);
  }

  static constexpr bool changes_kind_of_memory(int level, std::uint64_t old, std::uint64_t now) {
    return Flags::memory_type(level, old) != Flags::memory_type(level, now) ||
           ((old ^ now) & mask_of(Flags::Descriptors::page_4k, Role::shareability)) != 0;
  }
};

}  // namespace twinwalk::models
