// The machine that a proof runs on: every option free, so that one proof serves every machine.
#pragma once

#include <string>

#include "engine/api.hpp"
#include "proofs/explorer.hpp"
#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

struct MachineSymbols {
  static constexpr int physical_bits_min = 32;
  static constexpr int physical_bits_max = 52;

  // The addresses below MAXPHYADDR: bits below the least width there is, and some above them.
  SymWord above_least = free_word("physical_mask", physical_bits_max - physical_bits_min);
  SymWord physical_mask =
      (above_least << physical_bits_min) | SymWord((std::uint64_t{1} << physical_bits_min) - 1);
  SymBool no_execute = free_bool("no_execute");
  SymBool protection_keys = free_bool("protection_keys");
  SymBool gigabyte_pages = free_bool("gigabyte_pages");
  SymBool amd = free_bool("amd");  // it reserves what only AMD reserves

  // The physical mask is that of some width: there is no 0 below a 1.
  SymBool is_a_machine() const { return ((above_least >> 1) & ~above_least) == SymWord(0); }

  // What `function` makes of the options, as MachineOptions names them one by one, for whichever of
  // them this machine has. Its width and its page sizes are left at their defaults.
  template <class Function>
  auto of_options(Function function) const {
    auto const with = [&](bool nx, bool keys) {
      MachineOptions options;
      options.no_execute = nx;
      options.protection_keys = keys;
      return function(options);
    };
    return select(no_execute, select(protection_keys, with(true, true), with(true, false)),
                  select(protection_keys, with(false, true), with(false, false)));
  }
};

inline SymWord as_word(SymBool const& condition) {
  return select(condition, SymWord(1), SymWord(0));
}

}  // namespace twinwalk::proofs
