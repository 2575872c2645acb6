// How one entry of extended page tables reads, at any level, over any word. Every position comes
// from the field tables; nothing here branches on a word.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/api.hpp"
#include "models/spec/entry_kinds.hpp"
#include "models/spec/ept/settings.hpp"
#include "models/spec/ept/tables.hpp"
#include "models/spec/field.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// The rights of a path, each 0 or 1, ANDed over its entries. Without mode-based execute control the
// last means nothing.
template <class Word>
struct BasicEptRights {
  Word readable{1};
  Word writable{1};
  Word executable{1};
  Word executable_user{1};

  friend bool operator==(BasicEptRights const&, BasicEptRights const&)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

namespace ept {

constexpr int position(std::span<Field const> fields, Role role) { return find(fields, role)->lo; }

// These stand at the same place in every entry that has them.
inline constexpr int readable_bit = position(pte, Role::readable);
inline constexpr int writable_bit = position(pte, Role::writable);
inline constexpr int executable_bit = position(pte, Role::executable);
inline constexpr int executable_user_bit = position(pte, Role::executable_user);
inline constexpr int accessed_bit = position(pte, Role::accessed);
inline constexpr int dirty_bit = position(pte, Role::dirty);
inline constexpr int page_size_bit = position(pde_2m, Role::page_size);
inline constexpr std::uint64_t type_and_ignore = mask_of(pte, Role::memory_type);
static_assert(type_and_ignore == mask(6, 3));
inline constexpr int ignore_pat_bit = 6;
inline constexpr std::uint64_t next_table_mask = mask_of(pml4e, Role::address);
inline constexpr std::uint64_t accessed_bits = mask_of(pte, Role::accessed);
inline constexpr std::uint64_t dirty_bits = mask_of(pte, Role::dirty);

constexpr bool stands_alike(Role role, int where) {
  for (FieldTable const& table : tables) {
    Field const* field = find(table.fields, role);
    if (field != nullptr && field->lo != where) return false;
  }
  return true;
}
static_assert(stands_alike(Role::readable, readable_bit));
static_assert(stands_alike(Role::writable, writable_bit));
static_assert(stands_alike(Role::executable, executable_bit));
static_assert(stands_alike(Role::executable_user, executable_user_bit));
static_assert(stands_alike(Role::accessed, accessed_bit));
static_assert(stands_alike(Role::dirty, dirty_bit));
static_assert(stands_alike(Role::page_size, page_size_bit));
static_assert(stands_alike(Role::page_size_optional, page_size_bit));

// The bits of a table entry that grant, and those that the engine chooses or hardware sets.
struct TableForm {
  std::uint64_t granted = 0;
  std::uint64_t free = 0;
};
constexpr TableForm table_form(int level) {
  std::span<Field const> const fields = fields_of(level, EntryKind::table);
  return {mask_of(fields, Role::readable) | mask_of(fields, Role::writable) |
              mask_of(fields, Role::executable) | mask_of(fields, Role::executable_user),
          mask_of(fields, Role::address) | mask_of(fields, Role::accessed)};
}
inline constexpr std::array table_forms{table_form(0), table_form(1), table_form(2),
                                        table_form(3), table_form(4), table_form(5)};

}  // namespace ept

struct EptReading : EntryKinds<EptReading, BasicEptSettings> {
  template <class Word>
  using SettingsOver = BasicEptSettings<Word>;
  template <class Word>
  using RightsOver = BasicEptRights<Word>;
  using Settings = SettingsOver<std::uint64_t>;
  using Rights = RightsOver<std::uint64_t>;

  static constexpr int largest_leaf_level = 3;

  // The size of the leaves of a level, 1 to 3.
  static constexpr PageSize page_size(int level) {
    return static_cast<PageSize>(12 + 9 * (level - 1));
  }
  // The size of one leaf; other formats have leaves that say more of it than their level does.
  static constexpr PageSize leaf_size(int level, std::uint64_t /*leaf*/) {
    return page_size(level);
  }

  // ---- What an entry is: exactly one of hole, table, leaf and malformed ----

