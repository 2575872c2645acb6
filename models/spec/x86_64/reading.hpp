// How one x86-64 entry reads, at any level, over any word. Every position comes from the field
// tables; nothing here branches on a word.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/api.hpp"
#include "models/spec/entry_kinds.hpp"
#include "models/spec/field.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/settings.hpp"
#include "models/spec/x86_64/tables.hpp"

namespace twinwalk::models {

// The rights of a path, each 0 or 1: R/W and U/S are ANDed over its entries, XD is ORed.
template <class Word>
struct BasicX86_64Rights {
  Word writable{1};
  Word user{1};
  Word not_executable{0};

  friend bool operator==(BasicX86_64Rights const&, BasicX86_64Rights const&)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

namespace x86_64 {

constexpr int position(std::span<Field const> fields, Role role) { return find(fields, role)->lo; }

// These stand at the same place in every entry that has them.
inline constexpr int present_bit = position(pte, Role::present);
inline constexpr int writable_bit = position(pte, Role::writable);
inline constexpr int user_bit = position(pte, Role::user);
inline constexpr int write_through_bit = position(pte, Role::write_through);
inline constexpr int cache_disable_bit = position(pte, Role::cache_disable);
inline constexpr int accessed_bit = position(pte, Role::accessed);
inline constexpr int dirty_bit = position(pte, Role::dirty);
inline constexpr int global_bit = position(pte, Role::global);
inline constexpr int not_executable_bit = position(pte, Role::not_executable);
inline constexpr int page_size_bit = position(pde_2m, Role::page_size);
inline constexpr int large_memory_type_bit = position(pde_2m, Role::memory_type);
inline constexpr int small_memory_type_bit = position(pte, Role::memory_type);
inline constexpr Field key_field = *find(pte, Role::key);
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
static_assert(stands_alike(Role::present, present_bit));
static_assert(stands_alike(Role::writable, writable_bit));
static_assert(stands_alike(Role::user, user_bit));
static_assert(stands_alike(Role::write_through, write_through_bit));
static_assert(stands_alike(Role::cache_disable, cache_disable_bit));
static_assert(stands_alike(Role::accessed, accessed_bit));
static_assert(stands_alike(Role::dirty, dirty_bit));
static_assert(stands_alike(Role::global, global_bit));
static_assert(stands_alike(Role::not_executable, not_executable_bit));
static_assert(stands_alike(Role::page_size, page_size_bit));
static_assert(stands_alike(Role::page_size_optional, page_size_bit));
static_assert(stands_alike(Role::key, key_field.lo));

// The bits of a table entry that grant, and those that the engine chooses or hardware sets.
struct TableForm {
  std::uint64_t granted = 0;
  std::uint64_t free = 0;
};
constexpr TableForm table_form(int level) {
  std::span<Field const> const fields = fields_of(level, EntryKind::table);
  return {mask_of(fields, Role::present) | mask_of(fields, Role::writable) |
              mask_of(fields, Role::user),
          mask_of(fields, Role::address) | mask_of(fields, Role::accessed)};
}
inline constexpr std::array table_forms{table_form(0), table_form(1), table_form(2),
                                        table_form(3), table_form(4), table_form(5)};

}  // namespace x86_64

struct X86_64Reading : EntryKinds<X86_64Reading, BasicX86_64Settings> {
  template <class Word>
  using SettingsOver = BasicX86_64Settings<Word>;
  template <class Word>
  using RightsOver = BasicX86_64Rights<Word>;
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

