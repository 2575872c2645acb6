// What the rounds of a region's loops rely on and leave behind, said of addresses and walks.
#pragma once

#include "proofs/operation.hpp"
#include "proofs/spec.hpp"

namespace twinwalk::proofs {

// Whether the page of a level that contains an address lies in [first, last], and whole.
inline SymBool page_within(Spec const& spec, int level, SymWord const& address,
                           SymWord const& first, SymWord const& last) {
  SymWord const offset = spec.offset_mask(level);
  return both(at_most(first, address & ~offset), at_most(address | offset, last));
}

// Whether no page that a region may map lies in [first, last] and contains both `at` and the
// address before it: where rounds may part.
inline SymBool is_edge(Spec const& spec, PageLevels const& allowed, SymWord const& at,
                       SymWord const& first, SymWord const& last) {
  SymBool edge(true);
  for (int level = 1; level <= spec.largest_leaf_level(); ++level) {
    SymBool const cut = (at & spec.offset_mask(level)) != SymWord(0);
    edge = both(edge, !both(both(allowed[level], cut), page_within(spec, level, at, first, last)));
  }
  return edge;
}

// Whether there is room where a page that a region may map would go, which lies in the range and
// contains the address. `occupied(level)` says what stands there.
template <class Occupied>
SymBool has_room(Spec const& spec, PageLevels const& allowed, SymWord const& address,
                 Occupied const& occupied, SymWord const& first, SymWord const& last) {
  SymBool room(true);
  for (int level = 1; level <= spec.largest_leaf_level(); ++level) {
    SymBool const due = both(allowed[level], page_within(spec, level, address, first, last));
    room = both(room, implies(due, !occupied(level)));
  }
  return room;
}

// Whether a range is free at the address of a walk: no leaf contains it, nor is there a table where
// a page may go.
inline SymBool is_free(Spec const& spec, PageLevels const& allowed, Walk const& walk,
                       SymWord const& first, SymWord const& last) {
  auto const occupied = [&](int level) {
    return both(walk[level].reached, !spec.is_hole(level, walk[level].entry));
  };
  return both(!walk.found, has_room(spec, allowed, walk.address, occupied, first, last));
}

// Whether a region maps a page of this level at `at`: it may, it fits, and no larger one does.
inline SymBool is_page_level(Spec const& spec, int level, PageLevels const& allowed,
                             SymWord const& at, SymWord const& last) {
  auto const fits = [&](int candidate) {
    return both(allowed[candidate], both((at & spec.offset_mask(candidate)) == SymWord(0),
                                         page_within(spec, candidate, at, at, last)));
  };
  SymBool chosen = fits(level);
  for (int larger = level + 1; larger <= spec.largest_leaf_level(); ++larger) {
    chosen = both(chosen, !fits(larger));
  }
  return chosen;
}

// A range that a region accepts, and an address in it at which a round may begin: both in whole
// pages, in one half of the address space.
inline SymBool is_round(Spec const& spec, SymWord const& first, SymWord const& at,
                        SymWord const& last) {
  SymBool fits(true);
  for (SymWord const& address : {first, at, last}) fits = both(fits, spec.canonical(address));
  SymBool const whole = ((first | at | ~last) & spec.offset_mask(1)) == SymWord(0);
  SymBool const within = both(at_most(first, at), at_most(at, last));
  return both(both(fits, whole), both(within, ((first ^ last) >> 63) == SymWord(0)));
}

}  // namespace twinwalk::proofs
