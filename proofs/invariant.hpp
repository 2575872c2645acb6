// The ownership invariant: what every call may rely on and has to leave behind, said of one walk at
// a time. It never speaks of two arbitrary addresses: that two walks share no table but where they
// should follows from each table having one owner and one place.
//
// A table belongs to the tree of one root and stands at one place in it. A walk from a root meets
// tables of that root's; below a root slot that it borrowed, those of the owner of that slot, whose
// own slot leads to the same table.
#pragma once

#include <string_view>
#include <vector>

#include "proofs/machine.hpp"
#include "proofs/spec.hpp"

namespace twinwalk::proofs {

// A state of all memories of a machine.
struct Moment {
  SymMemory::Version entries = 0;
  SymMemory::Version live_counts = 0;
  SymMemory::Version links = 0;
  SymMemory::Version sums = 0;
  SymMemory::Version owners = 0;
  SymMemory::Version places = 0;

  static Moment now(Machine const& machine) {
    return {machine.entries.version(), machine.live_counts.version(), machine.links.version(),
            machine.sums.version(),    machine.owners.version(),      machine.places.version()};
  }
};

// How the engine marks a table that root slots share (engine/table_metadata.hpp).
inline constexpr std::uint64_t pinned_mark = std::uint64_t{1} << 32;

// One law of the invariant, on one walk.
struct Clause {
  std::string_view theorem;  // under which name it is proved to be preserved
  SymBool holds;
};

Walk walk_at(Machine& machine, SymMemory::Version entries, SymWord const& root,
             SymWord const& address, int lowest = 1);

// Said of the levels from the root's down to that of the last entry that the walk has read.
std::vector<Clause> invariant(Machine& machine, Walk const& walk, Moment const& moment);

// Makes all of it facts, of what memory held at first.
void assume_invariant(Machine& machine, Walk const& walk);

// Whether the owner of the slot that a walk borrowed, where it did, is the root of a tree whose own
// slot leads to the same table.
SymBool leads_there(Machine& machine, SymWord const& owner, Walk const& walk,
                    SymBool const& borrowed, Moment const& moment);

// The root of the tree that the tables of a walk below its root belong to.
SymWord owner_below_root(Machine& machine, Walk const& walk, Moment const& moment);
// Whether the table that the root's entry leads to is pinned.
SymBool is_pinned_below_root(Machine& machine, Walk const& walk, Moment const& moment);

// What is true of any count of the live entries of a table (theorem live-count-sums), for the
// entries that one or two walks meet at first.
SymBool sum_facts(Machine& machine, Walk const& walk);
SymBool sum_facts(Machine& machine, Walk const& one, Walk const& other);

}  // namespace twinwalk::proofs
