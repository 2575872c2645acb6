// The machine that a proof runs on: every option that its format asks for is free, so that one
// proof serves every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/api.hpp"
#include "proofs/explorer.hpp"
#include "proofs/memory_file.hpp"
#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

struct MachineSymbols {
  static constexpr int physical_bits_min = 32;
  static constexpr int physical_bits_max = 52;

  // The addresses below MAXPHYADDR: bits below the least width there is, and some above them.
  SymWord above_least = free_word("physical_mask", physical_bits_max - physical_bits_min);
  SymWord physical_mask =
      (above_least << physical_bits_min) | SymWord((std::uint64_t{1} << physical_bits_min) - 1);
  // Those of machine_switches, in their order, as by default until a format lets them be free.
  std::array<SymBool, machine_switches.size()> switches = by_default();
  SymBool amd{false};     // it reserves what only AMD reserves
  SymWord void_frame{0};  // what empty directory entries lead to, where a format has such

  SymBool& operator[](MachineSwitch one) { return switches[static_cast<std::size_t>(one)]; }
  SymBool const& operator[](MachineSwitch one) const {
    return switches[static_cast<std::size_t>(one)];
  }
  void let_free(MachineSwitch one) {
    (*this)[one] = free_bool(std::string(machine_switches[static_cast<std::size_t>(one)].name));
  }

  // The physical mask is that of some width: there is no 0 below a 1.
  SymBool is_a_machine() const { return ((above_least >> 1) & ~above_least) == SymWord(0); }

  // What `function` makes of the options, as MachineOptions names them one by one, for whichever of
  // them this machine has. Its width and its page sizes are left at their defaults.
  template <class Function>
  auto of_options(Function function) const {
    return of_rest<0>(function, MachineOptions{});
  }
  // The same of one field of an engine's options.
  template <class Options>
  SymWord of_field(SymWord Options::* member) const {
    return of_options([&](MachineOptions const& concrete) { return Options(concrete).*member; });
  }

 private:
  static std::array<SymBool, machine_switches.size()> by_default() {
    std::array<SymBool, machine_switches.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = SymBool(machine_switches[i].get(MachineOptions{}));
    }
    return all;
  }

  template <std::size_t First, class Function>
  auto of_rest(Function const& function, MachineOptions options) const {
    if constexpr (First == machine_switches.size()) {
      return function(options);
    } else if constexpr (First == static_cast<std::size_t>(MachineSwitch::gigabyte_pages)) {
      return of_rest<First + 1>(function, options);
    } else {
      auto const with = [&](bool value) {
        machine_switches[First].set(options, value);
        return of_rest<First + 1>(function, options);
      };
      SymBool const& here = switches[First];
      if (here.is_true() || here.is_false()) return with(here.is_true());
      return select(here, with(true), with(false));
    }
  }
};

inline SymWord as_word(SymBool const& condition) {
  return select(condition, SymWord(1), SymWord(0));
}

}  // namespace twinwalk::proofs