  // An entry is present when it grants anything; XU grants with mode-based execute control alone.
  template <class Word>
  static constexpr Truth<Word> is_hole(SettingsOver<Word> const& settings, int /*level*/,
                                       Word entry) {
    RightsOver<Word> const own = own_rights(0, entry);
    return (own.readable | own.writable | own.executable |
            (own.executable_user & settings.machine().mode_based_execute)) == Word(0);
  }
  // Whether a present entry would map a page, were it not misconfigured.
  template <class Word>
  static constexpr Truth<Word> has_leaf_shape(int level, Word entry) {
    if (level == 1) return always<Word>(true);
    if (level > largest_leaf_level) return always<Word>(false);
    return truth<Word>(bit(entry, ept::page_size_bit));
  }
  // The reserved bits that are set, were the entry present.
  template <class Word>
  static constexpr Word reserved_bits(SettingsOver<Word> const& settings, int level, Word entry) {
    return entry & select(has_leaf_shape(level, entry), settings.reserved_in_leaf(level),
                          settings.reserved_in_table(level));
  }
  // Whether a present entry is an EPT misconfiguration: a reserved bit, writable and not readable,
  // fetched from and not readable where the processor cannot do that, or a memory type that is
  // none.
  template <class Word>
  static constexpr Truth<Word> faults(SettingsOver<Word> const& settings, int level, Word entry) {
    RightsOver<Word> const own = own_rights(level, entry);
    Word const fetched =
        own.executable | (own.executable_user & settings.machine().mode_based_execute);
    Word const unreadable =
        flip<Word>(own.readable) &
        (own.writable | (fetched & flip<Word>(settings.machine().execute_only)));
    Word const type = memory_type(level, entry);
    Truth<Word> const no_type = either(either(type == Word(2), type == Word(3)), type == Word(7));
    return either(either(reserved_bits(settings, level, entry) != Word(0), truth(unreadable)),
                  both(has_leaf_shape(level, entry), no_type));
  }
  // What an engine writes where nothing is mapped, while nobody asks for #VE.
  template <class Word>
  static constexpr Word hole_word(SettingsOver<Word> const& /*settings*/, int /*level*/) {
    return Word(0);
  }
  // Whether a table entry leaves every right to the leaves below it and says nothing else: all four
  // rights, and not one other bit but its address and A.
  template <class Word>
  static constexpr Truth<Word> grants_everything(int level, Word entry) {
    ept::TableForm const form = ept::table_forms[static_cast<std::size_t>(level)];
    return (entry & Word(~form.free)) == Word(form.granted);
  }
  // The field table that an entry is printed by; a malformed one has the shape bit 7 gives it. One
  // that grants XU alone is printed as what it is with mode-based execute control.
  static constexpr std::span<Field const> fields(int level, std::uint64_t entry) {
    constexpr std::uint64_t rights = ept::table_forms[4].granted;
    if ((entry & rights) == 0) return ept::fields_of(level, EntryKind::hole);
    return ept::fields_of(level, has_leaf_shape(level, entry) ? EntryKind::leaf : EntryKind::table);
  }

  // ---- Where it leads ----

  // The next table, for a table entry.
  template <class Word>
  static constexpr Word table_address(int /*level*/, Word entry) {
    return entry & Word(ept::next_table_mask);
  }
  // The first byte of the page, for a leaf.
  template <class Word>
  static constexpr Word leaf_address(int level, Word entry) {
    return entry & Word(ept::leaf_masks[static_cast<std::size_t>(level)].address);
  }
  // What a leaf of this level translates an address to.
  template <class Word>
  static constexpr Word output(int level, Word entry, Word address) {
    return leaf_address(level, entry) | (address & Word(mask(size_log2(page_size(level)) - 1, 0)));
  }

  // ---- What it grants ----

  template <class Word>
  static constexpr RightsOver<Word> combine(RightsOver<Word> const& above, int /*level*/,
                                            Word entry) {
    return {above.readable & bit(entry, ept::readable_bit),
            above.writable & bit(entry, ept::writable_bit),
            above.executable & bit(entry, ept::executable_bit),
            above.executable_user & bit(entry, ept::executable_user_bit)};
  }
  // The rights of an entry alone.
  template <class Word>
  static constexpr RightsOver<Word> own_rights(int level, Word entry) {
    return combine(RightsOver<Word>{}, level, entry);
  }
  // Which fetches rights allow, a bit for each kind of fetch that the processor tells apart: with
  // mode-based execute control those from addresses of user mode are a kind of their own.
  template <class Word>
  static constexpr Word fetches(SettingsOver<Word> const& settings,
                                RightsOver<Word> const& rights) {
    return rights.executable |
           ((rights.executable_user & settings.machine().mode_based_execute) << 1);
  }

  // ---- What else a leaf says; each moved down to bit 0 ----

  // The memory type: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB.
  template <class Word>
  static constexpr Word memory_type(int /*level*/, Word entry) {
    return extract(entry, 5, 3);
  }
  // Whether the guest's own type is ignored.
  template <class Word>
  static constexpr Word ignore_pat(int /*level*/, Word entry) {
    return bit(entry, ept::ignore_pat_bit);
  }
  // There are no protection keys.
  template <class Word>
  static constexpr Word key(int /*level*/, Word /*entry*/) {
    return Word(0);
  }
  // Nor global translations.
  template <class Word>
  static constexpr Word global(SettingsOver<Word> const& /*settings*/, int /*level*/,
                               Word /*entry*/) {
    return Word(0);
  }
  template <class Word>
  static constexpr Word accessed(int /*level*/, Word entry) {
    return bit(entry, ept::accessed_bit);
  }
  // A leaf's dirty bit; in a table entry the same bit is ignored.
  template <class Word>
  static constexpr Word dirty(int /*level*/, Word entry) {
    return bit(entry, ept::dirty_bit);
  }
  // The bits that no control gives a meaning: 11, 56:52, 59 and 62, low ones first.
  static constexpr int software_bits = 8;
  static_assert(mask_of(ept::pte, Role::software) ==
                (mask(11, 11) | mask(56, 52) | mask(59, 59) | mask(62, 62)));
  template <class Word>
  static constexpr Word software(int /*level*/, Word entry) {
    return bit(entry, 11) | (extract(entry, 56, 52) << 1) | (bit(entry, 59) << 6) |
           (bit(entry, 62) << 7);
  }

  // The bits that hardware sets in an entry of a level, where it sets any.
  static constexpr std::uint64_t accessed_mask(int /*level*/) { return ept::accessed_bits; }
  static constexpr std::uint64_t dirty_mask(int /*level*/) { return ept::dirty_bits; }
};

}  // namespace twinwalk::models
