// What neutral flags mean where a leaf's memory type is a number, three of which they name: which
// sets a leaf can hold, what comes back of them, and what the fields of a leaf say in neutral words
// (docs/contract.md, "Flags"; written from that page).
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// `Rules` says which rights go together (`wrong_rights`, as 0 or 1), what those of a leaf are
// called
// (`neutral_rights`), which numbers are types (`is_type`) and which of them are `ordinary_type`,
// `uncached_type` and `device_type`; and whether a leaf takes USER, holds it, and has GLOBAL.
template <class Rules>
struct TypedFlags : Rules {
  template <class Word>
  using RightsOver = typename Rules::template RightsOver<Word>;

  // Whether a leaf holds exactly these flags.
  template <class Word>
  static constexpr Truth<Word> representable(MachineOptions const& /*options*/,
                                             BasicMappingFlags<Word> flags) {
    Word const typed = neutral::has(flags, Flag::TYPED);
    Word const named = neutral::has(flags, Flag::DEVICE) | neutral::has(flags, Flag::UNCACHED);
    Word const unasked = flags.memory_type() & ~spread(typed);
    Word const refused =
        Rules::wrong_rights(flags) | (typed & named) | unasked | (flags.bits & Word(~known_mask));
    Truth<Word> const type = either(!truth<Word>(typed), Rules::is_type(flags.memory_type()));
    return both(refused == Word(0), type);
  }

  // What a leaf made from representable flags reads back as: a type that a flag can name as that
  // flag, and DEVICE absorbs UNCACHED.
  template <class Word>
  static constexpr BasicMappingFlags<Word> normalise(MachineOptions const& /*options*/,
                                                     BasicMappingFlags<Word> flags) {
    Word const named =
        select(truth<Word>(neutral::has(flags, Flag::DEVICE)), Word(Rules::device_type),
               select(truth<Word>(neutral::has(flags, Flag::UNCACHED)), Word(Rules::uncached_type),
                      Word(Rules::ordinary_type)));
    Word const type =
        select(truth<Word>(neutral::has(flags, Flag::TYPED)), flags.memory_type(), named);
    Word const user = Word(Rules::holds_user ? 0 : neutral::bits(Flag::USER));
    return BasicMappingFlags<Word>((flags.bits & ~Word(type_mask) & ~user) | type_flags(type));
  }

  // What the fields of a well-formed leaf say, the entry alone.
  template <class Word>
  static constexpr BasicMappingFlags<Word> flags_of_leaf(MachineOptions const& options, int level,
                                                         Word entry) {
    return effective_flags(options, Rules::own_rights(level, entry), level, entry);
  }

  // The same with the rights of a whole path.
  template <class Word>
  static constexpr BasicMappingFlags<Word> effective_flags(MachineOptions const& /*options*/,
                                                           RightsOver<Word> const& rights,
                                                           int level, Word entry) {
    return BasicMappingFlags<Word>(Rules::neutral_rights(rights, level, entry) |
                                   type_flags(Rules::memory_type(level, entry)) |
                                   (Rules::software(level, entry) << MappingFlags::software_shift));
  }

  // Whether every physical address from `first` to `last` is one that there is, and they are in
  // order.
  static constexpr bool physical_range_fits(MachineOptions const& options, std::uint64_t first,
                                            std::uint64_t last) {
    return first <= last && (last & ~mask(Rules::physical_bits(options) - 1, 0)) == 0;
  }

 private:
  // A memory type as neutral flags say it.
  template <class Word>
  static constexpr Word type_flags(Word type) {
    Word const own = Word(neutral::bits(Flag::TYPED)) | (type << MappingFlags::memory_type_shift);
    return select(
        type == Word(Rules::ordinary_type), Word(0),
        select(type == Word(Rules::uncached_type), Word(neutral::bits(Flag::UNCACHED)),
               select(type == Word(Rules::device_type), Word(neutral::bits(Flag::DEVICE)), own)));
  }

  static constexpr std::uint64_t type_mask =
      neutral::bits(Flag::DEVICE) | neutral::bits(Flag::UNCACHED) | neutral::bits(Flag::TYPED) |
      neutral::memory_type_field;
  // Every neutral bit that has a meaning, or is taken and not held.
  static constexpr std::uint64_t known_mask =
      neutral::bits(Flag::READ) | neutral::bits(Flag::WRITE) | neutral::bits(Flag::EXECUTE) |
      type_mask | (Rules::takes_user ? neutral::bits(Flag::USER) : 0) |
      (Rules::has_global ? neutral::bits(Flag::GLOBAL) : 0) |
      (mask(Rules::software_bits - 1, 0) << MappingFlags::software_shift);
};

}  // namespace twinwalk::models
