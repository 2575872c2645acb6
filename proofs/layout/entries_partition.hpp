#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// An entry is one thing, and the engine knows which.
struct EntriesPartition {
  static constexpr std::string_view name = "entries-partition";
  static constexpr std::string_view statement =
      "Every 64-bit value at every level is exactly one of hole, table, leaf and malformed, and "
      "the engine tells the first three apart; its hole is the manual's cleanest, and nothing that "
      "it encodes is malformed.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    for (int level = 1; level <= S::levels; ++level) {
      prove_kinds(layout, level);
      prove_encoded(layout, level);
    }
  }

 private:
  template <class Format, class S>
  static void prove_kinds(Layout<Format, S>& layout, int level) {
    auto const& settings = layout.spec.settings();
    SymWord const entry = free_word("entry");
    SymBool const hole = S::is_hole(settings, level, entry);
    SymBool const table = S::is_table(settings, level, entry);
    SymBool const leaf = S::is_leaf(settings, level, entry);
    SymBool const malformed = S::is_malformed(settings, level, entry);
    auto const holds = [&](std::string const& what, SymBool const& assumption,
                           SymBool const& goal) {
      layout.prove(at_level(level) + ", " + what, assumption, goal, {{"entry", entry, level}});
    };
    holds("exactly one kind", SymBool(true),
          as_word(hole) + as_word(table) + as_word(leaf) + as_word(malformed) == SymWord(1));

    // What the engine makes of each; that each exists is a part of what `prove` checks.
    SymBool const present =
        Format::present(options_of<Format>(layout.spec.machine()), level, entry);
    SymBool const maps = level == 1 ? SymBool(true) : both(SymBool(true), Format::large(entry));
    holds("a hole is not present", hole, !present);
    if constexpr (requires { requires S::nothing_is_malformed; }) {
      holds("nothing is malformed", SymBool(true), !malformed);
    } else {
      holds("something malformed is not taken for a hole", malformed, present);
    }
    if (level > 1) holds("a table is present and not large", table, both(present, !maps));
    if (level <= S::largest_leaf_level)
      holds("a leaf is present and large", leaf, both(present, maps));
  }

  template <class Format, class S>
  static void prove_encoded(Layout<Format, S>& layout, int level) {
    SpecOf<S> const& spec = layout.spec;
    auto const options = options_of<Format>(spec.machine());
    SymWord const written = Format::hole(options, level);
    layout.prove_same(at_level(level) + ", the hole that is written", SymBool(true), written,
                      spec.hole_word(level), {{"written", written, level}});
    layout.prove(at_level(level) + ", what is written as a hole is one", SymBool(true),
                 spec.is_hole(level, written), {{"written", written, level}});
    auto const not_malformed = [&](char const* what, SymBool const& assumption,
                                   SymWord const& made) {
      layout.prove(at_level(level) + ", " + what, assumption,
                   !S::is_malformed(spec.settings(), level, made), {{"encoded", made, level}});
    };
    if (level <= S::largest_leaf_level) {
      SymFlags const flags(free_word("flags"));
      not_malformed(
          "no leaf is malformed", both(spec.supports(level), spec.representable(flags)),
          Format::leaf(level, any_leaf_address(spec, level), Format::encode(options, flags)));
    }
    if (level > 1) {
      not_malformed("no table is malformed", SymBool(true),
                    Format::table(any_table_address(spec, level)));
    }
  }
};

}  // namespace twinwalk::proofs
