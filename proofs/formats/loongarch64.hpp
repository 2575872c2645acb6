// LoongArch64 for the proofs: how the machine's options reach spec and engine.
#pragma once

#include "proofs/engine_of.hpp"
#include "proofs/spec_of.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/loongarch64.hpp"
#include "models/spec/loongarch64.hpp"

namespace twinwalk::proofs {

// No address has more than 48 bits, whatever the machine; the void is anywhere among them.
template <class S>
  requires std::derived_from<S, models::LoongArchReading>
void let_options_free(MachineSymbols& machine) {
  machine.physical_mask = machine.physical_mask & SymWord(models::mask(47, 0));
  machine.let_free(MachineSwitch::accessed_and_dirty);
  machine.void_frame = free_word("void_frame", 48 - 12) << 12;
}

template <class S>
  requires std::derived_from<S, models::LoongArchReading>
models::BasicLoongArchSettings<SymWord> settings_of(MachineSymbols const& machine) {
  return models::BasicLoongArchSettings<SymWord>(
      {.hardware_walks = as_word(machine[MachineSwitch::accessed_and_dirty]),
       .void_entry = machine.void_frame});
}

// The shipped options, made from each machine there is.
template <std::derived_from<LoongArch64> Format>
typename Format::template Options<SymWord> options_of(MachineSymbols const& machine) {
  using Options = typename Format::template Options<SymWord>;
  Options options;
  options.physical_mask = machine.physical_mask;
  options.void_frame = machine.void_frame;
  options.software_walks = machine.of_field<Options>(&Options::software_walks);
  options.preset_accessed = machine.of_field<Options>(&Options::preset_accessed);
  options.preset_dirty = machine.of_field<Options>(&Options::preset_dirty);
  return options;
}

// ---- For the theorem options-agree ----

// Whether the options of a machine, as shipped, are those that the proofs have for it, and what the
// spec says of it. A void frame is taken as it is, so one of them stands for all.
template <std::derived_from<LoongArch64> Format, class S>
SymBool same_options(MachineSymbols const& machine, MachineOptions options) {
  options.void_frame = PhysAddr(0x0000'6543'2109'8000);
  typename Format::template Options<std::uint64_t> const shipped(options);
  auto const free = options_of<Format>(machine);
  auto const spec = S::settings(options).machine();
  std::uint64_t const walks = spec.hardware_walks;
  bool const as_specified =
      shipped.physical_mask == models::mask(S::physical_bits(options) - 1, 0) &&
      shipped.void_frame == spec.void_entry && spec.void_entry == options.void_frame.value &&
      shipped.software_walks == 1 - walks &&
      shipped.preset_accessed == (walks != 0 ? 0 : S::accessed_mask(1)) &&
      shipped.preset_dirty == 1 - walks;
  SymBool const as_free = both(both(free.physical_mask == SymWord(shipped.physical_mask),
                                    free.software_walks == SymWord(shipped.software_walks)),
                               both(free.preset_dirty == SymWord(shipped.preset_dirty),
                                    free.preset_accessed == SymWord(shipped.preset_accessed)));
  return both(SymBool(as_specified), as_free);
}

// Whether the spec's settings of a machine are those that the proofs have; nothing is reserved.
template <class S>
  requires std::derived_from<S, models::LoongArchReading>
SymBool same_settings(MachineSymbols const& /*machine*/,
                      typename S::template SettingsOver<SymWord> const& free,
                      MachineOptions const& options) {
  auto const settings = S::settings(options);
  SymBool const control =
      both(free.control.kernel_level == SymWord(settings.control.kernel_level),
           free.control.writes_unasked == SymWord(settings.control.writes_unasked));
  return both(control, free.machine().hardware_walks == SymWord(settings.machine().hardware_walks));
}

}  // namespace twinwalk::proofs
