#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/api.hpp"
#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// The one machine of the proofs, all of whose options are free, is every machine there is; and
// engine and spec understand the options of each alike. Each architecture says in proofs/formats/
// what that means for its own: `same_options<Format, S>` and `same_settings<S>`.
struct OptionsAgree {
  static constexpr std::string_view name = "options-agree";
  static constexpr std::string_view statement =
      "For every MAXPHYADDR from 32 to 52, with and without each option that the format asks for, "
      "engine and spec make the same machine of the options: the same widest address, sizes, flags "
      "and reserved bits; and the machines that the proofs speak of are these and no other.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SymWord const physical_mask = layout.spec.machine().physical_mask;
    SymBool known(false);
    for (int bits = MachineSymbols::physical_bits_min; bits <= MachineSymbols::physical_bits_max;
         ++bits) {
      MachineOptions options;
      options.physical_bits = static_cast<std::uint8_t>(bits);
      known = either(known, physical_mask == SymWord(models::mask(bits - 1, 0)));
      prove_machines(layout, options, 0, fmt::format("{} bits", bits));
    }
    layout.prove("no other machine", SymBool(true), known, {{"physical mask", physical_mask}});
  }

 private:
  // Every choice of the switches from `first` on that the format lets be free.
  template <class Format, class S>
  static void prove_machines(Layout<Format, S>& layout, MachineOptions options, std::size_t first,
                             std::string const& at) {
    if (first == machine_switches.size()) {
      prove_machine(layout, options, at);
      return;
    }
    SymBool const& here = layout.spec.machine().switches[first];
    if (here.is_true() || here.is_false()) {
      prove_machines(layout, options, first + 1, at);
      return;
    }
    for (bool const value : {true, false}) {
      machine_switches[first].set(options, value);
      prove_machines(layout, options, first + 1,
                     fmt::format("{}, {}={}", at, machine_switches[first].name, value));
    }
  }

  // That the free options are those of one machine.
  template <class Format, class S>
  static SymBool is_machine(Layout<Format, S> const& layout, MachineOptions const& options) {
    MachineSymbols const& machine = layout.spec.machine();
    // An address has no more bits than an entry has room for.
    int const bits = std::min<int>(options.physical_bits, Format::physical_bits_max);
    SymBool is = machine.physical_mask == SymWord(models::mask(bits - 1, 0));
    for (std::size_t i = 0; i < machine_switches.size(); ++i) {
      is = both(is, same(machine.switches[i], SymBool(machine_switches[i].get(options))));
    }
    return is;
  }

  template <class Format, class S>
  static void prove_machine(Layout<Format, S>& layout, MachineOptions const& options,
                            std::string const& at) {
    SymBool const here = is_machine(layout, options);
    typename Format::template Options<SymWord> const shipped(options);
    layout.prove(at + ": the engine's options", here,
                 both(same_sizes<Format, S>(options),
                      same_options<Format, S>(layout.spec.machine(), options)),
                 {});
    layout.prove(at + ": the spec's settings", here,
                 same_settings<S>(layout.spec.machine(), layout.spec.settings(), options), {});
    SymFlags const flags(free_word("flags"));
    layout.prove_same(at + ": the flags that leaves hold", here,
                      Format::representable(shipped, flags), S::representable(options, flags),
                      {{"flags", flags.bits}});
  }

  template <class Format, class S>
  static SymBool same_sizes(MachineOptions const& options) {
    typename Format::template Options<std::uint64_t> const shipped(options);
    constexpr std::array sizes{PageSize::Size4K, PageSize::Size2M, PageSize::Size1G,
                               PageSize::Size512G, PageSize::Size256T};
    bool agree = true;
    for (PageSize const size : sizes) {
      agree = agree && Format::supports(shipped, size) == S::supports(options, size);
    }
    return SymBool(agree);
  }
};

}  // namespace twinwalk::proofs
