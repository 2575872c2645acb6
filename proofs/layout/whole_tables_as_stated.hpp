#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proofs/layout.hpp"
#include "proofs/layout/run_state.hpp"
#include "proofs/layout/shipped_loops.hpp"

namespace twinwalk::proofs {

// The loops over whole tables, of which the other proofs know closed forms alone. One round of a
// loop is run from any state that its invariant allows, at any index of a run of any length: it
// does what is stated at that index and nothing elsewhere, keeps the invariant and comes one nearer
// to the end. So the loop ends, after as many rounds as it has entries, with what is stated at
// every index. Whole loops over a few entries are run beside that, from the start to the end.
//
// Accessed and dirty may come in at any moment, in any entry. `Loops` is what is judged.
template <class Loops = ShippedLoops<>>
struct WholeTablesAsStatedOf {
  static constexpr std::string_view name = "whole-tables-as-stated";
  static constexpr std::string_view statement =
      "The loops that ship for whole tables do at every index what the handler's closed forms say, "
      "and lose nothing that hardware sets meanwhile.";

  // Of formats whose hardware sets bits and clears none.
  template <class Format, class S>
    requires(!requires { requires S::hardware_clears; })
  static void prove(Layout<Format, S>& layout) {
    auto const options = options_of<Format>(layout.spec.machine());
    std::set<std::uint64_t> hardware;
    for (int level = 1; level <= S::levels; ++level) {
      std::uint64_t const mask = S::accessed_mask(level) | S::dirty_mask(level);
      hardware.insert(mask);
      SymWord const entry = free_word("entry");
      SymWord set = free_word("set") & SymWord(mask);
      // Where a hole is told by all its bits, nothing is set in one.
      if constexpr (requires { S::level_of_hole(level, mask); }) {
        set = set & layout.spec.hardware_may_set(level, entry);
      }
      layout.prove("hardware makes nothing live, level " + std::to_string(level), SymBool(true),
                   same(Format::present(options, level, entry),
                        Format::present(options, level, entry | set)),
                   {{"entry", entry}, {"set", set}});
    }
    for (std::uint64_t const mask : hardware) Over<Format, S>{layout, SymWord(mask)}.prove();
  }

 private:
  using RunChange = BasicRunChange<SymWord>;
  using State = RunState<typename Loops::Accessor>;

  template <class Format, class S>
  struct Over {
    Layout<Format, S>& layout;
    SymWord hardware;
    // The round at hand, another index, and what a primitive is called with.
    SymWord k = free_word("k");
    SymWord j = free_word("j");
    SymWord count = free_word("count");
    SymWord first = free_word("first");
    SymWord stride = free_word("stride");
    SymWord hole = free_word("hole");

    void prove() {
      rounds();
      for (int const entries : {1, 2, 3, 7}) whole_runs(entries);
    }

    // Runs `body(known)` on every path; `known()` is what is known on it so far.
    template <class Body>
    void on_every_path(SymBool const& assumption, Body body) {
      if (layout.prover.refuted_enough(layout.theorem)) return;
      Explorer explorer;
      explorer.run([&] {
        explorer.assume(assumption);
        body([&] {
          SymBool known(true);
          for (z3::expr const& fact : explorer.facts()) known = both(known, SymBool(fact));
          return known;
        });
      });
    }

    // ---- One round ----

