// What one AArch64 descriptor is and where it leads, read from the field tables: what both stages
// have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/api.hpp"
#include "models/spec/aarch64/settings.hpp"
#include "models/spec/aarch64/tables.hpp"
#include "models/spec/entry_kinds.hpp"
#include "models/spec/field.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

template <Aarch64Stage Stage>
struct Aarch64Reading : EntryKinds<Aarch64Reading<Stage>, BasicAarch64Settings> {
  using Descriptors = aarch64::Descriptors<Stage>;
  static constexpr Aarch64Stage stage = Stage;
  static constexpr bool second = Stage == Aarch64Stage::second;
  static constexpr bool has_user = Stage == Aarch64Stage::two_ranges;

  template <class Word>
  using SettingsOver = BasicAarch64Settings<Word>;
  using Settings = SettingsOver<std::uint64_t>;

  static constexpr int position(Role role) { return find(Descriptors::page_4k, role)->lo; }
  static constexpr int valid_bit = position(Role::present);
  static constexpr int leads_on_bit = position(Role::leads_on);
  static constexpr int accessed_bit = position(Role::accessed);
  static constexpr int write_managed_bit = position(Role::write_managed);
  static constexpr int contiguous_bit = position(Role::contiguous);
  static constexpr int dirty_kept_bit = position(Role::dirty_kept);
  // The bit that decides about writes: AP[2] denies them, S2AP[1] grants them.
  static constexpr int write_bit = position(second ? Role::writable : Role::read_only);

  // The size of the leaves of a level. The Contiguous bit is a hint to the TLB; each descriptor
  // still maps what it would without.
  static constexpr PageSize page_size(int level) {
    return static_cast<PageSize>(12 + 9 * (level - 1));
  }
  static constexpr PageSize leaf_size(int level, std::uint64_t /*leaf*/) {
    return page_size(level);
  }

  // ---- What a descriptor is: exactly one of hole, table, leaf and malformed ----

  // Not valid, or a block where there is none: at the last level, and at the manual's level 0.
  template <class Word>
  static constexpr Truth<Word> is_hole(SettingsOver<Word> const& /*settings*/, int level,
                                       Word entry) {
    Truth<Word> const invalid = !truth<Word>(bit(entry, valid_bit));
    if (level != 1 && level <= aarch64::largest_leaf_level) return invalid;
    return either(invalid, !truth<Word>(bit(entry, leads_on_bit)));
  }
  // Whether a valid descriptor maps a page.
  template <class Word>
  static constexpr Truth<Word> has_leaf_shape(int level, Word entry) {
    if (level == 1) return always<Word>(true);
    return !truth<Word>(bit(entry, leads_on_bit));
  }
  // The address bits that are set beyond the machine's, were the descriptor valid.
  template <class Word>
  static constexpr Word reserved_bits(SettingsOver<Word> const& settings, int level, Word entry) {
    return entry & select(has_leaf_shape(level, entry), settings.reserved_in_leaf(level),
                          settings.reserved_in_table(level));
  }
  // An Address size fault.
  template <class Word>
  static constexpr Truth<Word> faults(SettingsOver<Word> const& settings, int level, Word entry) {
    return reserved_bits(settings, level, entry) != Word(0);
  }
  // What an engine writes where nothing is mapped.
  template <class Word>
  static constexpr Word hole_word(SettingsOver<Word> const& /*settings*/, int /*level*/) {
    return Word(0);
  }
  // Whether a table descriptor says nothing but where it leads.
  template <class Word>
  static constexpr Truth<Word> grants_everything(int /*level*/, Word entry) {
    return (entry & Word(~mask_of(Descriptors::pointer, Role::address))) == Word(mask(1, 0));
  }
  // The field table that a descriptor is printed by.
  static constexpr std::span<Field const> fields(int level, std::uint64_t entry) {
    if (bit(entry, valid_bit) == 0) return Descriptors::fields_of(level, EntryKind::hole);
    bool const leads_on = bit(entry, leads_on_bit) != 0;
    if (level == 1 && !leads_on) return Descriptors::fields_of(level, EntryKind::hole);
    return Descriptors::fields_of(level,
                                  level > 1 && leads_on ? EntryKind::table : EntryKind::leaf);
  }

  // ---- Where it leads ----

  template <class Word>
  static constexpr Word table_address(int /*level*/, Word entry) {
    return entry & Word(mask_of(Descriptors::pointer, Role::address));
  }
  // The first byte of the page; the bits that a block has no address in are dropped.
  template <class Word>
  static constexpr Word leaf_address(int level, Word entry) {
    return entry & Word(mask(47, size_log2(page_size(level))));
  }
  template <class Word>
  static constexpr Word output(int level, Word entry, Word address) {
    return leaf_address(level, entry) | (address & Word(mask(size_log2(page_size(level)) - 1, 0)));
  }

  // ---- What else a leaf says; each moved down to bit 0 ----

  // AttrIndx, or MemAttr.
  template <class Word>
  static constexpr Word memory_type(int /*level*/, Word entry) {
    return value(*find(Descriptors::page_4k, Role::memory_type), entry);
  }
  // There are no protection keys.
  template <class Word>
  static constexpr Word key(int /*level*/, Word /*entry*/) {
    return Word(0);
  }
  template <class Word>
  static constexpr Word accessed(int /*level*/, Word entry) {
    return bit(entry, accessed_bit);
  }
  // Whether a write may go through without hardware touching the descriptor, 0 or 1.
  template <class Word>
  static constexpr Word is_write_open(Word entry) {
    return second ? bit(entry, write_bit) : flip<Word>(bit(entry, write_bit));
  }
  // Written since it was clean (docs/contract.md, "Accessed and dirty"): hardware makes a managed
  // page writable when it is written, and software keeps a note where the right is withdrawn.
  template <class Word>
  static constexpr Word dirty(int /*level*/, Word entry) {
    return is_write_open(entry) | bit(entry, dirty_kept_bit);
  }
  static constexpr int software_bits = 3;
  template <class Word>
  static constexpr Word software(int /*level*/, Word entry) {
    return value(*find(Descriptors::page_4k, Role::software), entry);
  }

  // The bits that hardware changes in a leaf, where it changes any.
  static constexpr std::uint64_t accessed_mask(int /*level*/) {
    return std::uint64_t{1} << accessed_bit;
  }
  static constexpr std::uint64_t dirty_mask(int /*level*/) { return std::uint64_t{1} << write_bit; }
  // A writable leaf in its place, not used and not written.
  static constexpr std::uint64_t clean_leaf() {
    return std::uint64_t{1} << write_managed_bit | (second ? 0 : std::uint64_t{1} << write_bit);
  }
  // It sets them, but that stage 1 opens a page by clearing one.
  static constexpr bool hardware_clears = !second;
  // The bits that say between them whether a leaf is writable and whether it was written.
  static constexpr std::uint64_t dirty_field(int /*level*/) {
    return std::uint64_t{1} << write_bit | std::uint64_t{1} << write_managed_bit |
           std::uint64_t{1} << dirty_kept_bit;
  }
};

}  // namespace twinwalk::models
