// AArch64 for the proofs: how the machine's options reach spec and engine.
#pragma once

#include "proofs/engine_of.hpp"
#include "proofs/spec_of.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/aarch64.hpp"
#include "models/spec/aarch64.hpp"

namespace twinwalk::proofs {

template <class S>
concept Aarch64Spec =
    S::arch == std::string_view("aarch64_s1") || S::arch == std::string_view("aarch64_s2");

// No address has more than 48 bits, whatever the machine. Hardware sets both accessed and dirty, or
// neither: what it sets of them alone is told apart in nothing but what is preset.
template <class S>
  requires Aarch64Spec<S>
void let_options_free(MachineSymbols& machine) {
  machine.physical_mask = machine.physical_mask & SymWord(models::mask(47, 0));
  machine.let_free(MachineSwitch::accessed_and_dirty);
}

template <class S>
  requires Aarch64Spec<S>
models::BasicAarch64Settings<SymWord> settings_of(MachineSymbols const& machine) {
  SymWord const updates = as_word(machine[MachineSwitch::accessed_and_dirty]);
  return models::BasicAarch64Settings<SymWord>(
      {.physical_mask = machine.physical_mask, .sets_accessed = updates, .sets_dirty = updates});
}

template <class Format>
concept Aarch64Format =
    std::derived_from<Format, Aarch64Bits<Format::levels, Format::root_index_bits, true>> ||
    std::derived_from<Format, Aarch64Bits<Format::levels, Format::root_index_bits, false>>;

// The shipped options, made from each machine there is.
template <Aarch64Format Format>
typename Format::template Options<SymWord> options_of(MachineSymbols const& machine) {
  using Options = typename Format::template Options<SymWord>;
  Options options;
  options.physical_mask = machine.physical_mask;
  options.preset_accessed = machine.of_field<Options>(&Options::preset_accessed);
  options.preset_dirty = machine.of_field<Options>(&Options::preset_dirty);
  options.managed = machine.of_field<Options>(&Options::managed);
  return options;
}

// ---- For the theorem options-agree ----

// Whether the options of a machine, as shipped, are those that the proofs have for it, and what the
// spec says of it.
template <Aarch64Format Format, class S>
SymBool same_options(MachineSymbols const& machine, MachineOptions const& options) {
  typename Format::template Options<std::uint64_t> const shipped(options);
  auto const free = options_of<Format>(machine);
  auto const spec = S::settings(options).machine();
  bool const as_specified =
      shipped.physical_mask == spec.physical_mask &&
      shipped.preset_accessed == (spec.sets_accessed != 0 ? 0 : S::accessed_mask(1)) &&
      shipped.preset_dirty == 1 - spec.sets_dirty && shipped.managed == spec.sets_dirty;
  SymBool const as_free = both(both(free.physical_mask == SymWord(shipped.physical_mask),
                                    free.preset_accessed == SymWord(shipped.preset_accessed)),
                               both(free.preset_dirty == SymWord(shipped.preset_dirty),
                                    free.managed == SymWord(shipped.managed)));
  return both(SymBool(as_specified), as_free);
}

// Whether the spec's settings of a machine are those that the proofs have: every reserved bit at
// every level, and all that is read besides.
template <class S>
  requires Aarch64Spec<S>
SymBool same_settings(MachineSymbols const& /*machine*/,
                      typename S::template SettingsOver<SymWord> const& free,
                      MachineOptions const& options) {
  auto const settings = S::settings(options);
  auto const same = [](SymWord const& a, std::uint64_t b) { return a == SymWord(b); };
  auto const& control = free.control;
  SymBool const state =
      both(both(same(control.pan, settings.control.pan), same(control.epan, settings.control.epan)),
           both(both(same(control.wxn, settings.control.wxn),
                     same(control.no_hierarchy, settings.control.no_hierarchy)),
                both(same(control.execute_by_level, settings.control.execute_by_level),
                     same(control.protected_walks, settings.control.protected_walks))));
  SymBool const machine = both(same(free.machine().sets_accessed, settings.machine().sets_accessed),
                               same(free.machine().sets_dirty, settings.machine().sets_dirty));
  return both(both(state, machine), same_reserved<S>(free, settings));
}

}  // namespace twinwalk::proofs
