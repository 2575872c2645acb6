#include <fmt/core.h>

#include <array>
#include <string>

#include "proofs/explore.hpp"
#include "proofs/region.hpp"

namespace twinwalk::proofs {
namespace {

constexpr std::string_view theorem = "region-induction";

Refutation explain(z3::model const& /*model*/) { return {}; }

// A range, a round in it from `at` to `end`, and any address.
struct Round {
  Spec const& spec;
  SymWord first = free_word("first");
  SymWord at = free_word("va");
  SymWord last = free_word("last");
  SymWord end = free_word("end");
  SymWord address = free_word("address");
  PageLevels allowed = PageLevels::from(1);
  // Whether a table stands at the address where a page of each level would go.
  std::array<SymBool, levels_max + 1> table{};

  explicit Round(Spec const& of) : spec(of) {
    for (int level = 1; level <= levels_max; ++level) {
      table[static_cast<std::size_t>(level)] = free_bool(fmt::format("table_{}", level));
    }
  }

  SymWord next() const { return end + SymWord(1); }
  SymBool free_in(SymWord const& from) const {
    auto const occupied = [&](int level) { return table[static_cast<std::size_t>(level)]; };
    return has_room(spec, allowed, address, occupied, from, last);
  }
  SymBool edge(SymWord const& where, SymWord const& from) const {
    return is_edge(spec, allowed, where, from, last);
  }
};

class Induction {
 public:
  Induction(Prover& prover, Explorer& explorer, Spec const& spec)
      : prover_(prover), explorer_(explorer), round_(spec) {}

  void prove() {
    // What theorems about one round claim of its end.
    explorer_.assume(is_round(round_.spec, round_.first, round_.at, round_.last));
    explorer_.assume(both(at_most(round_.at, round_.end), at_most(round_.end, round_.last)));
    explorer_.assume((~round_.end & round_.spec.offset_mask(1)) == SymWord(0));
    prove_loops();
    prove_room_is_found();
    prove_room_is_left();
  }

 private:
  void claim(std::string const& what, SymBool const& assumption, SymBool const& goal) {
    Explorer::Case const scope(explorer_);
    explorer_.assume(assumption);
    prover_.prove_satisfiable(theorem, what, explorer_.possible(SymBool(true)));
    prover_.prove(theorem, what, goal, explain);
  }

  // The last round ends with the range; after any other there is a next, in the same range, and
  // less of it is left.
  void prove_loops() {
    Round const& r = round_;
    SymBool const more = r.end != r.last;
    claim("the next round begins where one may", more, is_round(r.spec, r.first, r.next(), r.last));
    claim("less is left", more, both(at_most(r.at, r.next()), r.at != r.next()));
  }

  // What a check's rounds find, each of what is left from its own beginning on, holds of the whole
  // range: no page of it lies across a beginning.
  void prove_room_is_found() {
    Round const& r = round_;
    claim("the first round begins at an edge", r.at == r.first, r.edge(r.at, r.first));
    claim("each begins at an edge",
          both(both(r.edge(r.at, r.first), r.end != r.last), r.edge(r.next(), r.at)),
          r.edge(r.next(), r.first));
    SymBool const seen = both(at_most(r.at, r.address), at_most(r.address, r.end));
    claim("what a round found free is free",
          both(both(r.edge(r.at, r.first), seen), r.free_in(r.at)), r.free_in(r.first));
  }

  // What is free in a range is free in each part of it.
  void prove_room_is_left() {
    Round const& r = round_;
    SymBool const due = both(at_most(r.at, r.address), at_most(r.address, r.last));
    claim("what is free in the range is free in the rest of it", both(due, r.free_in(r.first)),
          r.free_in(r.at));
  }

  Prover& prover_;
  Explorer& explorer_;
  Round round_;
};

Explored explore_induction(Prover& prover, Explorer& explorer, Spec const& spec,
                           Engine const& /*engine*/) {
  double const start = thread_seconds();
  Explorer::Case const scope(explorer);
  Induction(prover, explorer, spec).prove();
  prover.count_path(theorem);
  return {"induction over rounds", 1, thread_seconds() - start};
}

}  // namespace

FoundationTheorem const region_induction{
    theorem,
    "What is proved of one round of a region's loops, from any state, is all that the next round "
    "relies on, and the rounds end with the range: so it holds of all of them.",
    explore_induction};

}  // namespace twinwalk::proofs
