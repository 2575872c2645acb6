#pragma once

#include <string>

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// An address is its indices and its offset, no more and no less.
struct AddressesRebuild {
  static constexpr std::string_view name = "addresses-rebuild";
  static constexpr std::string_view statement =
      "The engine finds for every address at every level the index and the slot that the manual "
      "says; the indices and the offset put together are the canonical address again, and no two "
      "of them share a bit.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SymWord const address = free_word("address");
    SymWord rebuilt = address & SymWord(Geometry<Format>::offset_mask(1));
    for (int level = 1; level <= S::levels; ++level) {
      prove_index(layout, level, address);
      prove_span(layout, level, address);
      prove_shape(layout, level);
      // Added, not or-ed: a shared bit would carry.
      rebuilt =
          rebuilt + (Geometry<Format>::index(level, address) << Geometry<Format>::shift(level));
    }
    layout.prove("the parts are the address", S::canonical(address),
                 S::sign_extend(rebuilt) == address, {{"address", address}, {"rebuilt", rebuilt}});
    layout.prove("as many levels as the manual has", SymBool(true),
                 SymBool(Format::levels == S::levels && Format::address_bits == S::address_bits &&
                         Format::leaf_level_max == S::largest_leaf_level),
                 {});
    prove_disjoint(layout);
  }

 private:
  template <class Format, class S>
  static void prove_index(Layout<Format, S>& layout, int level, SymWord const& address) {
    SymWord const table = free_word("table", 64 - S::root_bits, S::root_bits);
    layout.prove_same(at_level(level) + ", index", SymBool(true),
                      Geometry<Format>::index(level, address), S::index(level, address),
                      {{"address", address}});
    layout.prove_same(at_level(level) + ", slot", SymBool(true),
                      Geometry<Format>::slot(table, level, address), S::slot(table, level, address),
                      {{"table", table}, {"address", address}});
  }

  // What shares a slot: from start_of to last_of, and nothing outside of it.
  template <class Format, class S>
  static void prove_span(Layout<Format, S>& layout, int level, SymWord const& address) {
    SymWord const start = Geometry<Format>::start_of(level, address);
    SymWord const last = Geometry<Format>::last_of(level, address);
    SymWord const other = free_word("other");
    SymBool shares_slots(true);
    for (int above = level; above <= S::levels; ++above) {
      shares_slots = both(shares_slots, S::index(above, other) == S::index(above, address));
    }
    layout.prove_same(at_level(level) + ", what shares a slot",
                      both(S::canonical(address), S::canonical(other)),
                      both(at_most(start, other), at_most(other, last)), shares_slots,
                      {{"address", address}, {"other", other}, {"start", start}, {"last", last}});
    layout.prove_same(at_level(level) + ", bytes of a slot", SymBool(true), last - start,
                      layout.spec.offset_mask(level), {{"address", address}});
  }

  template <class Format, class S>
  static void prove_shape(Layout<Format, S>& layout, int level) {
    using G = Geometry<Format>;
    layout.prove(at_level(level) + ", span", SymBool(true),
                 SymBool(G::shift(level) == S::level_shift(level)), {});
    layout.prove(
        at_level(level) + ", entries of a table", SymBool(true),
        S::index(level, SymWord(~std::uint64_t{0})) == SymWord(G::table_entries(level) - 1), {});
    if (level == S::levels) {
      layout.prove("bytes of the root", SymBool(true),
                   SymBool(G::table_size_log2(level) == S::root_bits), {});
    }
    if (level > S::largest_leaf_level) return;
    layout.prove(at_level(level) + ", leaf size", SymBool(true),
                 SymBool(G::page_size(level) == S::page_size(level) &&
                         G::level_of(S::page_size(level)) == level),
                 {});
  }

  // Bit by bit: those below the width of an address belong to one part each, the others to none.
  template <class Format, class S>
  static void prove_disjoint(Layout<Format, S>& layout) {
    for (int n = 0; n < 64; ++n) {
      std::uint64_t const one = std::uint64_t{1} << n;
      int parts = (one & Geometry<Format>::offset_mask(1)) != 0 ? 1 : 0;
      for (int level = 1; level <= S::levels; ++level) {
        if (Geometry<Format>::index(level, one) != 0) ++parts;
      }
      layout.prove("bit " + std::to_string(n) + ", in one part", SymBool(true),
                   SymBool(parts == (n < S::address_bits ? 1 : 0)), {});
    }
  }
};

}  // namespace twinwalk::proofs
