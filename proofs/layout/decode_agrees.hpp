#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// What the engine reads in any word is what the field tables say, for every 64-bit value.
struct DecodeAgrees {
  static constexpr std::string_view name = "decode-agrees";
  static constexpr std::string_view statement =
      "The engine reads every 64-bit value at every level, on every machine, as the field tables "
      "do: whether it is present, whether it maps a page, and where it leads as a table; and of "
      "every well-formed leaf its address, flags, accessed, dirty and global.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SymWord const entry = free_word("entry");
    for (int level = 1; level <= S::levels; ++level) {
      prove_kind(layout, level, entry);
      if (level <= S::largest_leaf_level) prove_leaf(layout, level, entry);
    }
  }

 private:
  template <class Format, class S>
  static void prove_kind(Layout<Format, S>& layout, int level, SymWord const& entry) {
    std::string const at = at_level(level);
    auto const options = options_of<Format>(layout.spec.machine());
    layout.prove_same(at + ", present", SymBool(true), Format::present(options, level, entry),
                      !layout.spec.is_hole(level, entry), {{"entry", entry, level}});
    // The engine asks this above level 1 alone; where there are no pages, the bit is reserved.
    if (level == 1) return;
    SymBool const asked = level <= S::largest_leaf_level
                              ? !layout.spec.is_hole(level, entry)
                              : S::is_well_formed(layout.spec.settings(), level, entry);
    layout.prove_same(at + ", large", asked, Format::large(entry), S::has_leaf_shape(level, entry),
                      {{"entry", entry, level}});
    layout.prove_same(at + ", table address", SymBool(true), Format::table_address(entry),
                      S::table_address(level, entry), {{"entry", entry, level}});
  }

  template <class Format, class S>
  static void prove_leaf(Layout<Format, S>& layout, int level, SymWord const& entry) {
    SymBool const leaf = is_leaf(layout.spec, level, entry);
    auto const same = [&](char const* what, auto const& engine, auto const& spec) {
      layout.prove_same(at_level(level) + ", " + what, leaf, engine, spec,
                        {{"entry", entry, level}});
    };
    auto const options = options_of<Format>(layout.spec.machine());
    same("leaf address", Format::leaf_address(level, entry), S::leaf_address(level, entry));
    same("accessed", Format::accessed(entry), S::accessed(level, entry));
    same("dirty", Format::dirty(entry), S::dirty(level, entry));
    same("global", Format::global(level, entry),
         S::global(layout.spec.settings(), level, entry) != SymWord(0));
    same("flags", Format::decode(options, level, entry).bits,
         flags_of_leaf(layout.spec, level, entry));
  }
};

}  // namespace twinwalk::proofs
