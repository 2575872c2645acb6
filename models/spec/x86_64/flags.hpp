// What neutral flags mean on x86-64: which sets a leaf can hold, what comes back of them, and what
// the fields of a leaf say in neutral words (docs/contract.md, "Flags"; written from that page).
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/rules.hpp"

namespace twinwalk::models {

struct X86_64Flags : X86_64Rules {
  // The PAT indices that neutral flags can name; the processor resets IA32_PAT to give them these
  // types, and the engine relies on it: 0 write-back, 2 UC-, 3 UC.
  static constexpr std::uint64_t ordinary_type = 0;
  static constexpr std::uint64_t uncached_type = 2;
  static constexpr std::uint64_t device_type = 3;
  static constexpr std::uint64_t type_max = 7;

  // Whether leaves of this size exist on the machine.
  static constexpr bool supports(MachineOptions const& options, PageSize size) {
    if (size == PageSize::Size1G) return options.gigabyte_pages;
    return size == PageSize::Size4K || size == PageSize::Size2M;
  }

  // What the machine sets by itself: every x86-64 processor sets both, whatever the options say.
  static constexpr HardwareUpdates hardware_updates(MachineOptions const& /*options*/) {
    return HardwareUpdates::accessed_and_dirty;
  }

  // Whether a leaf holds exactly these flags. Presence means READ; without NXE it means EXECUTE
  // too.
  template <class Word>
  static constexpr Truth<Word> representable(MachineOptions const& options,
                                             BasicMappingFlags<Word> flags) {
    Word const required =
        Word(neutral::bits(Flag::READ) | (options.no_execute ? 0 : neutral::bits(Flag::EXECUTE)));
    Word const key_bits = flags.bits & Word(options.protection_keys ? 0 : neutral::key_field);
    Word const typed = neutral::has(flags, Flag::TYPED);
    Word const unasked_type = flags.memory_type() & ~spread(typed);
    Word const unknown_type = flags.memory_type() & Word(~type_max);
    Word const twice_typed =
        typed & (neutral::has(flags, Flag::DEVICE) | neutral::has(flags, Flag::UNCACHED));
    Word const refused = (required & ~flags.bits) | (flags.bits & Word(~known_mask)) | key_bits |
                         unasked_type | unknown_type | twice_typed;
    return refused == Word(0);
  }

  // What a leaf made from representable flags reads back as. A type that a neutral flag can name
  // comes back as that flag; DEVICE absorbs UNCACHED.
  template <class Word>
  static constexpr BasicMappingFlags<Word> normalise(MachineOptions const& /*options*/,
                                                     BasicMappingFlags<Word> flags) {
    Word const device = neutral::has(flags, Flag::DEVICE);
    Word const uncached = neutral::has(flags, Flag::UNCACHED);
    Word const named =
        select(truth<Word>(device), Word(device_type),
               select(truth<Word>(uncached), Word(uncached_type), Word(ordinary_type)));
    Word const type =
        select(truth<Word>(neutral::has(flags, Flag::TYPED)), flags.memory_type(), named);
    return BasicMappingFlags<Word>((flags.bits & Word(~type_mask)) | type_flags(type));
  }

  // What the fields of a well-formed leaf say, the entry alone: the rights of its tables are not in
  // it. Key bits mean nothing where keys are off.
  template <class Word>
  static constexpr BasicMappingFlags<Word> flags_of_leaf(MachineOptions const& options, int level,
                                                         Word entry) {
    return effective_flags(options, own_rights(level, entry), level, entry);
  }

  // The same with the rights of a whole path: what an access through the tables really gets.
  template <class Word>
  static constexpr BasicMappingFlags<Word> effective_flags(MachineOptions const& options,
                                                           RightsOver<Word> const& rights,
                                                           int level, Word entry) {
    Word const key_value = options.protection_keys ? key(level, entry) : Word(0);
    return BasicMappingFlags<Word>(neutral_rights<Word>(rights).bits |
                                   type_flags(memory_type(level, entry)) |
                                   neutral::place(bit(entry, x86_64::global_bit), Flag::GLOBAL) |
                                   (key_value << MappingFlags::key_shift) |
                                   (software(level, entry) << MappingFlags::software_shift));
  }

  // READ, WRITE, EXECUTE and USER of a path. A page of user mode has the user's rights; a page of
  // the supervisor has the supervisor's, with CR0.WP = 1.
  template <class Word>
  static constexpr BasicMappingFlags<Word> neutral_rights(RightsOver<Word> const& rights) {
    return BasicMappingFlags<Word>(
        Word(neutral::bits(Flag::READ)) | neutral::place(rights.writable, Flag::WRITE) |
        neutral::place(flip<Word>(rights.not_executable), Flag::EXECUTE) |
        neutral::place(rights.user, Flag::USER));
  }

  // ---- Ranges of physical addresses ----

  // Whether every address from `first` to `last` lies below the machine's width, and they are in
  // order.
  static constexpr bool physical_range_fits(MachineOptions const& options, std::uint64_t first,
                                            std::uint64_t last) {
    return first <= last && (last & ~mask(physical_bits(options) - 1, 0)) == 0;
  }

 private:
  // A PAT index as neutral flags say it.
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
  // Every neutral bit that this format gives a meaning.
  static constexpr std::uint64_t known_mask =
      neutral::bits(Flag::READ) | neutral::bits(Flag::WRITE) | neutral::bits(Flag::EXECUTE) |
      neutral::bits(Flag::USER) | neutral::bits(Flag::GLOBAL) | type_mask | neutral::key_field |
      (mask(software_bits - 1, 0) << MappingFlags::software_shift);
};

}  // namespace twinwalk::models
