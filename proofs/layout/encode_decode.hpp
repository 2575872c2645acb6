#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// What was asked for comes back, whoever reads it.
struct EncodeDecode {
  static constexpr std::string_view name = "encode-decode";
  static constexpr std::string_view statement =
      "The engine takes exactly those flags that the contract lets a leaf hold; a leaf made from "
      "them reads back, by the engine and by the field tables, as the same address and the "
      "normalised flags, neither accessed nor dirty.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SpecOf<S> const& spec = layout.spec;
    auto const options = options_of<Format>(spec.machine());
    SymFlags const flags(free_word("flags"));
    SymBool const representable = spec.representable(flags);
    SymWord const normal = spec.normalise(flags).bits;
    layout.prove_same("representable", SymBool(true), Format::representable(options, flags),
                      representable, {{"flags", flags.bits}});
    layout.prove(
        "what comes back can be asked for", representable,
        both(spec.representable(SymFlags(normal)), spec.normalise(SymFlags(normal)).bits == normal),
        {{"flags", flags.bits}, {"normalised", normal}});
    for (int level = 1; level <= S::largest_leaf_level; ++level) {
      SymWord const address = any_leaf_address(spec, level);
      SymWord const leaf = Format::leaf(level, address, Format::encode(options, flags));
      auto const same = [&](char const* what, SymWord const& read, SymWord const& asked) {
        layout.prove_same(at_level(level) + ", " + what, representable, read, asked,
                          {{"address", address}, {"flags", flags.bits}, {"encoded", leaf, level}});
      };
      same("flags by the engine", Format::decode(options, level, leaf).bits, normal);
      same("flags by the spec", flags_of_leaf(spec, level, leaf), normal);
      same("address by the engine", Format::leaf_address(level, leaf), address);
      same("address by the spec", S::leaf_address(level, leaf), address);
      same("accessed", S::accessed(level, leaf), spec.preset_accessed());
      same("dirty", S::dirty(level, leaf), spec.preset_dirty(flags));
    }
  }
};

}  // namespace twinwalk::proofs
