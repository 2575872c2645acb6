// What an x86-64 processor may keep of an entry, and what a store to a slot owes those that keep
// the old one (docs/invalidation.md, 2.1 and 3.2; Intel SDM vol. 3A, 4.10; AMD APM vol. 2, 5.5).
#pragma once

#include <cstdint>
#include <string_view>

#include "models/machine/cache_rules.hpp"
#include "models/spec/access.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/flags.hpp"

namespace twinwalk::models {

// The verdict on what a processor still holds, with the row of the sheet's table 2.1 that decides.
struct Staleness {
  StaleEffect effect;
  std::string_view row;  // static storage
};

struct X86_64Cache : X86_64Flags {
  // Whether a processor may hold this entry in its TLB or paging-structure caches: never one with
  // P = 0 or a reserved bit. It must have A = 1 too, but hardware sets that by itself and at any
  // time, so an entry with A = 0 is as good as cached.
  static constexpr bool cacheable(Settings const& settings, int level, std::uint64_t entry) {
    return is_well_formed(settings, level, entry);
  }

  // What a store of `now` over `old` in one slot of `level` means for a processor that holds `old`.
  static constexpr Staleness stale(Settings const& settings, int level, std::uint64_t old,
                                   std::uint64_t now) {
    if (!cacheable(settings, level, old)) return {StaleEffect::same, "invalid to valid"};
    if (!has_leaf_shape(level, old)) return stale_table(settings, level, old, now);
    if (cacheable(settings, level, now) && !has_leaf_shape(level, now)) {
      return {StaleEffect::wrong, "leaf to table"};
    }
    return stale_leaf(settings, level, old, level, now, 0);
  }

  // A processor holds leaf `old` while the tables now end, for `address`, in `now` of another level
  // perhaps. The worst row that applies decides. SMEP and SMAP are taken to be on and keys, where
  // the settings have them, to differ: an engine sees neither and must flush for both.
  static constexpr Staleness stale_leaf(Settings const& settings, int old_level, std::uint64_t old,
                                        int level, std::uint64_t now, std::uint64_t address) {
    constexpr StaleEffect same = StaleEffect::same;
    constexpr StaleEffect wrong = StaleEffect::wrong;
    if (!is_leaf(settings, level, now)) return {wrong, "leaf, valid to invalid"};
    if (output(old_level, old, address) != output(level, now, address)) {
      return {wrong, "address changed"};
    }
    Rights const before = own_rights(old_level, old);
    Rights const after = own_rights(level, now);
    if (reduced(before, after)) return {wrong, "rights reduced"};
    if (memory_type(old_level, old) != memory_type(level, now)) {
      return {wrong, "memory type changed"};
    }
    if (keys_matter(settings) && key(old_level, old) != key(level, now)) {
      return {wrong, "key changed"};
    }
    // A cached D = 1 writes without setting D again; a cached D = 0 goes back to the entry.
    if (dirty(old_level, old) > dirty(level, now)) return {wrong, "D cleared"};
    std::uint64_t const was_global = global(settings, old_level, old);
    std::uint64_t const is_global = global(settings, level, now);
    if (was_global > is_global) return {wrong, "G 1 to 0"};
    if (increased(before, after)) return {StaleEffect::lazy, "rights increased"};
    if (accessed(old_level, old) > accessed(level, now)) return {StaleEffect::lazy, "A cleared"};
    // Copies under one space's name say the same; the next change must reach every space.
    if (was_global < is_global) return {same, "G 0 to 1"};
    return {same, "A or D set, or software bits"};
  }

  // A processor holds table entry `old` where `now` stands.
  static constexpr Staleness stale_table(Settings const& settings, int level, std::uint64_t old,
                                         std::uint64_t now) {
    constexpr StaleEffect wrong = StaleEffect::wrong;
    if (is_leaf(settings, level, now)) return {wrong, "table to leaf"};
    if (!is_table(settings, level, now)) return {wrong, "table unlinked"};
    if (table_address(level, old) != table_address(level, now)) return {wrong, "table unlinked"};
    Rights const before = own_rights(level, old);
    Rights const after = own_rights(level, now);
    if (reduced(before, after)) return {wrong, "rights reduced on a table entry"};
    // PWT and PCD of a table entry say how the next table is read, and are kept with it.
    if (table_type(old) != table_type(now)) return {wrong, "type of a table entry changed"};
    if (increased(before, after)) return {StaleEffect::lazy, "rights increased on a table entry"};
    return {StaleEffect::same, "A or ignored bits of a table entry"};
  }

