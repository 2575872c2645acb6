// What one RISC-V entry is, where it leads and what it grants, read from the field tables.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <span>

#include "engine/api.hpp"
#include "models/spec/entry_kinds.hpp"
#include "models/spec/field.hpp"
#include "models/spec/riscv/settings.hpp"
#include "models/spec/riscv/tables.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// What a path grants: all of it is the leaf's, but that a G above makes it global.
template <class Word>
struct BasicRiscvRights {
  Word readable{1};
  Word writable{1};
  Word executable{1};
  Word user{1};
  Word global{0};

  friend bool operator==(BasicRiscvRights const&, BasicRiscvRights const&)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

namespace riscv {

constexpr int position(Role role) { return find(page_4k, role)->lo; }
inline constexpr int valid_bit = position(Role::present);
inline constexpr int readable_bit = position(Role::readable);
inline constexpr int writable_bit = position(Role::writable);
inline constexpr int executable_bit = position(Role::executable);
inline constexpr int user_bit = position(Role::user);
inline constexpr int global_bit = position(Role::global);
inline constexpr int accessed_bit = position(Role::accessed);
inline constexpr int dirty_bit = position(Role::dirty);
inline constexpr int contiguous_bit = position(Role::contiguous);
inline constexpr Field memory_type_field = *find(page_4k, Role::memory_type);
inline constexpr Field software_field = *find(page_4k, Role::software);
// Of the 16 entries of a NAPOT page each has these low PPN bits, which say how many they are.
inline constexpr std::uint64_t napot_64k = 0x8;

}  // namespace riscv

struct RiscvReading : EntryKinds<RiscvReading, BasicRiscvSettings> {
  template <class Word>
  using SettingsOver = BasicRiscvSettings<Word>;
  template <class Word>
  using RightsOver = BasicRiscvRights<Word>;
  using Settings = SettingsOver<std::uint64_t>;
  using Rights = RightsOver<std::uint64_t>;

  // The size of the leaves of a level.
  static constexpr PageSize page_size(int level) {
    return static_cast<PageSize>(12 + 9 * (level - 1));
  }
  // The size of one leaf: of the page that a NAPOT entry maps together with its neighbours.
  static constexpr PageSize leaf_size(int level, std::uint64_t leaf) {
    if (level == 1 && bit(leaf, riscv::contiguous_bit) != 0) return static_cast<PageSize>(16);
    return page_size(level);
  }

  // ---- What an entry is: exactly one of hole, table, leaf and malformed ----

  template <class Word>
  static constexpr Truth<Word> is_hole(SettingsOver<Word> const& /*settings*/, int /*level*/,
                                       Word entry) {
    return !truth<Word>(bit(entry, riscv::valid_bit));
  }
  // Whether a valid entry would map a page, were it well formed.
  template <class Word>
  static constexpr Truth<Word> has_leaf_shape(int /*level*/, Word entry) {
    return truth<Word>(extract(entry, riscv::executable_bit, riscv::readable_bit));
  }
  // The reserved bits that are set, were the entry valid.
  template <class Word>
  static constexpr Word reserved_bits(SettingsOver<Word> const& settings, int level, Word entry) {
    return entry & select(has_leaf_shape(level, entry), settings.reserved_in_leaf(level),
                          settings.reserved_in_table(level));
  }
  // Whether a valid entry faults whatever is asked of it: a reserved bit, a reserved combination of
  // R and W, a pointer where there is no next level, a memory type or a NAPOT size that is none.
  template <class Word>
  static constexpr Truth<Word> faults(SettingsOver<Word> const& settings, int level, Word entry) {
    Word const unreadable =
        bit(entry, riscv::writable_bit) & flip<Word>(bit(entry, riscv::readable_bit));
    Truth<Word> const ends = both(always<Word>(level == 1), !has_leaf_shape(level, entry));
    Truth<Word> const no_type = value(riscv::memory_type_field, entry) == Word(3);
    Truth<Word> const contiguous = truth<Word>(bit(entry, riscv::contiguous_bit));
    Truth<Word> const no_size =
        !(extract(entry, riscv::ppn_lo + 3, riscv::ppn_lo) == Word(riscv::napot_64k));
    Truth<Word> const wrong_leaf =
        both(has_leaf_shape(level, entry),
             either(no_type, both(both(always<Word>(level == 1), contiguous), no_size)));
    return either(either(reserved_bits(settings, level, entry) != Word(0), truth(unreadable)),
                  either(ends, wrong_leaf));
  }
  // What an engine writes where nothing is mapped.
  template <class Word>
  static constexpr Word hole_word(SettingsOver<Word> const& /*settings*/, int /*level*/) {
    return Word(0);
  }
  // Whether a pointer says nothing but where it leads.
  template <class Word>
  static constexpr Truth<Word> grants_everything(int /*level*/, Word entry) {
    return (entry & Word(~mask_of(riscv::pointer, Role::address))) ==
           Word(std::uint64_t{1} << riscv::valid_bit);
  }
  // The field table that an entry is printed by; a pointer where none may be is printed as one.
  static constexpr std::span<Field const> fields(int level, std::uint64_t entry) {
    if (bit(entry, riscv::valid_bit) == 0) return riscv::fields_of(level, EntryKind::hole);
    if (!has_leaf_shape(level, entry)) return riscv::pointer;
    return riscv::fields_of(level, EntryKind::leaf);
  }

