#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"

namespace twinwalk::proofs {

// Which addresses and ranges there are. The engine compares no words, and the wrap of a range of
// physical addresses would go unseen if the range were longer than any that it is asked about.
struct CanonicalAgrees {
  static constexpr std::string_view name = "canonical-agrees";
  static constexpr std::string_view statement =
      "The engine takes exactly the manual's canonical addresses; for every first address and "
      "every length but 0, exactly the ranges that do not wrap and lie in one canonical half; and, "
      "for lengths up to 2^64 - 2^52, which all those ranges have, exactly the physical ranges "
      "that do not wrap and lie below MAXPHYADDR.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    SymWord const first = free_word("first");
    SymWord const length = free_word("length");
    SymWord const last = first + length - SymWord(1);
    SymBool const some = length != SymWord(0);
    SymBool const in_order = at_most(first, last);

    layout.prove_same("canonical", SymBool(true), Format::canonical(first), S::canonical(first),
                      {{"address", first}});
    layout.prove("the canonical one of an address", SymBool(true),
                 Format::canonical(S::sign_extend(first)), {{"address", first}});

    SymBool const valid = Geometry<Format>::valid_range(first, length);
    SymBool const one_half = (first >> 63) == (last >> 63);
    layout.prove_same("range of addresses", some, valid,
                      both(both(in_order, one_half), both(S::canonical(first), S::canonical(last))),
                      {{"first", first}, {"length", length}});

    auto const options = options_of<Format>(layout.spec.machine());
    SymBool const short_enough = at_most(length, SymWord(longest));
    SymBool const below = (last & ~layout.spec.machine().physical_mask) == SymWord(0);
    layout.prove_same("range of physical addresses", both(some, short_enough),
                      Format::physical_range_fits(options, first, last), both(in_order, below),
                      {{"first", first}, {"length", length}});
    layout.prove("no range is too long to be judged", both(some, valid), short_enough,
                 {{"first", first}, {"length", length}});
    layout.prove_same("one physical address", SymBool(true),
                      Format::physical_range_fits(options, first, first),
                      at_most(first, layout.spec.machine().physical_mask), {{"address", first}});
  }

 private:
  static constexpr std::uint64_t longest =
      std::uint64_t{0} - (std::uint64_t{1} << MachineSymbols::physical_bits_max);
};

}  // namespace twinwalk::proofs
