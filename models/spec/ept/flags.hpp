// What neutral flags mean on EPT: which sets a leaf can hold, what comes back of them, and what the
// fields of a leaf say in neutral words (docs/contract.md, "Flags"; written from that page).
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/ept/rules.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

struct EptFlags : EptRules {
  // The memory types that neutral flags can name: WB, WC and UC.
  static constexpr std::uint64_t ordinary_type = 6;
  static constexpr std::uint64_t uncached_type = 1;
  static constexpr std::uint64_t device_type = 0;
  static constexpr std::uint64_t type_max = 6;

  // Whether leaves of this size exist on the machine.
  static constexpr bool supports(MachineOptions const& options, PageSize size) {
    if (size == PageSize::Size1G) return options.gigabyte_pages;
    return size == PageSize::Size4K || size == PageSize::Size2M;
  }

  // What the machine sets by itself: both or neither.
  static constexpr HardwareUpdates hardware_updates(MachineOptions const& options) {
    return options.hardware_updates == HardwareUpdates::accessed_and_dirty
               ? HardwareUpdates::accessed_and_dirty
               : HardwareUpdates::none;
  }

  // Whether a leaf holds exactly these flags: it is readable, or it is fetched from alone where the
  // processor can do that.
  template <class Word>
  static constexpr Truth<Word> representable(MachineOptions const& options,
                                             BasicMappingFlags<Word> flags) {
    Word const readable = neutral::has(flags, Flag::READ);
    Word const writable = neutral::has(flags, Flag::WRITE);
    Word const executable = neutral::has(flags, Flag::EXECUTE);
    Word const fetched_alone =
        executable & flip<Word>(writable) & Word(options.execute_only ? 1U : 0U);
    Word const typed = neutral::has(flags, Flag::TYPED);
    Word const type = flags.memory_type();
    Truth<Word> const is_type =
        either(either(type == Word(0), type == Word(1)),
               either(either(type == Word(4), type == Word(5)), type == Word(6)));
    Truth<Word> const type_fits =
        select(truth<Word>(typed),
               as_word<Word>(both(is_type, (neutral::has(flags, Flag::DEVICE) |
                                            neutral::has(flags, Flag::UNCACHED)) == Word(0))),
               as_word<Word>(type == Word(0))) == Word(1);
    return both(both(truth<Word>(readable | fetched_alone), type_fits),
                (flags.bits & Word(~known_mask)) == Word(0));
  }

  // What a leaf made from representable flags reads back as. A type that a neutral flag can name
  // comes back as that flag; DEVICE absorbs UNCACHED; USER is not held.
  template <class Word>
  static constexpr BasicMappingFlags<Word> normalise(MachineOptions const& /*options*/,
                                                     BasicMappingFlags<Word> flags) {
    Word const named = select(truth<Word>(neutral::has(flags, Flag::DEVICE)), Word(device_type),
                              select(truth<Word>(neutral::has(flags, Flag::UNCACHED)),
                                     Word(uncached_type), Word(ordinary_type)));
    Word const type =
        select(truth<Word>(neutral::has(flags, Flag::TYPED)), flags.memory_type(), named);
    Word const kept = flags.bits & Word(~(type_mask | neutral::bits(Flag::USER)));
    return BasicMappingFlags<Word>(kept | type_flags(type));
  }

  // What the fields of a well-formed leaf say, the entry alone: the rights of its tables are not in
  // it.
  template <class Word>
  static constexpr BasicMappingFlags<Word> flags_of_leaf(MachineOptions const& options, int level,
                                                         Word entry) {
    return effective_flags(options, own_rights(level, entry), level, entry);
  }

  // The same with the rights of a whole path: what an access through the tables really gets.
  // EXECUTE takes both rights to fetch where they are told apart.
  template <class Word>
  static constexpr BasicMappingFlags<Word> effective_flags(MachineOptions const& options,
                                                           RightsOver<Word> const& rights,
                                                           int level, Word entry) {
    Word const for_user = options.mode_based_execute ? rights.executable_user : Word(1);
    return BasicMappingFlags<Word>(neutral::place(rights.readable, Flag::READ) |
                                   neutral::place(rights.writable, Flag::WRITE) |
                                   neutral::place(rights.executable & for_user, Flag::EXECUTE) |
                                   neutral::place(ignore_pat(level, entry), Flag::IGNORE_PAT) |
                                   type_flags(memory_type(level, entry)) |
                                   (software(level, entry) << MappingFlags::software_shift));
  }

  // ---- Ranges of physical addresses ----

  // Whether every address from `first` to `last` lies below the machine's width, and they are in
  // order.
  static constexpr bool physical_range_fits(MachineOptions const& options, std::uint64_t first,
                                            std::uint64_t last) {
    return first <= last && (last & ~mask(physical_bits(options) - 1, 0)) == 0;
  }

 private:
  // A memory type as neutral flags say it.
  template <class Word>
  static constexpr Word type_flags(Word type) {
    Word const named = Word(neutral::bits(Flag::TYPED)) | (type << MappingFlags::memory_type_shift);
    return select(
        type == Word(ordinary_type), Word(0),
        select(type == Word(uncached_type), Word(neutral::bits(Flag::UNCACHED)),
               select(type == Word(device_type), Word(neutral::bits(Flag::DEVICE)), named)));
  }

  static constexpr std::uint64_t type_mask =
      neutral::bits(Flag::DEVICE) | neutral::bits(Flag::UNCACHED) | neutral::bits(Flag::TYPED) |
      neutral::memory_type_field;
  // Every neutral bit that this format gives a meaning, or takes and does not hold.
  static constexpr std::uint64_t known_mask =
      neutral::bits(Flag::READ) | neutral::bits(Flag::WRITE) | neutral::bits(Flag::EXECUTE) |
      neutral::bits(Flag::USER) | neutral::bits(Flag::IGNORE_PAT) | type_mask |
      (mask(software_bits - 1, 0) << MappingFlags::software_shift);
};

}  // namespace twinwalk::models
