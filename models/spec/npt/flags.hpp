// What neutral flags mean in nested page tables: which sets a leaf can hold, what comes back of
// them, and what the fields of a leaf say in neutral words (docs/contract.md, "Flags").
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/npt/rules.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/flags.hpp"

namespace twinwalk::models {

struct NptFlags : NptRules {
  // The host's PAT says which type an index is; the engine relies on its first four entries being
  // what a reset leaves there, as on the host itself.
  static constexpr std::uint64_t ordinary_type = X86_64Flags::ordinary_type;
  static constexpr std::uint64_t uncached_type = X86_64Flags::uncached_type;
  static constexpr std::uint64_t device_type = X86_64Flags::device_type;
  static constexpr std::uint64_t type_max = X86_64Flags::type_max;

  // Whether leaves of this size exist on the machine.
  static constexpr bool supports(MachineOptions const& options, PageSize size) {
    return X86_64Flags::supports(options, size);
  }

  // What the machine sets by itself: always both.
  static constexpr HardwareUpdates hardware_updates(MachineOptions const& /*options*/) {
    return HardwareUpdates::accessed_and_dirty;
  }

  // Whether a leaf holds exactly these flags: those that the host could, but GLOBAL and keys.
  template <class Word>
  static constexpr Truth<Word> representable(MachineOptions const& options,
                                             BasicMappingFlags<Word> flags) {
    Word const missing = flags.bits & Word(neutral::bits(Flag::GLOBAL) | neutral::key_field);
    return both(X86_64Flags::representable(options, flags), missing == Word(0));
  }

  // What a leaf made from representable flags reads back as: what the host would say, without USER,
  // which every leaf has.
  template <class Word>
  static constexpr BasicMappingFlags<Word> normalise(MachineOptions const& options,
                                                     BasicMappingFlags<Word> flags) {
    return BasicMappingFlags<Word>(X86_64Flags::normalise(options, flags).bits &
                                   Word(~neutral::bits(Flag::USER)));
  }

  // What the fields of a well-formed leaf say, the entry alone: the rights of its tables are not in
  // it.
  template <class Word>
  static constexpr BasicMappingFlags<Word> flags_of_leaf(MachineOptions const& options, int level,
                                                         Word entry) {
    return effective_flags(options, own_rights(level, entry), level, entry);
  }

  // The same with the rights of a whole path: what an access through the tables really gets, which
  // is nothing where U/S is 0.
  template <class Word>
  static constexpr BasicMappingFlags<Word> effective_flags(MachineOptions const& options,
                                                           RightsOver<Word> const& rights,
                                                           int level, Word entry) {
    constexpr std::uint64_t others = neutral::bits(Flag::GLOBAL) | neutral::key_field |
                                     neutral::bits(Flag::USER) | neutral::bits(Flag::READ) |
                                     neutral::bits(Flag::WRITE) | neutral::bits(Flag::EXECUTE);
    Word const rest = X86_64Flags::effective_flags(options, rights, level, entry).bits;
    Word const executable = flip<Word>(rights.not_executable);
    return BasicMappingFlags<Word>((rest & Word(~others)) |
                                   neutral::place(rights.user, Flag::READ) |
                                   neutral::place(rights.user & rights.writable, Flag::WRITE) |
                                   neutral::place(rights.user & executable, Flag::EXECUTE));
  }

  // Whether every physical address from `first` to `last` lies below the machine's width, and they
  // are in order.
  static constexpr bool physical_range_fits(MachineOptions const& options, std::uint64_t first,
                                            std::uint64_t last) {
    return X86_64Flags::physical_range_fits(options, first, last);
  }
};

}  // namespace twinwalk::models
