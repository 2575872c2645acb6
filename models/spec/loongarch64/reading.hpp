// What one LoongArch64 entry is, where it leads and what it grants, read from the field tables.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "engine/api.hpp"
#include "models/spec/entry_kinds.hpp"
#include "models/spec/field.hpp"
#include "models/spec/loongarch64/settings.hpp"
#include "models/spec/loongarch64/tables.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// What a page grants; its directories grant everything. Each is 0 or 1 but the level.
template <class Word>
struct BasicLoongArchRights {
  Word level{3};             // PLV: 0 to 3
  Word that_level_alone{0};  // RPLV
  Word not_readable{0};
  Word not_executable{0};
  Word writes{1};    // D
  Word writable{1};  // W

  friend bool operator==(BasicLoongArchRights const&, BasicLoongArchRights const&)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

namespace loongarch64 {

constexpr int position(Role role) { return find(page_4k, role)->lo; }
inline constexpr int valid_bit = position(Role::accessed);
inline constexpr int writes_bit = position(Role::writable);
inline constexpr int huge_bit = find(page_2m, Role::page_size)->lo;
inline constexpr int present_bit = position(Role::present);
inline constexpr int writable_bit = position(Role::write_managed);
inline constexpr Field privilege_field = *find(page_4k, Role::privilege);
inline constexpr Field memory_type_field = *find(page_4k, Role::memory_type);

}  // namespace loongarch64

struct LoongArchReading : EntryKinds<LoongArchReading, BasicLoongArchSettings> {
  template <class Word>
  using SettingsOver = BasicLoongArchSettings<Word>;
  template <class Word>
  using RightsOver = BasicLoongArchRights<Word>;
  using Settings = SettingsOver<std::uint64_t>;
  using Rights = RightsOver<std::uint64_t>;

  static constexpr PageSize page_size(int level) {
    return static_cast<PageSize>(12 + 9 * (level - 1));
  }
  static constexpr PageSize leaf_size(int level, std::uint64_t /*leaf*/) {
    return page_size(level);
  }

  // ---- What an entry is: exactly one of hole, table and leaf; nothing faults ----

  static constexpr bool nothing_is_malformed = true;

  // Whether an entry is one of a page, which at the last level all are.
  template <class Word>
  static constexpr Truth<Word> has_leaf_shape(int level, Word entry) {
    return level == 1 ? always<Word>(true) : truth<Word>(bit(entry, loongarch64::huge_bit));
  }
  // A page that neither software nor hardware says is there; or in a directory what software has
  // there where nothing is.
  template <class Word>
  static constexpr Truth<Word> is_hole(SettingsOver<Word> const& settings, int level, Word entry) {
    Word const present = bit(entry, loongarch64::present_bit);
    Word const valid =
        bit(entry, loongarch64::valid_bit) & flip<Word>(settings.machine().hardware_walks);
    Truth<Word> const no_page = !truth<Word>(present | valid);
    if (level == 1) return no_page;
    Truth<Word> const page = has_leaf_shape(level, entry);
    return either(both(page, no_page), both(!page, entry == settings.machine().void_entry));
  }
  template <class Word>
  static constexpr Word reserved_bits(SettingsOver<Word> const& /*settings*/, int /*level*/,
                                      Word /*entry*/) {
    return Word(0);
  }
  template <class Word>
  static constexpr Truth<Word> faults(SettingsOver<Word> const& /*settings*/, int /*level*/,
                                      Word /*entry*/) {
    return always<Word>(false);
  }
  // The field table that an entry is printed by.
  static constexpr std::span<Field const> fields(int level, std::uint64_t entry) {
    return loongarch64::fields_of(
        level, has_leaf_shape(level, entry) ? EntryKind::leaf : EntryKind::table);
  }

  // ---- Where it leads ----

  template <class Word>
  static constexpr Word table_address(int /*level*/, Word entry) {
    return entry & Word(mask_of(loongarch64::directory, Role::address));
  }
  template <class Word>
  static constexpr Word leaf_address(int level, Word entry) {
    return entry & Word(mask(47, size_log2(page_size(level))));
  }
  template <class Word>
  static constexpr Word output(int level, Word entry, Word address) {
    return leaf_address(level, entry) | (address & Word(mask(size_log2(page_size(level)) - 1, 0)));
  }

  // ---- What it grants ----

  template <class Word>
  static constexpr RightsOver<Word> combine(RightsOver<Word> const& above, int level, Word entry) {
    Truth<Word> const leaf = has_leaf_shape(level, entry);
    auto const take = [&](Word const& kept, Role role) {
      return select(leaf, value(*find(loongarch64::page_4k, role), entry), kept);
    };
    return {take(above.level, Role::privilege),
            take(above.that_level_alone, Role::exact_privilege),
            take(above.not_readable, Role::not_readable),
            take(above.not_executable, Role::not_executable),
            take(above.writes, Role::writable),
            take(above.writable, Role::write_managed)};
  }
  template <class Word>
  static constexpr RightsOver<Word> own_rights(int level, Word entry) {
    return combine(RightsOver<Word>{}, level, entry);
  }

  // ---- What else a leaf says; each moved down to bit 0 ----

  // MAT: 0 strongly-ordered uncached, 1 coherent cached, 2 weakly-ordered uncached; 3 is reserved.
  template <class Word>
  static constexpr Word memory_type(int /*level*/, Word entry) {
    return value(loongarch64::memory_type_field, entry);
  }
  // There are no protection keys.
  template <class Word>
  static constexpr Word key(int /*level*/, Word /*entry*/) {
    return Word(0);
  }
  template <class Word>
  static constexpr Word accessed(int /*level*/, Word entry) {
    return bit(entry, loongarch64::valid_bit);
  }
  template <class Word>
  static constexpr Word dirty(int /*level*/, Word entry) {
    return bit(entry, loongarch64::writes_bit) |
           bit(entry, loongarch64::position(Role::dirty_kept));
  }
  // G, which a huge page has elsewhere.
  template <class Word>
  static constexpr Word global(SettingsOver<Word> const& /*settings*/, int level, Word entry) {
    return bit(entry, global_bit(level));
  }
  static constexpr int global_bit(int level) {
    return find(loongarch64::fields_of(level, EntryKind::leaf), Role::global)->lo;
  }
  // The bits that only software gives a meaning.
  static constexpr int software_bits = 2;
  template <class Word>
  static constexpr Word software(int /*level*/, Word entry) {
    return value(*find(loongarch64::page_4k, Role::software), entry);
  }

  // ---- What software writes where there is nothing ----

  // Nothing in the last table; in a directory the void, if software has one.
  template <class Word>
  static constexpr Word hole_word(SettingsOver<Word> const& settings, int level) {
    return level == 1 ? Word(0) : settings.machine().void_entry;
  }
  // Whether an entry says nothing but where its table is.
  template <class Word>
  static constexpr Truth<Word> grants_everything(int level, Word entry) {
    return table_address(level, entry) == entry;
  }
};

}  // namespace twinwalk::models
