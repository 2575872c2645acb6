// RISC-V for the proofs: how the machine's options reach spec and engine.
#pragma once

#include "proofs/engine_of.hpp"
#include "proofs/layout/readings.hpp"
#include "proofs/spec_of.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/riscv.hpp"
#include "models/spec/riscv.hpp"

namespace twinwalk::proofs {

template <class S>
  requires std::derived_from<S, models::RiscvReading>
void let_options_free(MachineSymbols& machine) {
  machine.let_free(MachineSwitch::accessed_and_dirty);
  machine.let_free(MachineSwitch::page_memory_types);
}

template <class S>
  requires std::derived_from<S, models::RiscvReading>
models::BasicRiscvSettings<SymWord> settings_of(MachineSymbols const& machine) {
  return models::BasicRiscvSettings<SymWord>(
      {.physical_mask = machine.physical_mask,
       .svpbmt = as_word(machine[MachineSwitch::page_memory_types]),
       .updates = as_word(machine[MachineSwitch::accessed_and_dirty])});
}

template <class Format>
concept RiscvFormat = std::derived_from<Format, Riscv<Format::levels>> ||
                      std::derived_from<Format, Riscv<Format::levels, RiscvStage::second>>;

// The shipped options, made from each machine there is.
template <RiscvFormat Format>
typename Format::template Options<SymWord> options_of(MachineSymbols const& machine) {
  using Options = typename Format::template Options<SymWord>;
  Options options;
  options.physical_mask = machine.physical_mask;
  options.type_field = machine.of_field<Options>(&Options::type_field);
  options.refused = machine.of_field<Options>(&Options::refused);
  options.tracked = machine.of_field<Options>(&Options::tracked);
  return options;
}

// ---- For the theorem options-agree ----

// Whether the options of a machine, as shipped, are those that the proofs have for it, and what the
// spec says of it.
template <RiscvFormat Format, class S>
SymBool same_options(MachineSymbols const& machine, MachineOptions const& options) {
  typename Format::template Options<std::uint64_t> const shipped(options);
  auto const free = options_of<Format>(machine);
  auto const spec = S::settings(options).machine();
  std::uint64_t const tracked = S::accessed_mask(1) | S::dirty_mask(1);
  std::uint64_t const types = leaf_mask<S>(1, models::Role::memory_type);
  SymBool const as_specified(shipped.physical_mask == spec.physical_mask &&
                             shipped.type_field == (spec.svpbmt != 0 ? types : 0) &&
                             shipped.tracked == (spec.updates != 0 ? tracked : 0));
  SymBool const as_free = both(
      both(free.physical_mask == SymWord(shipped.physical_mask),
           free.type_field == SymWord(shipped.type_field)),
      both(free.refused == SymWord(shipped.refused), free.tracked == SymWord(shipped.tracked)));
  return both(as_specified, as_free);
}

// Whether the spec's settings of a machine are those that the proofs have: every reserved bit at
// every level, and all that is read besides.
template <class S>
  requires std::derived_from<S, models::RiscvReading>
SymBool same_settings(MachineSymbols const& /*machine*/,
                      typename S::template SettingsOver<SymWord> const& free,
                      MachineOptions const& options) {
  auto const settings = S::settings(options);
  SymBool const control = both(free.control.sum == SymWord(settings.control.sum),
                               free.control.mxr == SymWord(settings.control.mxr));
  SymBool const machine = free.machine().updates == SymWord(settings.machine().updates);
  return both(both(control, machine), same_reserved<S>(free, settings));
}

}  // namespace twinwalk::proofs
