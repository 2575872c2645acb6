#pragma once

#include "proofs/layout.hpp"
#include "proofs/layout/presence.hpp"

namespace twinwalk::proofs {

// How many entries of a table are live is the sum of 512 bits. What proofs/invariant.cc and
// proofs/machine.cc say of that sum without looking at the bits is proved here of the bits.
//
// By halves: what holds of the sums of both halves, for all their values, is proved to hold of the
// sum of the whole, from 8 bits, which are asked about outright, up to 512. In each step the law
// stands as a fact for the very halves at hand, and the sums of these are free symbols: what holds
// for whatever they are holds for what they are. An index falls into the lower or into the upper
// half: a query for either. `Adder` is what adds up.
template <class Adder = AdderTree>
struct LiveCountSumsOf {
  static constexpr std::string_view name = "live-count-sums";
  static constexpr std::string_view statement =
      "How many of 512 entries are live is 0 to 512, moves by one with each entry that comes or "
      "goes, and is 0 or 512 only for a table of holes or without any.";

  template <class Format, class S>
  static void prove(Layout<Format, S>& layout) {
    Over<Format, S>{layout}.prove();
  }

 private:
  static constexpr unsigned table_height = 9;  // 512 entries
  static constexpr unsigned base_height = 3;

  static SymWord word(z3::expr const& bit) { return SymWord(z3::zext(bit, 63)); }
  static SymWord size(Presence const& of) { return SymWord(std::uint64_t{of.bits().size()}); }

  // Sums as they are spelt in one query.
  class Sums {
   public:
    // The sum of this vector is a free symbol from now on, wherever it is a part of another.
    void name(Presence const& of) {
      z3::expr const total = Adder::sum(of.bits());
      std::string const symbol = "sum_" + std::to_string(totals_.size());
      totals_.push_back(total);
      symbols_.push_back(context().bv_const(symbol.c_str(), total.get_sort().bv_size()));
    }
    void name_halves(Presence const& of) {
      name(of.half(false));
      name(of.half(true));
    }
    SymWord operator()(Presence const& of) const {
      z3::expr const total = Adder::sum(of.bits()).substitute(totals_, symbols_);
      return SymWord(z3::zext(total, 64 - total.get_sort().bv_size()));
    }

   private:
    z3::expr_vector totals_{context()};
    z3::expr_vector symbols_{context()};
  };

  // ---- Laws of one vector, of two, and of one with an entry that is replaced ----

  static SymBool none_at_zero(Sums const& sum, Presence const& a) {
    return implies(sum(a) == SymWord(0), a.none());
  }
  static SymBool every_at_most(Sums const& sum, Presence const& a) {
    return both(at_most(sum(a), size(a)), implies(sum(a) == size(a), a.every()));
  }
  // Whatever is live in a run, beside whatever is live elsewhere: a table before it is cleared or
  // after it is filled there.
  static SymBool parts(Sums const& sum, Presence const& a, Presence const& b) {
    return sum(a & b) + sum(a & ~b) == sum(a);
  }
  // `was` stood there.
  static SymBool replaced(Sums const& sum, Presence const& a, z3::expr const& index,
                          z3::expr const& was, z3::expr const& value) {
    return sum(a.with(index, value)) + word(was) == sum(a) + word(value);
  }

  template <class Format, class S>
  struct Over {
    Layout<Format, S>& layout;
    z3::expr value = context().bv_const("value", 1);

    void prove() {
      by_halves("without a sum no entry is live", &none_at_zero);
      by_halves("no sum is beyond the entries, and the largest is of live ones", &every_at_most);
      by_halves("a run that comes or goes counts as its live entries", &parts);
      for (unsigned height = base_height; height <= table_height; ++height) replace(height);
      conclude();
    }

    void claim(std::string const& what, unsigned height, SymBool const& fact, SymBool const& goal,
               std::vector<SymWord> const& sums) {
      if (layout.prover.refuted_enough(layout.theorem)) return;
      std::vector<typename Layout<Format, S>::Shown> shown;
      for (SymWord const& one : sums) shown.push_back({"sum", one});
      layout.prove(what + ", " + std::to_string(1u << height) + " entries", fact, goal, shown);
    }