  // ---- Where it leads ----

  // The next table, for a pointer.
  template <class Word>
  static constexpr Word table_address(int /*level*/, Word entry) {
    return (entry & Word(mask_of(riscv::pointer, Role::address))) << 2;
  }
  // The first byte of the page, for a leaf. The low bits of a NAPOT page's PPN are no address.
  template <class Word>
  static constexpr Word leaf_address(int level, Word entry) {
    Word const frame = (entry & Word(riscv::leaf_masks[static_cast<std::size_t>(level)].address))
                       << 2;
    if (level != 1) return frame;
    Word const size_bits = spread<Word>(bit(entry, riscv::contiguous_bit)) & Word(mask(15, 12));
    return frame & ~size_bits;
  }
  // What a leaf of this level translates an address to.
  template <class Word>
  static constexpr Word output(int level, Word entry, Word address) {
    Word const inside = Word(mask(size_log2(page_size(level)) - 1, 0));
    if (level != 1) return leaf_address(level, entry) | (address & inside);
    Word const napot = spread<Word>(bit(entry, riscv::contiguous_bit)) & Word(mask(15, 12));
    return leaf_address(level, entry) | (address & (inside | napot));
  }

  // ---- What it grants ----

  template <class Word>
  static constexpr RightsOver<Word> combine(RightsOver<Word> const& above, int level, Word entry) {
    Truth<Word> const leaf = has_leaf_shape(level, entry);
    auto const take = [&](Word const& kept, int at) { return select(leaf, bit(entry, at), kept); };
    return {take(above.readable, riscv::readable_bit), take(above.writable, riscv::writable_bit),
            take(above.executable, riscv::executable_bit), take(above.user, riscv::user_bit),
            above.global | bit(entry, riscv::global_bit)};
  }
  // The rights of an entry alone.
  template <class Word>
  static constexpr RightsOver<Word> own_rights(int level, Word entry) {
    return combine(RightsOver<Word>{}, level, entry);
  }

  // ---- What else a leaf says; each moved down to bit 0 ----

  // PBMT: 0 as the platform has it, 1 NC, 2 IO.
  template <class Word>
  static constexpr Word memory_type(int /*level*/, Word entry) {
    return value(riscv::memory_type_field, entry);
  }
  // There are no protection keys.
  template <class Word>
  static constexpr Word key(int /*level*/, Word /*entry*/) {
    return Word(0);
  }
  template <class Word>
  static constexpr Word accessed(int /*level*/, Word entry) {
    return bit(entry, riscv::accessed_bit);
  }
  template <class Word>
  static constexpr Word dirty(int /*level*/, Word entry) {
    return bit(entry, riscv::dirty_bit);
  }
  // RSW.
  static constexpr int software_bits = 2;
  template <class Word>
  static constexpr Word software(int /*level*/, Word entry) {
    return value(riscv::software_field, entry);
  }

  // The bits that hardware sets in a leaf, where it sets any.
  static constexpr std::uint64_t accessed_mask(int /*level*/) {
    return std::uint64_t{1} << riscv::accessed_bit;
  }
  static constexpr std::uint64_t dirty_mask(int /*level*/) {
    return std::uint64_t{1} << riscv::dirty_bit;
  }
};

}  // namespace twinwalk::models
