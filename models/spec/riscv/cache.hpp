// What a hart may keep of an entry, and what a store to a slot owes those that keep the old one
// (docs/invalidation.md, 2.6 and 3.6; privileged manual, "Supervisor Memory-Management Fence
// Instruction").
#pragma once

#include <cstdint>

#include "models/spec/access.hpp"
#include "models/spec/riscv/flags.hpp"
#include "models/spec/staleness.hpp"

namespace twinwalk::models {

template <RiscvStage Stage>
struct RiscvCache : RiscvFlags<Stage> {
  using Flags = RiscvFlags<Stage>;
  using Settings = typename Flags::Settings;

  // Whether what a hart keeps of this entry can give it a translation. It may keep one with V = 0
  // too; all that comes of that is a fault too many, until the fence that new entries owe.
  static constexpr bool cacheable(Settings const& settings, int level, std::uint64_t entry) {
    return Flags::is_well_formed(settings, level, entry);
  }

  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool new_entries_owe_fence = true;

  static constexpr bool cached_as_global(Settings const& settings, int level, std::uint64_t entry) {
    return Flags::is_leaf(settings, level, entry) && Flags::global(settings, level, entry) != 0;
  }

  // What a store of `now` over `old` in a slot of `level` means for a hart that holds `old`, by the
  // worst row of the sheet's table 2.6 that applies.
  static constexpr Staleness stale_effect(Settings const& settings, int level, std::uint64_t old,
                                          std::uint64_t now) {
    using Entry = std::uint64_t;
    return stale_by_kind<RiscvCache>(
        settings, level, old, now,
        [&](Entry was, Entry is) { return stale_leaf(settings, level, was, is); },
        [&](Entry was, Entry is) { return stale_pointer(level, was, is); });
  }

  // Whether one store changes how large the pages of a range are.
  static constexpr bool changes_size(Settings const& settings, int level, std::uint64_t old,
                                     std::uint64_t now) {
    return cacheable(settings, level, old) && cacheable(settings, level, now) &&
           Flags::has_leaf_shape(level, old) != Flags::has_leaf_shape(level, now);
  }

 private:
  static constexpr Staleness stale_leaf(Settings const& settings, int level, std::uint64_t old,
                                        std::uint64_t now) {
    constexpr StaleEffect harmless = StaleEffect::harmless;
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (Flags::leaf_size(level, old) != Flags::leaf_size(level, now))
      return {must, "NAPOT changed"};
    if (Flags::leaf_address(level, old) != Flags::leaf_address(level, now)) {
      return {must, "address changed"};
    }
    if (rights_lost(level, old, now)) return {must, "rights reduced"};
    if (Flags::memory_type(level, old) != Flags::memory_type(level, now)) {
      return {must, "PBMT changed"};
    }
    if (Flags::dirty(level, old) > Flags::dirty(level, now)) return {must, "D cleared"};
    if (Flags::global(settings, level, old) > Flags::global(settings, level, now)) {
      return {must, "G 1 to 0"};
    }
    if (rights_lost(level, now, old)) return {StaleEffect::lazy, "rights increased"};
    if (Flags::accessed(level, old) > Flags::accessed(level, now)) {
      return {StaleEffect::lazy, "A cleared"};
    }
    // The copies that are not global say the same; the next change must reach every address space.
    if (Flags::global(settings, level, old) != Flags::global(settings, level, now)) {
      return {harmless, "G 0 to 1"};
    }
    return {harmless, "A or D set, or software bits"};
  }

  static constexpr Staleness stale_pointer(int level, std::uint64_t old, std::uint64_t now) {
    constexpr StaleEffect must = StaleEffect::must_invalidate;
    if (Flags::table_address(level, old) != Flags::table_address(level, now)) {
      return {must, "table unlinked"};
    }
    if (!Flags::second && bit(old ^ now, riscv::global_bit) != 0) return {must, "G of a pointer"};
    return {StaleEffect::harmless, "ignored bits of a pointer"};
  }

  // Whether `old` grants something that `now` does not. U takes rights from the supervisor as it
  // gives them to the user; in the second stage it only gives.
  static constexpr bool rights_lost(int level, std::uint64_t old, std::uint64_t now) {
    auto const before = Flags::own_rights(level, old);
    auto const after = Flags::own_rights(level, now);
    auto const granted = [](auto const& rights) {
      return (rights.readable | (rights.writable << 1) | (rights.executable << 2)) &
             spread(Flags::usable(rights));
    };
    bool const user_changed = !Flags::second && before.user != after.user;
    return (granted(before) & ~granted(after)) != 0 || user_changed;
  }
};

}  // namespace twinwalk::models
