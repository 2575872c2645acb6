// What neutral flags mean on RISC-V: which sets a leaf can hold, what comes back of them, and what
// the fields of a leaf say in neutral words (docs/contract.md, "Flags"; written from that page).
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/riscv/rules.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

template <RiscvStage Stage>
struct RiscvFlags : RiscvRules<Stage> {
  using Rules = RiscvRules<Stage>;
  template <class Word>
  using RightsOver = typename Rules::template RightsOver<Word>;

  // PBMT as neutral flags name it: as the platform has it, NC, IO.
  static constexpr std::uint64_t ordinary_type = 0;
  static constexpr std::uint64_t uncached_type = 1;
  static constexpr std::uint64_t device_type = 2;
  static constexpr std::uint64_t type_max = 2;

  // What the hart sets by itself: both or neither.
  static constexpr HardwareUpdates hardware_updates(MachineOptions const& options) {
    return options.hardware_updates == HardwareUpdates::accessed_and_dirty
               ? HardwareUpdates::accessed_and_dirty
               : HardwareUpdates::none;
  }

  // Whether a leaf holds exactly these flags: some right, WRITE only with READ, a type only where
  // PBMT says one.
  template <class Word>
  static constexpr Truth<Word> representable(MachineOptions const& options,
                                             BasicMappingFlags<Word> flags) {
    Word const readable = neutral::has(flags, Flag::READ);
    Word const right = readable | neutral::has(flags, Flag::EXECUTE);
    Word const unreadable = neutral::has(flags, Flag::WRITE) & flip<Word>(readable);
    Word const typed = neutral::has(flags, Flag::TYPED);
    Word const named = neutral::has(flags, Flag::DEVICE) | neutral::has(flags, Flag::UNCACHED);
    Word const unasked = flags.memory_type() & ~spread(typed);
    Word const type = flags.memory_type();
    Truth<Word> const no_type = !either(type == Word(0), either(type == Word(1), type == Word(2)));
    std::uint64_t const known =
        known_mask |
        (options.page_memory_types ? neutral::bits(Flag::TYPED) | neutral::memory_type_field : 0) |
        (Rules::second ? 0 : neutral::bits(Flag::GLOBAL));
    Word const refused =
        flip<Word>(right) | unreadable | (typed & named) | unasked | (flags.bits & Word(~known));
    return both(refused == Word(0), !no_type);
  }

  // What a leaf made from representable flags reads back as. Without PBMT the platform decides the
  // type; with it one that a flag can name comes back as that flag, and DEVICE absorbs UNCACHED.
  template <class Word>
  static constexpr BasicMappingFlags<Word> normalise(MachineOptions const& options,
                                                     BasicMappingFlags<Word> flags) {
    Word const named = select(truth<Word>(neutral::has(flags, Flag::DEVICE)), Word(device_type),
                              neutral::has(flags, Flag::UNCACHED));
    Word const type =
        select(truth<Word>(neutral::has(flags, Flag::TYPED)), flags.memory_type(), named);
    Word const user = Word(Rules::second ? neutral::bits(Flag::USER) : 0);
    Word const kept = flags.bits & ~Word(type_mask) & ~user;
    return BasicMappingFlags<Word>(kept | (options.page_memory_types ? type_flags(type) : Word(0)));
  }

  // What the fields of a well-formed leaf say, the entry alone.
  template <class Word>
  static constexpr BasicMappingFlags<Word> flags_of_leaf(MachineOptions const& options, int level,
                                                         Word entry) {
    return effective_flags(options, Rules::own_rights(level, entry), level, entry);
  }

  // The same for a whole path, where a G above makes the leaf global.
  template <class Word>
  static constexpr BasicMappingFlags<Word> effective_flags(MachineOptions const& /*options*/,
                                                           RightsOver<Word> const& rights,
                                                           int level, Word entry) {
    Word const usable = Rules::usable(rights);
    Word const first = Word(Rules::second ? 0U : 1U);
    return BasicMappingFlags<Word>(neutral::place(rights.readable & usable, Flag::READ) |
                                   neutral::place(rights.writable & usable, Flag::WRITE) |
                                   neutral::place(rights.executable & usable, Flag::EXECUTE) |
                                   neutral::place(rights.user & first, Flag::USER) |
                                   neutral::place(rights.global & first, Flag::GLOBAL) |
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
  // PBMT as neutral flags say it; 3 is none.
  template <class Word>
  static constexpr Word type_flags(Word type) {
    return neutral::place(bit(type, 0), Flag::UNCACHED) |
           neutral::place(bit(type, 1), Flag::DEVICE);
  }

  static constexpr std::uint64_t type_mask =
      neutral::bits(Flag::DEVICE) | neutral::bits(Flag::UNCACHED) | neutral::bits(Flag::TYPED) |
      neutral::memory_type_field;
  // Every neutral bit that has a meaning on every hart, or is taken and not held.
  static constexpr std::uint64_t known_mask =
      neutral::bits(Flag::READ) | neutral::bits(Flag::WRITE) | neutral::bits(Flag::EXECUTE) |
      neutral::bits(Flag::USER) | neutral::bits(Flag::DEVICE) | neutral::bits(Flag::UNCACHED) |
      (mask(RiscvReading::software_bits - 1, 0) << MappingFlags::software_shift);
};

}  // namespace twinwalk::models
