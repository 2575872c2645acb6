// x86-64 for the proofs: how the machine's options reach spec and engine.
#pragma once

#include "proofs/engine_of.hpp"
#include "proofs/spec_of.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/x86_64.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::proofs {

template <class S>
  requires std::derived_from<S, models::X86_64Cache>
void let_options_free(MachineSymbols& machine) {
  machine.let_free(MachineSwitch::no_execute);
  machine.let_free(MachineSwitch::protection_keys);
  machine.let_free(MachineSwitch::gigabyte_pages);
  machine.amd = free_bool("amd");
}

// WP and PGE on, as a kernel runs it.
template <class S>
  requires std::derived_from<S, models::X86_64Cache>
models::BasicX86_64Settings<SymWord> settings_of(MachineSymbols const& machine) {
  models::BasicX86_64Control<SymWord> control;
  control.global_pages = SymWord(1);
  control.user_keys = as_word(machine[MachineSwitch::protection_keys]);
  control.supervisor_keys = control.user_keys;
  return models::BasicX86_64Settings<SymWord>(
      {.physical_mask = machine.physical_mask,
       .no_execute = as_word(machine[MachineSwitch::no_execute]),
       .gigabyte_pages = as_word(machine[MachineSwitch::gigabyte_pages]),
       .amd = as_word(machine.amd)},
      control);
}

// The shipped options, made from each machine there is.
template <class Format>
  requires std::derived_from<Format, X86_64<Format::levels>>
typename Format::template Options<SymWord> options_of(MachineSymbols const& machine) {
  using Options = typename Format::template Options<SymWord>;
  Options options;
  options.physical_mask = machine.physical_mask;
  options.key_field = machine.of_field<Options>(&Options::key_field);
  options.required = machine.of_field<Options>(&Options::required);
  options.refused = machine.of_field<Options>(&Options::refused);
  return options;
}

// ---- For the theorem options-agree ----

// Whether the options of a machine, as shipped, are those that the proofs have for it, and what the
// spec says of it.
template <class Format, class S>
  requires std::derived_from<Format, X86_64<Format::levels>>
SymBool same_options(MachineSymbols const& machine, MachineOptions const& options) {
  typename Format::template Options<std::uint64_t> const shipped(options);
  auto const free = options_of<Format>(machine);
  std::uint64_t const keys =
      options.protection_keys ? models::mask_of(S::fields(1, 1), models::Role::key) : 0;
  SymBool const as_specified(shipped.key_field == keys &&
                             shipped.physical_mask == S::settings(options).machine().physical_mask);
  SymBool const as_free = both(
      both(free.physical_mask == SymWord(shipped.physical_mask),
           free.key_field == SymWord(shipped.key_field)),
      both(free.required == SymWord(shipped.required), free.refused == SymWord(shipped.refused)));
  return both(as_specified, as_free);
}

// Whether the spec's settings of a machine, of either maker, are those that the proofs have: every
// reserved bit at every level, and all that is read in a leaf.
template <class S>
  requires std::derived_from<S, models::X86_64Cache>
SymBool same_settings(MachineSymbols const& machine,
                      typename S::template SettingsOver<SymWord> const& free,
                      MachineOptions const& options) {
  SymBool agrees(true);
  for (bool const amd : {false, true}) {
    auto const settings = S::settings(options, amd);
    auto const& control = settings.control;
    SymBool here = both(free.control.global_pages == SymWord(control.global_pages),
                        free.control.user_keys == SymWord(control.user_keys));
    here = both(here, free.control.write_protect == SymWord(control.write_protect));
    here = both(here, same_reserved<S>(free, settings));
    agrees = both(agrees, implies(same(machine.amd, SymBool(amd)), here));
  }
  return agrees;
}

}  // namespace twinwalk::proofs