    // `stands(state)` is what must stand at `k` after its round, `told(state, loop, more)` what
    // else must be true.
    template <class Make, class Stands, class Told>
    void round(std::string const& what, SymBool const& invariant, Make make, Stands stands,
               Told told) {
      on_every_path(both(at_most(k, count), invariant), [&](auto known) {
        State state(hardware);
        auto loop = make(state);
        bool const more = loop.round();
        SymBool const assumed = known();
        std::vector<typename Layout<Format, S>::Shown> shown = {
            {"k", k},
            {"j", j},
            {"count", count},
            {"entry at first", state.memory.at_first(k)},
            {"entry now", state.memory.now(k)}};
        if (state.memory.touched().empty()) {
          layout.prove(
              what + ", the end", assumed,
              each({SymBool(!more), k == count, loop.next() == k, told(state, loop, false)}),
              shown);
          return;
        }
        SymBool here = k != count;
        for (SymWord const& touched : state.memory.touched()) here = both(here, touched == k);
        // Whoever looks for an entry may stop there; all others go on.
        SymBool const goes_on = more ? both(loop.next() == k + SymWord(1), below(k, count))
                                     : both(loop.next() == k, SymBool(what == "find_live"));
        layout.prove(what + ", one round", assumed,
                     each({here, goes_on, state.memory.now(k) == stands(state),
                           implies(j != k, state.memory.now(j) == state.memory.at_first(j)),
                           SymBool(failed_assertions().empty()), told(state, loop, true)}),
                     shown);
      });
    }

    void rounds() {
      auto const left_alone = [this](State& state) { return state.memory.without_software(k); };
      auto const loop_of = [this](auto body) {
        return typename Loops::template Loop<decltype(body)>(count, body, k);
      };

      // What is written next is what this entry becomes.
      SymWord const next = first + product(k, stride);
      round(
          "fill", SymBool(true),
          [&](State& state) { return loop_of(typename Loops::Fill{state.entries, next, stride}); },
          [&](State&) { return next; },
          [&](State&, auto& loop, bool was_one) {
            SymWord const then = first + product(loop.next(), stride);
            return implies(SymBool(was_one), loop.body.entry == then);
          });

      // If none before this is live, none before the next is, and the loop stays where one is.
      round(
          "find_live", SymBool(true),
          [&](State& state) {
            return loop_of(typename Loops::FindLive{state.entries, state.live});
          },
          left_alone,
          [&](State& state, auto& loop, bool was_one) {
            SymBool const before = implies(below(j, k), !state.live(state.memory.at_first(j)));
            SymBool const after = implies(below(j, loop.next()), !state.live(state.memory.now(j)));
            SymBool const is_live = state.live(state.memory.now(k));
            return both(implies(before, after),
                        implies(SymBool(was_one), same(loop.next() == k, is_live)));
          });

      SymWord const found = free_word("found");
      round(
          "count_live", at_most(found, k),
          [&](State& state) {
            return loop_of(typename Loops::CountLive{state.entries, state.live, found});
          },
          left_alone,
          [&](State& state, auto& loop, bool was_one) {
            SymBool const is_live = state.live(state.memory.now(k));
            SymWord const now = found + as_word(both(SymBool(was_one), is_live));
            return both(loop.body.found == now, at_most(now, loop.next()));
          });

      RunChange const before = any_change();
      round(
          "clear", SymBool(true),
          [&](State& state) {
            return loop_of(typename Loops::Clear{state.entries, hole, state.live, before});
          },
          [&](State& state) {
            SymWord const was = state.memory.without_software(k);
            return select(state.live(was), hole, was);
          },
          [&](State& state, auto& loop, bool was_one) {
            SymWord const was = state.memory.without_software(k);
            SymBool const changed = both(SymBool(was_one), state.live(was));
            return equal(loop.body.change, with_entry(before, changed, was, hole));
          });

      round(
          "rewrite", SymBool(true),
          [&](State& state) {
            return loop_of(typename Loops::Rewrite{state.entries, state.step, before});
          },
          [&](State& state) { return state.step(state.memory.without_software(k)); },
          [&](State& state, auto& loop, bool was_one) {
            SymWord const was = state.memory.without_software(k);
            SymWord const is = state.step(was);
            return equal(loop.body.change,
                         with_entry(before, both(SymBool(was_one), was != is), was, is));
          });
    }

    // ---- Whole runs ----

