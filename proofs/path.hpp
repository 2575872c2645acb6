// One way through one call, and the memory it left: what the theorems about operations judge.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/invariant.hpp"
#include "proofs/machine.hpp"
#include "proofs/operation.hpp"
#include "proofs/prover.hpp"

namespace twinwalk::proofs {

// Another address, or the same one, in the tree of some root: every walk there is falls into one of
// a path's cases.
struct Case {
  enum class Kind {
    inside,    // the page concerned, from the same root; for sharing, the slot
    lent,      // that slot, from the root that borrows it
    outside,   // any other address, from the same root
    borrower,  // any address from another root, which borrowed its slot from this one
    stranger,  // any address from another root, which did not
  };
  std::string name;
  Kind kind;
  Walk before{};
  int lowest = 1;             // how far down `before` goes
  SymWord lender{};           // of a borrower: whose slot it borrowed
  bool slots_alone = false;   // no change of the call is in a slot of `before`
  bool tables_alone = false;  // and none of the metadata of its tables
  // The walk at each version that was asked for, and the invariant's clauses at first and after.
  mutable std::map<SymMemory::Version, Walk> walks{};
  mutable std::vector<Clause> clauses_before{};
  mutable std::vector<Clause> clauses_after{};
};

class Path {
 public:
  Path(Prover& prover, Machine& machine, Operation const& operation, Inputs const& inputs,
       Walk const& before, int number);

  // ---- What it is ----
  Operation const& operation;
  Inputs const& in;
  Outcome outcome;
  Machine& machine;
  Spec const& spec;
  Explorer& explorer;

  Moment end;   // after the call and its plan
  Walk before;  // of `in.va`
  Walk found;   // as the engine's first store found it, with what hardware had noted by then
  Walk after;
  int level = 0;                        // of the leaf concerned; 0 where there is none
  std::vector<std::string> assertions;  // that failed
  SymMemory::Version first_store = 0;   // the version that it found

  bool ok() const { return !outcome.error; }
  // The level of the leaf that a walk ends with; 0 where it is none, or the path does not say.
  int leaf_level(Walk const& walk) const;
  bool changes_nothing() const;
  // Whether a frame was taken in this very call: no root reached it before.
  SymBool is_taken(SymWord const& frame) const;
  // Whether a frame was freed that was not: an unlinked table's.
  bool unlinks_a_table() const;
  // The walk of an address of a case at a version of the entries.
  Walk const& walk(Case const& other, SymMemory::Version version);
  // The clauses of the invariant for a case, at first and after the call.
  std::vector<Clause> const& clauses_before(Case const& other);
  std::vector<Clause> const& clauses_after(Case const& other);
  // The walk of a case at first, with what hardware had set in the entry of the root by a version.
  // That one is looked at for its owner, and again on the way; where it is a leaf, hardware may set
  // accessed and dirty between the two.
  Walk touched(Case const& other, SymMemory::Version version) const;
  // The versions that a walker could have met, without the first: those after each store.
  std::vector<SymMemory::Version> versions() const;

  // ---- To settle what it is, once the call was made ----
  void finish(Outcome result);
  // Calls `judge` for every case that is possible, with the invariant known of it.
  void for_each_case(std::function<void(Case const&)> const& judge);

  // ---- To judge it ----
  // Claims a goal under a theorem's name; `what` says which part.
  void prove(std::string_view theorem, std::string_view what, SymBool const& goal);
  void prove(std::string_view theorem, std::string_view what, Case const& other,
             SymBool const& goal);
  // Claims that what is known here contradicts nothing; a goal would follow from a contradiction.
  void prove_possible(std::string_view theorem, std::string const& what);
  std::string name() const;
  // Whether no path with this outcome was asked about `what` before.
  bool first_time(std::string_view what);

 private:
  void own_what_changed();
  void simplify_end();
  void settle(SymScope& scope);
  void inside_case(std::function<void(Case const&)> const& judge);
  void outside_case(SymWord const& root, int parts_at, std::string name,
                    std::function<void(Case const&)> const& judge);
  void share_cases(std::function<void(Case const&)> const& judge);
  void borrower_case(SymWord const& lender, std::function<void(Case const&)> const& judge);
  void stranger_case(std::function<void(Case const&)> const& judge);
  // A root that none of the call's is.
  SymWord other_root(SymBool& assumption) const;
  // Judges a case in a scope of its own, with what is known of it, if it is possible.
  void judge_in_scope(Case other, SymWord const& root, SymWord const& address,
                      SymBool const& assumption, std::function<void(Case const&)> const& judge);

  Prover& prover_;
  int number_;
};

}  // namespace twinwalk::proofs
