// The loops over a run of entries that the whole-table primitives of a handler are made of. A loop
// is a value that does one entry a round, and its accessor is a parameter: what ships runs on
// pointers and atomics, and the proofs run the same source on a solver's terms, a round at a time
// from any state that the rounds before may have left.
//
// Unlike the rest of the engine these do compare a word to end a loop, so only a handler for known
// counts may run one to its end.
#pragma once

#include <concepts>

#include "api.hpp"
#include "assert.hpp"
#include "word.hpp"

namespace twinwalk {

// Consecutive entries by their number. Only `store_relaxed` releases nothing: a fence goes before.
template <class E>
concept Entries = requires(E& entries, typename E::Word k, typename E::Word entry) {
  requires Word<typename E::Word>;
  { entries.load(k) } -> std::same_as<typename E::Word>;
  entries.store_relaxed(k, entry);
  // Each yields what stood there; compare_exchange(k, expected, desired) is strong.
  { entries.exchange(k, entry) } -> std::same_as<typename E::Word>;
  { entries.compare_exchange(k, entry, entry) } -> std::same_as<typename E::Word>;
};

// Offers the entries 0, 1, … of a run of `count` to its body, until one is refused or none is left.
template <Word W, class Body>
class EntryLoop {
 public:
  constexpr EntryLoop(W count, Body made, W first = W(0)) : body(made), next_(first), end_(count) {}

  // Offers one entry; whether there may be another.
  constexpr bool round() {
    if (next_ == end_) return false;
    if (!body.take(next_)) return false;
    next_ = next_ + W(1);
    return true;
  }
  constexpr void run() {
    while (round()) {
    }
  }

  // The least entry that was not taken: `count` in the end, unless one was refused.
  constexpr W next() const { return next_; }

  Body body;

 private:
  W next_;
  W end_;
};

// The k-th becomes first + k * stride.
template <Entries E>
struct FillEntries {
  using W = typename E::Word;

  E entries;
  W entry;  // what the next becomes
  W stride;

  constexpr bool take(W k) {
    entries.store_relaxed(k, entry);
    entry = entry + stride;
    return true;
  }
};

// Refuses the first that is live.
template <Entries E, class Live>
struct FindLiveEntry {
  using W = typename E::Word;

  E entries;
  Live live;

  constexpr auto take(W k) { return !live(entries.load(k)); }
};

// How many are live.
template <Entries E, class Live>
struct CountLiveEntries {
  using W = typename E::Word;

  E entries;
  Live live;
  W found{0};

  constexpr bool take(W k) {
    found = found + as_number<W>(live(entries.load(k)));
    return true;
  }
};

// Each that is live is exchanged for `hole`. What is told is what the exchange took, which may have
// more of accessed and dirty than what was looked at.
template <Entries E, class Live>
struct ClearEntries {
  using W = typename E::Word;

  E entries;
  W hole;
  Live live;
  BasicRunChange<W> change{};

  constexpr bool take(W k) {
    if (live(entries.load(k))) change.add(entries.exchange(k, hole), hole);
    return true;
  }
};

// Each entry e becomes step(e), without losing what hardware sets meanwhile.
template <Entries E, class Step>
struct RewriteEntries {
  using W = typename E::Word;

  E entries;
  Step step;
  BasicRunChange<W> change{};

  constexpr bool take(W k) {
    W before = entries.load(k);
    for (int attempt = 0; attempt <= hardware_moves_max; ++attempt) {
      W const after = step(before);
      if (after == before) return true;
      W const found = entries.compare_exchange(k, before, after);
      if (found == before) {
        change.add(before, after);
        return true;
      }
      before = found;
    }
    TWINWALK_ASSERT(false && "hardware moved an entry more often than it can");
    return true;
  }
};

// ---- The primitives --------------------------------------------------------------------------

template <Entries E>
constexpr void fill_entries(E entries, typename E::Word count, typename E::Word first,
                            typename E::Word stride) {
  EntryLoop(count, FillEntries<E>{entries, first, stride}).run();
}

template <Entries E, class Live>
constexpr typename E::Word find_live_entry(E entries, typename E::Word count, Live live) {
  EntryLoop loop(count, FindLiveEntry<E, Live>{entries, live});
  loop.run();
  return loop.next();
}

template <Entries E, class Live>
constexpr typename E::Word count_live_entries(E entries, typename E::Word count, Live live) {
  EntryLoop loop(count, CountLiveEntries<E, Live>{entries, live});
  loop.run();
  return loop.body.found;
}

template <Entries E, class Live>
constexpr BasicRunChange<typename E::Word> clear_entries(E entries, typename E::Word count,
                                                         typename E::Word hole, Live live) {
  EntryLoop loop(count, ClearEntries<E, Live>{entries, hole, live});
  loop.run();
  return loop.body.change;
}

template <Entries E, class Step>
constexpr BasicRunChange<typename E::Word> rewrite_entries(E entries, typename E::Word count,
                                                           Step step) {
  EntryLoop loop(count, RewriteEntries<E, Step>{entries, step});
  loop.run();
  return loop.body.change;
}

}  // namespace twinwalk