    // `call(state)` runs the primitive and yields what must be true of what it tells;
    // `stands(state, at)` is what must stand at an index.
    template <class Call, class Stands>
    void whole(std::string const& what, SymWord const& may_set, int entries, Call call,
               Stands stands) {
      SymWord const end(static_cast<std::uint64_t>(entries));
      on_every_path(SymBool(true), [&](auto known) {
        State state(may_set);
        if (entries > 1) state.take_plain_functions();
        SymBool const told = call(state);
        SymBool goal = both(told, SymBool(failed_assertions().empty()));
        for (SymWord const& touched : state.memory.touched())
          goal = both(goal, below(touched, end));
        for (int i = 0; i < entries; ++i) {
          SymWord const at(static_cast<std::uint64_t>(i));
          goal = both(goal, state.memory.now(at) == stands(state, at));
        }
        layout.prove(what + ", all of " + std::to_string(entries), known(), goal,
                     {{"entry at first", state.memory.at_first(SymWord(0))},
                      {"entry now", state.memory.now(SymWord(0))}});
      });
    }

    // What a run of changes tells; `is(was)` is whether an entry changes, and what it becomes.
    template <class Is>
    RunChange all_changes(State& state, int entries, Is is) {
      RunChange change;
      for (int i = 0; i < entries; ++i) {
        SymWord const was = state.memory.without_software(SymWord(static_cast<std::uint64_t>(i)));
        auto const [changed, becomes] = is(was);
        // The path has decided that: said as a number, it keeps the sum small.
        change = with_entry(change, Explorer::current().settle(changed), was, becomes);
      }
      return change;
    }

    void whole_runs(int entries) {
      SymWord const end(static_cast<std::uint64_t>(entries));
      auto const left_alone = [](State& state, SymWord const& at) {
        return state.memory.without_software(at);
      };
      whole(
          "fill", hardware, entries,
          [&](State& state) {
            Loops::fill(state.entries, end, first, stride);
            return SymBool(true);
          },
          [&](State&, SymWord const& at) { return first + product(at, stride); });
      whole(
          "find_live", hardware, entries,
          [&](State& state) {
            SymWord const found = Loops::find_live(state.entries, end, state.live);
            SymWord least = end;
            for (int i = entries - 1; i >= 0; --i) {
              SymWord const at(static_cast<std::uint64_t>(i));
              least = select(state.live(state.memory.now(at)), at, least);
            }
            return found == least;
          },
          left_alone);
      whole(
          "count_live", hardware, entries,
          [&](State& state) {
            SymWord const found = Loops::count_live(state.entries, end, state.live);
            SymWord live;
            for (int i = 0; i < entries; ++i) {
              SymWord const at(static_cast<std::uint64_t>(i));
              live = live + as_word(state.live(state.memory.now(at)));
            }
            return found == live;
          },
          left_alone);
      whole(
          "clear", hardware, entries,
          [&](State& state) {
            RunChange const change = Loops::clear(state.entries, end, hole, state.live);
            return equal(change, all_changes(state, entries, [&](SymWord const& was) {
                           return std::pair(state.live(was), hole);
                         }));
          },
          [&](State& state, SymWord const& at) {
            SymWord const was = state.memory.without_software(at);
            return select(state.live(was), hole, was);
          });
      // An entry is rewritten in half a dozen ways when hardware comes between, so long runs are
      // left in peace.
      bool const in_peace = entries > 2;
      whole(
          "rewrite", in_peace ? SymWord(0) : hardware, entries,
          [&](State& state) {
            RunChange const change = Loops::rewrite(state.entries, end, state.step);
            return equal(change, all_changes(state, entries, [&](SymWord const& was) {
                           SymWord const is = state.step(was);
                           return std::pair(was != is, is);
                         }));
          },
          [&](State& state, SymWord const& at) {
            return state.step(state.memory.without_software(at));
          });
    }
  };
};

using WholeTablesAsStated = WholeTablesAsStatedOf<>;

}  // namespace twinwalk::proofs
