// x86-64 for the proofs: how the machine's options reach spec and engine.
#pragma once

#include "proofs/engine_of.hpp"
#include "proofs/spec_of.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/x86_64.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::proofs {

// WP and PGE on, as a kernel runs it.
template <class S>
  requires std::derived_from<S, models::X86_64Reading>
models::BasicX86_64Settings<SymWord> settings_of(MachineSymbols const& machine) {
  models::BasicX86_64Control<SymWord> control;
  control.global_pages = SymWord(1);
  control.user_keys = as_word(machine.protection_keys);
  control.supervisor_keys = control.user_keys;
  return models::BasicX86_64Settings<SymWord>({.physical_mask = machine.physical_mask,
                                               .no_execute = as_word(machine.no_execute),
                                               .gigabyte_pages = as_word(machine.gigabyte_pages),
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
  auto const field = [&](SymWord Options::* member) {
    return machine.of_options(
        [&](MachineOptions const& concrete) { return Options(concrete).*member; });
  };
  options.key_field = field(&Options::key_field);
  options.required = field(&Options::required);
  options.refused = field(&Options::refused);
  return options;
}

}  // namespace twinwalk::proofs