  template <class Word>
  static constexpr Truth<Word> is_hole(SettingsOver<Word> const& /*settings*/, int /*level*/,
                                       Word entry) {
    return !truth<Word>(bit(entry, x86_64::present_bit));
  }
  // Whether a present entry would map a page, were no reserved bit set.
  template <class Word>
  static constexpr Truth<Word> has_leaf_shape(int level, Word entry) {
    if (level == 1) return always<Word>(true);
    if (level > largest_leaf_level) return always<Word>(false);
    return truth<Word>(bit(entry, x86_64::page_size_bit));
  }
  // The reserved bits that are set, were the entry present.
  template <class Word>
  static constexpr Word reserved_bits(SettingsOver<Word> const& settings, int level, Word entry) {
    return entry & select(has_leaf_shape(level, entry), settings.reserved_in_leaf(level),
                          settings.reserved_in_table(level));
  }
  // Whether a present entry faults whatever is asked of it.
  template <class Word>
  static constexpr Truth<Word> faults(SettingsOver<Word> const& settings, int level, Word entry) {
    return reserved_bits(settings, level, entry) != Word(0);
  }
  // What an engine writes where nothing is mapped. Any other hole is as good to the hardware, but
  // bits left in it are an address for speculation to use (L1TF).
  template <class Word>
  static constexpr Word hole_word(SettingsOver<Word> const& /*settings*/, int /*level*/) {
    return Word(0);
  }
  // Whether a table entry leaves every right to the leaves below it and says nothing else: present,
  // writable, user, and not one other bit but its address and A.
  template <class Word>
  static constexpr Truth<Word> grants_everything(int level, Word entry) {
    x86_64::TableForm const form = x86_64::table_forms[static_cast<std::size_t>(level)];
    return (entry & Word(~form.free)) == Word(form.granted);
  }
  // The field table that an entry is printed by; a malformed one has the shape bit 7 gives it.
  static constexpr std::span<Field const> fields(int level, std::uint64_t entry) {
    if (bit(entry, x86_64::present_bit) == 0) return x86_64::fields_of(level, EntryKind::hole);
    return x86_64::fields_of(level,
                             has_leaf_shape(level, entry) ? EntryKind::leaf : EntryKind::table);
  }

  // ---- Where it leads ----

  // The next table, for a table entry.
  template <class Word>
  static constexpr Word table_address(int /*level*/, Word entry) {
    return entry & Word(x86_64::next_table_mask);
  }
  // The first byte of the page, for a leaf; bit 12 of a large leaf is its memory type.
  template <class Word>
  static constexpr Word leaf_address(int level, Word entry) {
    return entry & Word(x86_64::leaf_masks[static_cast<std::size_t>(level)].address);
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
    return {above.writable & bit(entry, x86_64::writable_bit),
            above.user & bit(entry, x86_64::user_bit),
            above.not_executable | bit(entry, x86_64::not_executable_bit)};
  }
  // The rights of an entry alone.
  template <class Word>
  static constexpr RightsOver<Word> own_rights(int level, Word entry) {
    return combine(RightsOver<Word>{}, level, entry);
  }
  // Which fetches rights allow, a bit for each kind of fetch that the processor tells apart.
  template <class Word>
  static constexpr Word fetches(SettingsOver<Word> const& /*settings*/,
                                RightsOver<Word> const& rights) {
    return flip<Word>(rights.not_executable);
  }

  // ---- What else a leaf says; each moved down to bit 0 ----

  // The PAT index, 4*PAT + 2*PCD + PWT.
  template <class Word>
  static constexpr Word memory_type(int level, Word entry) {
    Word const top =
        bit(entry, level == 1 ? x86_64::small_memory_type_bit : x86_64::large_memory_type_bit);
    return (top << 2) | (bit(entry, x86_64::cache_disable_bit) << 1) |
           bit(entry, x86_64::write_through_bit);
  }
  // The key field; it has a meaning only where keys are enabled.
  template <class Word>
  static constexpr Word key(int /*level*/, Word entry) {
    return value(x86_64::key_field, entry);
  }
  // Whether the translation is global, 0 or 1.
  template <class Word>
  static constexpr Word global(SettingsOver<Word> const& settings, int /*level*/, Word entry) {
    return bit(entry, x86_64::global_bit) & settings.control.global_pages;
  }
  template <class Word>
  static constexpr Word accessed(int /*level*/, Word entry) {
    return bit(entry, x86_64::accessed_bit);
  }
  // A leaf's dirty bit; in a table entry the same bit is ignored.
  template <class Word>
  static constexpr Word dirty(int /*level*/, Word entry) {
    return bit(entry, x86_64::dirty_bit);
  }
  // How many bits of an entry are promised to software: 11:9 are the low ones, 58:52 the high.
  static constexpr int software_bits = 10;
  static_assert(mask_of(x86_64::pte, Role::software) == (mask(11, 9) | mask(58, 52)));
  template <class Word>
  static constexpr Word software(int /*level*/, Word entry) {
    return extract(entry, 11, 9) | (extract(entry, 58, 52) << 3);
  }

  // The bits that hardware sets in an entry of a level.
  static constexpr std::uint64_t accessed_mask(int /*level*/) { return x86_64::accessed_bits; }
  static constexpr std::uint64_t dirty_mask(int /*level*/) { return x86_64::dirty_bits; }
};

}  // namespace twinwalk::models
