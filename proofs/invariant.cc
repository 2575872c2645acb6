#include "proofs/invariant.hpp"

namespace twinwalk::proofs {
namespace {

constexpr std::string_view ownership = "ownership-preserved";

SymBool every(std::vector<SymBool> const& all) {
  SymBool result(true);
  for (SymBool const& one : all) result = both(result, one);
  return result;
}

SymBool is_pinned(SymWord const& live_count) {
  return (live_count & SymWord(pinned_mark)) != SymWord(0);
}

SymWord is_live(Spec const& spec, WalkLevel const& at, int level) {
  return as_word(!spec.is_hole(level, at.entry));
}

}  // namespace

Walk walk_at(Machine& machine, SymMemory::Version entries, SymWord const& root,
             SymWord const& address, int lowest) {
  return machine.spec().walk(
      [&](SymBool const& reached, SymWord const& slot) {
        return machine.entries.read_where(reached, entries, slot);
      },
      root, address, lowest);
}

SymWord owner_below_root(Machine& machine, Walk const& walk, Moment const& moment) {
  WalkLevel const& below = walk[machine.spec().levels() - 1];
  return machine.owners.read_where(below.reached, moment.owners, below.table);
}

SymBool is_pinned_below_root(Machine& machine, Walk const& walk, Moment const& moment) {
  WalkLevel const& below = walk[machine.spec().levels() - 1];
  return both(below.reached, is_pinned(machine.live_counts.read_where(
                                 below.reached, moment.live_counts, below.table)));
}

// Whether the owner of a borrowed slot still leads to the table, from the root of a tree of its
// own.
SymBool leads_there(Machine& machine, SymWord const& owner, Walk const& walk,
                    SymBool const& borrowed, Moment const& moment) {
  Spec const& spec = machine.spec();
  int const top = spec.levels();
  WalkLevel const& below = walk[top - 1];
  SymWord const name(static_cast<std::uint64_t>(top) << 60);
  SymBool const is_root = both(machine.places.read_where(borrowed, moment.places, owner) == name,
                               machine.owners.read_where(borrowed, moment.owners, owner) == owner);
  SymWord const slot = owner | (spec.index(top, walk.address) << 3);
  SymWord const entry = machine.entries.read_where(borrowed, moment.entries, slot);
  SymBool const to_table =
      both(both(spec.is_table(top, entry), spec.table_address(top, entry) == below.table),
           spec.grants_everything(top, entry));
  return both(both(is_root, to_table), Machine::frame_of(owner) == owner);
}

std::vector<Clause> invariant(Machine& machine, Walk const& walk, Moment const& moment) {
  Spec const& spec = machine.spec();
  int const top = spec.levels();
  std::vector<SymBool> well_formed;
  std::vector<SymBool> granting;
  std::vector<SymBool> owned;
  std::vector<SymBool> counted;
  std::vector<SymBool> occupied;
  SymWord owner = walk.root;
  for (int level = top; level >= 1; --level) {
    WalkLevel const& at = walk[level];
    if (at.reached.is_false()) break;
    well_formed.push_back(implies(at.reached, !at.is_malformed));
    if (level > 1) {
      granting.push_back(implies(at.is_table, spec.grants_everything(level, at.entry)));
    }
    SymWord const count = machine.live_counts.read_where(at.reached, moment.live_counts, at.table);
    SymWord const sum = machine.sums.read_where(at.reached, moment.sums, at.table);
    SymWord const own = machine.owners.read_where(at.reached, moment.owners, at.table);
    SymWord const place = machine.places.read_where(at.reached, moment.places, at.table);
    SymBool pinned(false);
    if (level == top - 1) {
      owner = own;
      pinned = is_pinned(count);
      SymBool const borrowed = both(at.reached, own != walk.root);
      SymWord const link = machine.links.read_where(at.reached, moment.links, at.table);
      owned.push_back(implies(both(at.reached, pinned), link == own));
      owned.push_back(implies(borrowed, pinned));
      if (!borrowed.is_false()) {
        owned.push_back(implies(borrowed, leads_there(machine, own, walk, borrowed, moment)));
      }
    }
    owned.push_back(
        implies(at.reached, both(own == owner, place == spec.place(level, walk.address))));
    SymWord const mark = select(pinned, SymWord(pinned_mark), SymWord(0));
    counted.push_back(implies(at.reached, both(count == sum + mark, at_most(sum, SymWord(512)))));
    if (level != top) {
      occupied.push_back(implies(both(at.reached, !pinned), sum != SymWord(0)));
    }
  }
  return {{"no-reserved-bit", every(well_formed)},
          {"tables-grant-everything", every(granting)},
          {ownership, every(owned)},
          {"live-count-exact", every(counted)},
          {"no-empty-table", every(occupied)}};
}

void assume_invariant(Machine& machine, Walk const& walk) {
  for (Clause const& clause : invariant(machine, walk, {})) {
    bool const whereabouts = clause.theorem == ownership || clause.theorem == "no-reserved-bit";
    machine.explorer().assume(clause.holds, whereabouts ? Topic::whereabouts : Topic::anything);
  }
}

SymBool sum_facts(Machine& machine, Walk const& walk) {
  std::vector<SymBool> facts;
  for (int level = machine.spec().levels(); level >= 1; --level) {
    WalkLevel const& at = walk[level];
    if (at.reached.is_false()) break;
    SymWord const sum = machine.sums.read_where(at.reached, 0, at.table);
    SymWord const live = is_live(machine.spec(), at, level);
    facts.push_back(
        implies(at.reached, both(at_most(live, sum), at_most(sum, SymWord(511) + live))));
  }
  return every(facts);
}

SymBool sum_facts(Machine& machine, Walk const& one, Walk const& other) {
  std::vector<SymBool> facts;
  for (int level = machine.spec().levels(); level >= 1; --level) {
    WalkLevel const& a = one[level];
    WalkLevel const& b = other[level];
    if (a.reached.is_false() || b.reached.is_false()) break;
    SymBool const apart =
        both(both(a.reached, b.reached), both(a.table == b.table, a.slot != b.slot));
    if (apart.is_false()) continue;
    SymWord const sum = machine.sums.read_where(a.reached, 0, a.table);
    SymWord const live = is_live(machine.spec(), a, level) + is_live(machine.spec(), b, level);
    facts.push_back(implies(apart, at_most(live, sum)));
  }
  return every(facts);
}

}  // namespace twinwalk::proofs