 private:
  // U/S 0 to 1 takes the supervisor's access away where SMEP or SMAP is on, so any change counts.
  static constexpr bool reduced(Rights const& before, Rights const& after) {
    return before.writable > after.writable || before.user != after.user ||
           before.not_executable < after.not_executable;
  }
  static constexpr bool increased(Rights const& before, Rights const& after) {
    return before.writable < after.writable || before.not_executable > after.not_executable;
  }
  static constexpr bool keys_matter(Settings const& settings) {
    return (settings.control.user_keys | settings.control.supervisor_keys) != 0;
  }
  static constexpr std::uint64_t table_type(std::uint64_t entry) {
    return extract(entry, x86_64::cache_disable_bit, x86_64::write_through_bit);
  }
};

// The same as the TLB model asks for it, over one machine's settings, which must outlive it.
template <class Spec>
class X86_64CacheRules {
 public:
  using Settings = X86_64Settings;

  static constexpr int levels = Spec::levels;
  static constexpr int input_bits = Spec::address_bits;
  static constexpr int shift(int level) { return Spec::level_shift(level); }
  static constexpr int slots(int /*level*/) { return 1 << Spec::index_bits; }

  constexpr explicit X86_64CacheRules(Settings const& settings) : settings_(&settings) {}

  constexpr EntryKind kind(std::uint64_t entry, int level) const {
    return Spec::classify(*settings_, level, entry);
  }
  constexpr std::uint64_t next_table(std::uint64_t entry, int level) const {
    return Spec::table_address(level, entry);
  }
  constexpr std::uint64_t output(std::uint64_t entry, int level) const {
    return Spec::leaf_address(level, entry);
  }
  constexpr bool global(std::uint64_t entry, int level) const {
    return Spec::global(*settings_, level, entry) != 0;
  }
  constexpr bool may_cache(std::uint64_t entry, int level) const {
    return Spec::cacheable(*settings_, level, entry);
  }
  constexpr StaleEffect stale_leaf(std::uint64_t entry, int level, std::uint64_t other, int now,
                                   std::uint64_t input) const {
    return Spec::stale_leaf(*settings_, level, entry, now, other, input).effect;
  }
  constexpr StaleEffect stale_table(std::uint64_t entry, std::uint64_t other, int level) const {
    return Spec::stale_table(*settings_, level, entry, other).effect;
  }
  // A change of size is an error only together with another frame, right or type, which one slot
  // does not show; whoever holds what stood there before is judged by stale_leaf. In place is
  // tolerated here (AMD's text asks for a hole first).
  constexpr bool forbidden_in_one_store(std::uint64_t /*entry*/, std::uint64_t /*other*/,
                                        int /*level*/) const {
    return false;
  }

  // Whether an entry by itself lets the access through. A table entry of user mode may still lead
  // to a supervisor's page, so SMEP, SMAP and keys are asked of the leaf.
  constexpr bool permits(std::uint64_t entry, int level, CpuAccess const& access) const {
    Access const asked{access.fetch   ? AccessKind::fetch
                       : access.write ? AccessKind::write
                                      : AccessKind::read,
                       access.user, false};
    typename Spec::Rights rights = Spec::template own_rights<std::uint64_t>(level, entry);
    bool const leaf = Spec::has_leaf_shape(level, entry);
    if (!leaf && !access.user) rights.user = 0;
    Denial<std::uint64_t> const denied =
        Spec::template denial<std::uint64_t>(*settings_, asked, rights, level, entry);
    return (denied.right | (leaf ? denied.key : 0)) == 0;
  }
  constexpr std::uint64_t after_use(std::uint64_t entry, int level, bool write) const {
    Access const access{write ? AccessKind::write : AccessKind::read, false, false};
    return entry |
           Spec::hardware_sets(*settings_, access, level, Spec::has_leaf_shape(level, entry));
  }

 private:
  Settings const* settings_;
};

}  // namespace twinwalk::models
