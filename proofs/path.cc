#include "proofs/path.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "proofs/explain.hpp"
#include "proofs/region.hpp"

namespace twinwalk::proofs {

Path::Path(Prover& prover, Machine& machine_of_it, Operation const& call, Inputs const& inputs,
           Walk const& at_first, int number)
    : operation(call),
      in(inputs),
      machine(machine_of_it),
      spec(machine_of_it.spec()),
      explorer(machine_of_it.explorer()),
      before(at_first),
      found(at_first),
      after(at_first),
      prover_(prover),
      number_(number) {}

void Path::finish(Outcome result) {
  outcome = std::move(result);
  assertions = failed_assertions();
  if (operation.call == Call::map) {
    level = operation.level;
  } else if (operation.call == Call::unmap_step || operation.call == Call::protect_step ||
             is_region_check(operation.call)) {
    level = 1;
  } else if (operation.call != Call::map_step) {
    level = leaf_level(before);
  }
  after = walk_at(machine, machine.entries.version(), in.root, in.va);
  if (operation.call == Call::map_step) level = leaf_level(after);
  first_store = machine.entries.version();
  for (Machine::Write const& write : machine.writes) {
    if (write.by_hardware) continue;
    first_store = write.before;
    break;
  }
  found = walk_at(machine, first_store, in.root, in.va);
  own_what_changed();
  end = Moment::now(machine);
  // The hull of several ranges is a choice between their ends, which the path has made.
  if (outcome.plan) settle(*outcome.plan);
  if (is_region_round(operation.call) && !outcome.again) simplify_end();
  for (Machine::Flush& flush : machine.flushes) settle(flush.scope);
}

// A round ends with a table or with the range. The engine counts entries to get there; where that
// comes to the same, the plain word for it makes shorter questions.
void Path::simplify_end() {
  int const page = operation.call == Call::map_step ? level : 1;
  SymWord const range_end = ((in.last + SymWord(1)) & ~spec.offset_mask(page)) - SymWord(1);
  for (int at = 1; at <= spec.levels(); ++at) {
    SymWord const table_end = in.va | spec.offset_mask(at);
    for (SymWord const& candidate : {table_end, page == 1 ? in.last : range_end}) {
      if (!explorer.certain(outcome.end == candidate)) continue;
      outcome.end = candidate;
      return;
    }
    SymWord const lesser =
        select(at_most(table_end, range_end), table_end, page == 1 ? in.last : range_end);
    if (!explorer.certain(outcome.end == lesser)) continue;
    outcome.end = lesser;
    return;
  }
}

void Path::settle(SymScope& scope) {
  for (int i = 0; i < scope.range_count; ++i) {
    scope.ranges[i].first = explorer.settle(scope.ranges[i].first);
    scope.ranges[i].last = explorer.settle(scope.ranges[i].last);
  }
}

// Brings the ghosts up to date: a frame that was freed stands nowhere, one that was linked stands
// where the walk meets it.
void Path::own_what_changed() {
  for (Machine::Frame const& frame : machine.freed) {
    machine.places.write(frame.address, SymWord());
  }
  if (!ok()) return;
  for (Machine::Frame const& frame : machine.taken) {
    SymWord place;
    for (int at = 1; at < spec.levels(); ++at) {
      SymBool const here = both(after[at].reached, after[at].table == frame.address);
      place = select(here, spec.place(at, in.va), place);
    }
    machine.places.write(frame.address, place);
    machine.owners.write(frame.address, in.root);
  }
}

int Path::leaf_level(Walk const& walk) const {
  for (int candidate = spec.largest_leaf_level(); candidate >= 1; --candidate) {
    if (explorer.settle(walk[candidate].is_leaf).is_true()) return candidate;
  }
  return 0;
}

bool Path::changes_nothing() const {
  return machine.writes.empty() && machine.freed.empty() && machine.taken.empty() &&
         machine.relabelled.empty();
}

SymBool Path::is_taken(SymWord const& frame) const {
  SymBool taken(false);
  for (Machine::Frame const& one : machine.taken) taken = either(taken, one.address == frame);
  return taken;
}

bool Path::unlinks_a_table() const {
  return std::any_of(machine.freed.begin(), machine.freed.end(), [&](Machine::Frame const& frame) {
    return !explorer.settle(is_taken(frame.address)).is_true();
  });
}

Walk Path::touched(Case const& other, SymMemory::Version version) const {
  Walk walk = other.before;
  if (spec.largest_leaf_level() < spec.levels()) return walk;
  WalkLevel const& top = walk[spec.levels()];
  SymWord set;
  for (Machine::Write const& write : machine.writes) {
    if (!write.by_hardware || write.before >= version) continue;
    set = set | select(write.slot == top.slot, write.set, SymWord());
  }
  walk.entry = select(top.is_leaf, walk.entry | set, walk.entry);
  return walk;
}

std::vector<SymMemory::Version> Path::versions() const {
  std::vector<SymMemory::Version> all;
  for (Machine::Write const& write : machine.writes) {
    if (!write.by_hardware) all.push_back(write.before + 1);
  }
  if (all.empty() || all.back() != end.entries) all.push_back(end.entries);
  return all;
}

// ---- Cases ----

void Path::for_each_case(std::function<void(Case const&)> const& judge) {
  if (operation.call == Call::share) {
    share_cases(judge);
  } else {
    if (level != 0) inside_case(judge);
    // An address outside shares the walk of `va` down to some level and parts there.
    for (int parts_at = level == 0 ? 1 : level; parts_at <= spec.levels(); ++parts_at) {
      outside_case(in.root, parts_at, fmt::format("parts at level {}", parts_at), judge);
    }
  }
  if (is_region_check(operation.call)) return;
  borrower_case(in.root, judge);
  stranger_case(judge);
}

void Path::inside_case(std::function<void(Case const&)> const& judge) {
  SymWord const address = join(in.va, free_word("inside"), spec.level_shift(level));
  judge_in_scope({"inside the page", Case::Kind::inside}, in.root, address, SymBool(true), judge);
}

void Path::outside_case(SymWord const& root, int parts_at, std::string name,
                        std::function<void(Case const&)> const& judge) {
  SymWord const low = free_word("elsewhere");
  SymWord address = spec.sign_extend(low);
  if (parts_at < spec.levels()) address = join(in.va, low, spec.level_shift(parts_at + 1));
  SymBool const parts = spec.index(parts_at, address) != spec.index(parts_at, in.va);
  judge_in_scope({std::move(name), Case::Kind::outside}, root, address, parts, judge);
}

// Both trees change, and each may have lent slots before.
void Path::share_cases(std::function<void(Case const&)> const& judge) {
  int const top = spec.levels();
  SymWord const address = join(in.va, free_word("inside"), spec.level_shift(top));
  judge_in_scope({"in the slot", Case::Kind::inside}, in.root, address, SymBool(true), judge);
  judge_in_scope({"in the slot, from the borrower", Case::Kind::lent}, in.borrower, address,
                 SymBool(true), judge);
  outside_case(in.root, top, "in another slot", judge);
  outside_case(in.borrower, top, "in another slot, from the borrower", judge);
  borrower_case(in.borrower, judge);
}

SymWord Path::other_root(SymBool& assumption) const {
  SymWord const root = free_word("other_root", 40, 12);
  assumption = both(root != in.root, (root & ~spec.machine().physical_mask) == SymWord(0));
  if (operation.call == Call::share) assumption = both(assumption, root != in.borrower);
  return root;
}

void Path::borrower_case(SymWord const& lender, std::function<void(Case const&)> const& judge) {
  SymBool assumption;
  SymWord const root = other_root(assumption);
  judge_in_scope({.name = "another root that borrowed it",
                  .kind = Case::Kind::borrower,
                  .lowest = spec.levels(),
                  .lender = lender},
                 root, spec.sign_extend(free_word("elsewhere")), assumption, judge);
}

void Path::stranger_case(std::function<void(Case const&)> const& judge) {
  SymBool assumption;
  SymWord const root = other_root(assumption);
  judge_in_scope({"another root", Case::Kind::stranger}, root,
                 spec.sign_extend(free_word("elsewhere")), assumption, judge);
}

void Path::judge_in_scope(Case other, SymWord const& root, SymWord const& address,
                          SymBool const& assumption,
                          std::function<void(Case const&)> const& judge) {
  Explorer::Case const facts(explorer);
  SymMemory::Case const entries(machine.entries), counts(machine.live_counts), links(machine.links);
  SymMemory::Case const sums(machine.sums), owners(machine.owners), places(machine.places);
  explorer.assume(assumption, Topic::whereabouts);
  other.before = walk_at(machine, 0, root, address, other.lowest);
  assume_invariant(machine, other.before);
  explorer.assume(sum_facts(machine, other.before));
  explorer.assume(sum_facts(machine, before, other.before));
  if (other.kind == Case::Kind::lent) {
    // The borrower will find what the owner has there.
    Walk const owned = walk_at(machine, 0, in.root, address);
    assume_invariant(machine, owned);
    explorer.assume(sum_facts(machine, owned));
  }
  WalkLevel const& below = other.before[spec.levels() - 1];
  SymWord const owner = owner_below_root(machine, other.before, {});
  if (other.kind == Case::Kind::borrower) {
    explorer.assume(both(below.reached, owner == other.lender), Topic::whereabouts);
    // The invariant's own words, with the owner's name in place.
    explorer.assume(leads_there(machine, other.lender, other.before, SymBool(true), {}));
  }
  if (other.kind == Case::Kind::stranger) {
    SymBool ours = owner == in.root;
    if (operation.call == Call::share) ours = either(ours, owner == in.borrower);
    explorer.assume(!both(below.reached, ours), Topic::whereabouts);
  }
  // Not every case goes with every path: a path that found no table shared has no borrower.
  if (!explorer.possible_by_whereabouts(SymBool(true))) return;
  if (operation.call == Call::map_step && root.term().id() == in.root.term().id()) {
    // All that is left of the range is free, as the region has checked.
    SymBool const due = both(at_most(in.va, address), at_most(address, in.last));
    explorer.assume(implies(due, is_free(spec, in.page_levels, other.before, in.va, in.last)),
                    Topic::whereabouts);
  }
  for (int at = spec.levels(); at >= other.lowest; --at) {
    machine.instantiate(other.before[at].slot);
  }
  other.slots_alone = machine.leaves_slots_alone(other.before);
  other.tables_alone = machine.leaves_tables_alone(other.before);
  judge(other);
}

Walk const& Path::walk(Case const& other, SymMemory::Version version) {
  if (other.slots_alone) return other.before;
  auto const known = other.walks.find(version);
  if (known != other.walks.end()) return known->second;
  Walk walk = walk_at(machine, version, other.before.root, other.before.address, other.lowest);
  return other.walks.insert({version, std::move(walk)}).first->second;
}

std::vector<Clause> const& Path::clauses_before(Case const& other) {
  if (other.clauses_before.empty()) other.clauses_before = invariant(machine, other.before, {});
  return other.clauses_before;
}

std::vector<Clause> const& Path::clauses_after(Case const& other) {
  if (other.slots_alone && other.tables_alone) return clauses_before(other);
  if (other.clauses_after.empty()) {
    other.clauses_after = invariant(machine, walk(other, end.entries), end);
  }
  return other.clauses_after;
}

// ---- Claims ----

void Path::prove_possible(std::string_view theorem, std::string const& what) {
  prover_.prove_satisfiable(theorem, fmt::format("{}, {}", name(), what),
                            explorer.possible(SymBool(true)));
}

bool Path::first_time(std::string_view what) {
  return prover_.first_time(fmt::format("{} {} {} {}", operation.name, level,
                                        outcome.error ? error_name(*outcome.error) : "Ok", what));
}

std::string Path::name() const {
  return fmt::format("{}, path {}{}", operation.name, number_,
                     outcome.error ? fmt::format(" ({})", error_name(*outcome.error)) : "");
}

void Path::prove(std::string_view theorem, std::string_view what, SymBool const& goal) {
  prover_.prove(theorem, fmt::format("{}, {}", name(), what), goal,
                [&](z3::model const& model) { return explain(*this, model, nullptr); });
}

void Path::prove(std::string_view theorem, std::string_view what, Case const& other,
                 SymBool const& goal) {
  prover_.prove(theorem, fmt::format("{}, {}, {}", name(), what, other.name), goal,
                [&](z3::model const& model) { return explain(*this, model, &other); });
}

}  // namespace twinwalk::proofs
