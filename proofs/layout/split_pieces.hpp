#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// A split changes nothing that an access could notice.
struct SplitPieces {
  static constexpr std::string_view name = "split-pieces";
  static constexpr std::string_view statement =
      "Whatever well-formed large leaf is split, each of its pieces is a well-formed leaf of the "
      "next level that translates its bytes as the large one did, with the same flags, accessed "
      "and dirty.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SpecOf<S> const& spec = layout.spec;
    SymWord const entry = free_word("entry");
    SymWord const address = free_word("address");
    for (int level = 2; level <= S::largest_leaf_level; ++level) {
      int const below = level - 1;
      // The k-th piece maps k pages further, and stands where the address looks for it.
      SymWord const k = S::index(below, address);
      SymWord const piece = Format::first_piece(level, entry) +
                            (k << (S::level_shift(below) - Format::address_shift));
      SymBool const split = is_leaf(spec, level, entry);
      typename std::vector<typename Layout<Format, S>::Shown> const shown{
          {"address", address}, {"entry", entry, level}, {"its piece", piece, below}};
      std::string const at = at_level(level);
      layout.prove(at + ", a leaf of the next level", split, is_leaf(spec, below, piece), shown);
      auto const same = [&](char const* what, SymWord const& now, SymWord const& before) {
        layout.prove_same(at + ", " + what, split, now, before, shown);
      };
      same("translation", S::output(below, piece, address), S::output(level, entry, address));
      same("flags", flags_of_leaf(spec, below, piece), flags_of_leaf(spec, level, entry));
      same("accessed", S::accessed(below, piece), S::accessed(level, entry));
      same("dirty", S::dirty(below, piece), S::dirty(level, entry));
      // A key means nothing to a machine without keys, but is not lost to one that gets them.
      same("key field", S::key(below, piece), S::key(level, entry));
    }
  }
};

}  // namespace twinwalk::proofs
