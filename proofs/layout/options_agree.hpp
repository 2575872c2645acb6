#pragma once

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <string>

#include "engine/api.hpp"
#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// The one machine of the proofs, all of whose options are free, is every machine there is; and
// engine and spec understand the options of each alike.
struct OptionsAgree {
  static constexpr std::string_view name = "options-agree";
  static constexpr std::string_view statement =
      "For every MAXPHYADDR from 32 to 52, with and without NXE, keys and 1-GByte pages, engine "
      "and spec make the same machine of the options: the same widest address, sizes, flags and "
      "reserved bits; and the machines that the proofs speak of are these and no other.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SymWord const physical_mask = layout.spec.machine().physical_mask;
    SymBool known(false);
    for (int bits = MachineSymbols::physical_bits_min; bits <= MachineSymbols::physical_bits_max;
         ++bits) {
      known = either(known, physical_mask == SymWord(models::mask(bits - 1, 0)));
      for (int others = 0; others < 8; ++others) {
        MachineOptions options;
        options.physical_bits = static_cast<std::uint8_t>(bits);
        options.no_execute = (others & 1) != 0;
        options.protection_keys = (others & 2) != 0;
        options.gigabyte_pages = (others & 4) != 0;
        prove_machine(layout, options);
      }
    }
    layout.prove("no other machine", SymBool(true), known, {{"physical mask", physical_mask}});
  }

 private:
  // That the free options are those of one machine.
  template <class Format, class S>
  static SymBool is_machine(Layout<Format, S> const& layout, MachineOptions const& options) {
    MachineSymbols const& machine = layout.spec.machine();
    return both(both(machine.physical_mask == SymWord(models::mask(options.physical_bits - 1, 0)),
                     same(machine.no_execute, SymBool(options.no_execute))),
                both(same(machine.protection_keys, SymBool(options.protection_keys)),
                     same(machine.gigabyte_pages, SymBool(options.gigabyte_pages))));
  }

  template <class Format, class S>
  static void prove_machine(Layout<Format, S>& layout, MachineOptions const& options) {
    std::string const at =
        fmt::format("{} bits{}{}{}", options.physical_bits, options.no_execute ? ", NXE" : "",
                    options.protection_keys ? ", keys" : "", options.gigabyte_pages ? ", 1G" : "");
    SymBool const here = is_machine(layout, options);
    layout.prove(at + ": the engine's options", here, engine_agrees(layout, options), {});
    layout.prove(at + ": the spec's settings", here, spec_agrees(layout, options), {});
    SymFlags const flags(free_word("flags"));
    typename Format::template Options<SymWord> const shipped(options);
    layout.prove_same(at + ": the flags that leaves hold", here,
                      Format::representable(shipped, flags), S::representable(options, flags),
                      {{"flags", flags.bits}});
  }

  // The engine's options of this machine, as shipped and as the proofs have them; and what the spec
  // says of the same.
  template <class Format, class S>
  static SymBool engine_agrees(Layout<Format, S> const& layout, MachineOptions const& options) {
    typename Format::template Options<std::uint64_t> const shipped(options);
    auto const free = options_of<Format>(layout.spec.machine());
    auto const settings = S::settings(options);
    constexpr std::array sizes{PageSize::Size4K, PageSize::Size2M, PageSize::Size1G};
    bool sizes_agree = true;
    for (PageSize const size : sizes) {
      bool const spec_has = S::supports(options, size);
      sizes_agree = sizes_agree && Format::supports(shipped, size) == spec_has;
    }
    std::uint64_t const keys =
        options.protection_keys ? leaf_mask<S>(1, models::Role::key) : std::uint64_t{0};
    SymBool const as_specified(sizes_agree && shipped.key_field == keys &&
                               shipped.physical_mask == settings.machine().physical_mask);
    SymBool const as_free = both(
        both(free.physical_mask == SymWord(shipped.physical_mask),
             free.key_field == SymWord(shipped.key_field)),
        both(free.required == SymWord(shipped.required), free.refused == SymWord(shipped.refused)));
    return both(as_specified, as_free);
  }

  // The spec's settings of this machine, of either maker, as the models have them and as the proofs
  // do: every reserved bit at every level, and all that is read in a leaf.
  template <class Format, class S>
  static SymBool spec_agrees(Layout<Format, S> const& layout, MachineOptions const& options) {
    auto const& free = layout.spec.settings();
    SymBool agrees(true);
    for (bool const amd : {false, true}) {
      auto const settings = S::settings(options, amd);
      auto const& control = settings.control;
      SymBool reserved = both(free.control.global_pages == SymWord(control.global_pages),
                              free.control.user_keys == SymWord(control.user_keys));
      reserved = both(reserved, free.control.write_protect == SymWord(control.write_protect));
      for (int level = 1; level <= S::levels; ++level) {
        SymBool const in_leaf =
            free.reserved_in_leaf(level) == SymWord(settings.reserved_in_leaf(level));
        SymBool const in_table =
            free.reserved_in_table(level) == SymWord(settings.reserved_in_table(level));
        reserved = both(reserved, both(in_leaf, in_table));
      }
      agrees = both(agrees, implies(same(layout.spec.machine().amd, SymBool(amd)), reserved));
    }
    return agrees;
  }
};

}  // namespace twinwalk::proofs