    void by_halves(std::string const& what, SymBool (*law)(Sums const&, Presence const&)) {
      for (unsigned height = base_height; height <= table_height; ++height) {
        Presence const a = Presence::any("present", height);
        Sums sum;
        SymBool fact(true);
        if (height != base_height) {
          sum.name_halves(a);
          fact = both(law(sum, a.half(false)), law(sum, a.half(true)));
        }
        claim(what, height, fact, law(sum, a), {sum(a)});
      }
    }
    void by_halves(std::string const& what,
                   SymBool (*law)(Sums const&, Presence const&, Presence const&)) {
      for (unsigned height = base_height; height <= table_height; ++height) {
        Presence const a = Presence::any("present", height);
        Presence const b = Presence::any("run", height);
        Sums sum;
        SymBool fact(true);
        if (height != base_height) {
          for (Presence const& one : {a, a & b, a & ~b}) sum.name_halves(one);
          fact = both(law(sum, a.half(false), b.half(false)), law(sum, a.half(true), b.half(true)));
        }
        claim(what, height, fact, law(sum, a, b), {sum(a), sum(a & b)});
      }
    }
    // An entry that is replaced moves the sum by what it is, less what it was.
    void replace(unsigned height) {
      std::string const what = "an entry that is replaced counts as it is";
      Presence const a = Presence::any("present", height);
      if (height == base_height) {
        z3::expr const index = context().bv_const("index", height);
        Sums const sum;
        claim(what, height, SymBool(true), replaced(sum, a, index, a.at(index), value), {sum(a)});
        return;
      }
      z3::expr const index = context().bv_const("index", height - 1);
      for (bool const upper : {false, true}) {
        z3::expr const in_whole = z3::concat(Presence::bit(upper), index);
        Sums sum;
        sum.name_halves(a);
        sum.name(a.half(upper).with(index, value));
        z3::expr const was = a.at(in_whole);
        claim(what + (upper ? ", above" : ", below"), height,
              replaced(sum, a.half(upper), index, was, value),
              replaced(sum, a, in_whole, was, value), {sum(a)});
      }
    }

    // What follows for a whole table from the laws above. Where a law has said all there is to say
    // of the bits, `was` and `beside` are whatever stands at the two indices.
    void conclude() {
      constexpr unsigned whole = table_height;
      Presence const a = Presence::any("present", whole);
      Presence const run = Presence::any("run", whole);
      z3::expr const index = context().bv_const("index", whole);
      z3::expr const other = context().bv_const("other", whole);
      z3::expr const was = context().bv_const("was", 1);
      z3::expr const beside = context().bv_const("beside", 1);
      z3::expr const hole = Presence::bit(false);
      z3::expr const live = Presence::bit(true);
      Presence const without = a.with(index, hole);
      Presence const with = a.with(index, live);
      SymWord const one(1);
      Sums sum;
      for (Presence const& named : {a, without, with, a & run, a & ~run}) sum.name(named);

      claim("an entry that comes adds one", whole, replaced(sum, a, index, was, live),
            implies(SymBool(was == hole), sum(with) == sum(a) + one), {sum(a), sum(with)});
      SymBool const removed = replaced(sum, a, index, was, hole);
      claim("an entry that goes takes one", whole, removed,
            implies(SymBool(was == live), sum(without) + one == sum(a)), {sum(a), sum(without)});
      claim("a live entry counts", whole, none_at_zero(sum, a),
            implies(SymBool(a.at(index) == live), at_most(one, sum(a))), {sum(a)});
      SymBool const apart(index != other);
      // Bit by bit: what `at` and `with` make of any one of them, wherever it stands.
      z3::expr const place = context().bv_const("place", whole);
      z3::expr const any = context().bv_const("any", 1);
      auto const seen = [&](z3::expr const& bit) { return z3::ite(other == place, bit, hole); };
      claim("an entry that goes leaves the others", whole, apart,
            SymBool(seen(z3::ite(index == place, hole, any)) == seen(any)), {});
      // By the last two, of the table that the first of two has gone from.
      SymBool const beside_counts =
          implies(both(apart, SymBool(beside == live)), at_most(one, sum(without)));
      SymBool const two = both(both(SymBool(was == live), SymBool(beside == live)), apart);
      claim("two live entries count twice", whole,
            both(both(removed, beside_counts), at_most(sum(without), size(a))),
            implies(two, at_most(SymWord(2), sum(a))), {sum(a)});
      claim("a run has no more live entries than the table", whole,
            both(parts(sum, a, run),
                 both(at_most(sum(a & run), size(a)), at_most(sum(a & ~run), size(a)))),
            at_most(sum(a & run), sum(a)), {sum(a), sum(a & run)});
      Sums const plain;
      claim("a table that is filled with holes", whole, SymBool(true),
            plain(Presence::all(false, whole)) == SymWord(0), {});
      claim("a table that is filled with live entries", whole, SymBool(true),
            plain(Presence::all(true, whole)) == SymWord(std::uint64_t{1} << whole), {});
    }
  };
};

using LiveCountSums = LiveCountSumsOf<>;

}  // namespace twinwalk::proofs
