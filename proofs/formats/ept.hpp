// Extended page tables for the proofs: how the machine's options reach spec and engine.
#pragma once

#include "proofs/engine_of.hpp"
#include "proofs/spec_of.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/ept.hpp"
#include "models/spec/ept.hpp"

namespace twinwalk::proofs {

template <class S>
  requires std::derived_from<S, models::EptReading>
void let_options_free(MachineSymbols& machine) {
  machine.let_free(MachineSwitch::gigabyte_pages);
  machine.let_free(MachineSwitch::execute_only);
  machine.let_free(MachineSwitch::mode_based_execute);
  machine.let_free(MachineSwitch::accessed_and_dirty);
}

template <class S>
  requires std::derived_from<S, models::EptReading>
models::BasicEptSettings<SymWord> settings_of(MachineSymbols const& machine) {
  return models::BasicEptSettings<SymWord>(
      {.physical_mask = machine.physical_mask,
       .gigabyte_pages = as_word(machine[MachineSwitch::gigabyte_pages]),
       .execute_only = as_word(machine[MachineSwitch::execute_only]),
       .mode_based_execute = as_word(machine[MachineSwitch::mode_based_execute]),
       .accessed_dirty = as_word(machine[MachineSwitch::accessed_and_dirty])});
}

// The shipped options, made from each machine there is.
template <class Format>
  requires std::derived_from<Format, Ept<Format::levels>>
typename Format::template Options<SymWord> options_of(MachineSymbols const& machine) {
  using Options = typename Format::template Options<SymWord>;
  Options options;
  options.physical_mask = machine.physical_mask;
  options.present_field = machine.of_field<Options>(&Options::present_field);
  options.execute_only = machine.of_field<Options>(&Options::execute_only);
  options.tracked = machine.of_field<Options>(&Options::tracked);
  return options;
}

// ---- For the theorem options-agree ----

// Whether the options of a machine, as shipped, are those that the proofs have for it, and what the
// spec says of it.
template <class Format, class S>
  requires std::derived_from<Format, Ept<Format::levels>>
SymBool same_options(MachineSymbols const& machine, MachineOptions const& options) {
  typename Format::template Options<std::uint64_t> const shipped(options);
  auto const free = options_of<Format>(machine);
  auto const settings = S::settings(options);
  std::uint64_t const tracked = S::accessed_mask(1) | S::dirty_mask(1);
  bool as_specified = shipped.physical_mask == settings.machine().physical_mask &&
                      shipped.tracked == (settings.machine().accessed_dirty != 0 ? tracked : 0);
  // What makes an entry present, one bit at a time.
  for (int n = 0; n < 64; ++n) {
    std::uint64_t const entry = std::uint64_t{1} << n;
    as_specified =
        as_specified && ((shipped.present_field & entry) == 0) == S::is_hole(settings, 1, entry);
  }
  SymBool const as_free = both(both(free.physical_mask == SymWord(shipped.physical_mask),
                                    free.present_field == SymWord(shipped.present_field)),
                               both(free.execute_only == SymWord(shipped.execute_only),
                                    free.tracked == SymWord(shipped.tracked)));
  return both(SymBool(as_specified), as_free);
}

// Whether the spec's settings of a machine are those that the proofs have: every reserved bit at
// every level, and all that is read besides.
template <class S>
  requires std::derived_from<S, models::EptReading>
SymBool same_settings(MachineSymbols const& /*machine*/,
                      typename S::template SettingsOver<SymWord> const& free,
                      MachineOptions const& options) {
  auto const settings = S::settings(options);
  SymBool const switches = both(
      both(free.machine().execute_only == SymWord(settings.machine().execute_only),
           free.machine().mode_based_execute == SymWord(settings.machine().mode_based_execute)),
      free.machine().accessed_dirty == SymWord(settings.machine().accessed_dirty));
  return both(switches, same_reserved<S>(free, settings));
}

}  // namespace twinwalk::proofs
