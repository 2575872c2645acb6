#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// Whatever the engine writes, the MMU takes as what it was meant to be.
struct NoReservedBitEncoded {
  static constexpr std::string_view name = "no-reserved-bit-encoded";
  static constexpr std::string_view statement =
      "Every leaf and every entry for a table that the engine makes, and every leaf that it makes "
      "from a well-formed one, has no reserved bit set on the machine at hand and is of the kind "
      "it was meant to be; an entry for a table leaves every right to the leaves below it.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    for (int level = 1; level <= S::largest_leaf_level; ++level) prove_leaves(layout, level);
    for (int level = 2; level <= S::levels; ++level) {
      SymWord const address = any_table_address(layout.spec, level);
      SymWord const table = Format::table(address);
      // Nobody is given for a table what stands for a hole.
      layout.prove(at_level(level) + ", table", table != layout.spec.hole_word(level),
                   both(layout.spec.is_table(level, table), S::grants_everything(level, table)),
                   {{"address", address}, {"encoded", table, level}});
      layout.prove_same(at_level(level) + ", where the table leads", SymBool(true),
                        Format::table_address(table), S::table_address(level, table),
                        {{"address", address}, {"encoded", table, level}});
      layout.prove(at_level(level) + ", the table is the one asked for", SymBool(true),
                   S::table_address(level, table) == address,
                   {{"address", address}, {"encoded", table, level}});
    }
  }

 private:
  template <class Format, class S>
  static void prove_leaves(Layout<Format, S>& layout, int level) {
    SpecOf<S> const& spec = layout.spec;
    auto const options = options_of<Format>(spec.machine());
    SymFlags const flags(free_word("flags"));
    SymWord const address = any_leaf_address(spec, level);
    SymWord const entry = free_word("entry");
    auto const attributes = Format::encode(options, flags);
    SymBool const asked = both(spec.representable(flags), spec.is_in_memory(level, address));
    SymBool const was_leaf = is_leaf(spec, level, entry);
    auto const yields_leaf = [&](char const* what, SymBool const& assumption, SymWord const& made,
                                 int made_level) {
      layout.prove(at_level(level) + ", " + what, assumption, is_leaf(spec, made_level, made),
                   {{"address", address},
                    {"flags", flags.bits},
                    {"entry", entry, level},
                    {"made", made, made_level}});
    };
    yields_leaf("leaf", both(spec.supports(level), asked), Format::leaf(level, address, attributes),
                level);
    yields_leaf("with attributes", both(was_leaf, asked),
                Format::with_attributes(level, entry, attributes), level);
    yields_leaf("leaf with the software bits of another", both(was_leaf, asked),
                Format::leaf(level, address, Format::with_software_of(entry, attributes)), level);
    yields_leaf("with accessed", was_leaf, Format::with_accessed(entry), level);
    yields_leaf("without accessed", was_leaf, Format::without_accessed(entry), level);
    yields_leaf("with dirty", was_leaf, Format::with_dirty(entry), level);
    yields_leaf("without dirty", was_leaf, Format::without_dirty(entry), level);
    if (level == 1) return;
    yields_leaf("first piece", was_leaf, Format::first_piece(level, entry), level - 1);
  }
};

}  // namespace twinwalk::proofs
