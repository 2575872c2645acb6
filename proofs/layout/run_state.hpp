// What a theorem about a loop over entries is put together from: a run and its functions on one
// path, and what a change of one more entry makes of a RunChange.
#pragma once

#include <initializer_list>

#include "engine/api.hpp"
#include "proofs/layout/run_memory.hpp"
#include "proofs/machine_symbols.hpp"
#include "proofs/operation.hpp"

namespace twinwalk::proofs {

// A run on one path: what it holds, and any two functions of an entry.
template <class Accessor>
class RunState {
 public:
  explicit RunState(SymWord const& set_by_hardware) : hardware_(set_by_hardware) {
    failed_assertions().clear();
  }
  RunState(RunState const&) = delete;
  RunState& operator=(RunState const&) = delete;

  // Functions of free bits instead of any functions: of many entries they are much smaller terms. A
  // step replaces any of the bits by any others, and live is what has one of some bits.
  void take_plain_functions() {
    step = [](SymWord const& entry) { return (entry & free_word("keep")) | free_word("set"); };
    live = [bits = free_word("live_bits") & ~hardware_](SymWord const& entry) {
      return (entry & bits) != SymWord(0);
    };
  }

 private:
  SymWord hardware_;
  AnyFunction step_{"step"};
  AnyFunction live_{"live"};

 public:
  RunMemory memory{hardware_};
  Accessor entries{&memory};
  SymStep step = [this](SymWord const& entry) { return step_(entry); };
  SymLive live = [this](SymWord const& entry) {
    return (live_(entry & ~hardware_) & SymWord(1)) != SymWord(0);
  };
};

inline SymBool each(std::initializer_list<SymBool> goals) {
  SymBool all(true);
  for (SymBool const& goal : goals) all = both(all, goal);
  return all;
}
inline SymBool below(SymWord const& a, SymWord const& b) { return both(at_most(a, b), a != b); }

// a * b; of a sum, the sum of the products.
inline SymWord product(SymWord const& a, SymWord const& b) {
  z3::params sums(context());
  sums.set("som", true);
  return SymWord((a.term() * b.term()).simplify(sums));
}

inline BasicRunChange<SymWord> any_change() {
  return {free_word("changed"), free_word("before"), free_word("lost"), free_word("gained")};
}
// A change with one more entry in it, if that is one.
inline BasicRunChange<SymWord> with_entry(BasicRunChange<SymWord> const& change,
                                          SymBool const& changed, SymWord const& was,
                                          SymWord const& is) {
  SymWord const all = select(changed, ~SymWord(0), SymWord(0));
  return {change.count + as_word(changed), change.before | (was & all),
          change.lost | (was & ~is & all), change.gained | (is & ~was & all)};
}
inline SymBool equal(BasicRunChange<SymWord> const& a, BasicRunChange<SymWord> const& b) {
  return each({a.count == b.count, a.before == b.before, a.lost == b.lost, a.gained == b.gained});
}

}  // namespace twinwalk::proofs
