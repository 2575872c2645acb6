// Nested page tables for the proofs: how the machine's options reach spec and engine.
#pragma once

#include "proofs/engine_of.hpp"
#include "proofs/spec_of.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/npt.hpp"
#include "models/spec/npt.hpp"

namespace twinwalk::proofs {

template <class S>
  requires std::derived_from<S, models::NptCache>
void let_options_free(MachineSymbols& machine) {
  machine.let_free(MachineSwitch::no_execute);
  machine.let_free(MachineSwitch::gigabyte_pages);
}

template <class S>
  requires std::derived_from<S, models::NptCache>
models::BasicX86_64Settings<SymWord> settings_of(MachineSymbols const& machine) {
  return models::BasicX86_64Settings<SymWord>(
      {.physical_mask = machine.physical_mask,
       .no_execute = as_word(machine[MachineSwitch::no_execute]),
       .gigabyte_pages = as_word(machine[MachineSwitch::gigabyte_pages]),
       .amd = SymWord(1)});
}

// The shipped options, made from each machine there is.
template <class Format>
  requires std::same_as<Format, Npt>
Npt::Options<SymWord> options_of(MachineSymbols const& machine) {
  using Options = Npt::Options<SymWord>;
  Options options;
  options.physical_mask = machine.physical_mask;
  options.required =
      machine.of_options([](MachineOptions const& concrete) { return Options(concrete).required; });
  return options;
}

// ---- For the theorem options-agree ----

// Whether the options of a machine, as shipped, are those that the proofs have for it, and what the
// spec says of it.
template <class Format, class S>
  requires std::same_as<Format, Npt>
SymBool same_options(MachineSymbols const& machine, MachineOptions const& options) {
  Npt::Options<std::uint64_t> const shipped(options);
  auto const free = options_of<Npt>(machine);
  SymBool const as_specified(shipped.physical_mask == S::settings(options).machine().physical_mask);
  SymBool const as_free = both(
      free.physical_mask == SymWord(shipped.physical_mask),
      both(free.required == SymWord(shipped.required), free.refused == SymWord(shipped.refused)));
  return both(as_specified, as_free);
}

// Whether the spec's settings of a machine are those that the proofs have.
template <class S>
  requires std::derived_from<S, models::NptCache>
SymBool same_settings(MachineSymbols const& /*machine*/,
                      typename S::template SettingsOver<SymWord> const& free,
                      MachineOptions const& options) {
  return same_reserved<S>(free, S::settings(options));
}

}  // namespace twinwalk::proofs
