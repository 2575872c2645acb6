// A run of entries over symbols, as the loops of engine/whole_table.hpp reach it: entries by number
// that hold anything at first, hardware that sets accessed and dirty between any two accesses, and
// the functions of an entry that a caller may bring.
//
// Hardware strikes right before each access to an entry. What it sets in others, or later, is as
// well thought of as set before the next access there.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

// Any function of a word: the same for the same argument, and nothing else is known of it.
class AnyFunction {
 public:
  explicit AnyFunction(std::string name) : name_(std::move(name)) {}

  SymWord operator()(SymWord const& argument) {
    SymWord value = free_word(name_ + "_" + std::to_string(known_.size()));
    for (auto const& [other, its] : known_) {
      SymBool const equal = argument == other;
      if (equal.is_true()) return its;
      value = select(equal, its, value);
    }
    known_.emplace_back(argument, value);
    return value;
  }

 private:
  std::string name_;
  std::vector<std::pair<SymWord, SymWord>> known_;
};

class RunMemory {
 public:
  // `hardware` are the bits that hardware may set in any entry at any time.
  explicit RunMemory(SymWord const& hardware) : hardware_(hardware) {}

  // What stood there before anything was done, what would stand there if hardware alone had acted,
  // and what stands there.
  SymWord at_first(SymWord const& k) { return at_first_(k); }
  SymWord without_software(SymWord const& k) { return after(k, false); }
  SymWord now(SymWord const& k) { return after(k, true); }

  // The entries that software touched, one for each access.
  std::vector<SymWord> const& touched() const { return touched_; }

  // An access of software begins.
  void touch(SymWord const& k) {
    std::string const name = "strike_" + std::to_string(touched_.size());
    touched_.push_back(k);
    events_.push_back({k, free_word(name) & hardware_, true});
  }
  void write(SymWord const& k, SymWord const& entry) { events_.push_back({k, entry, false}); }

 private:
  struct Event {
    SymWord k;
    SymWord word;  // what is set beside what stands there, or stands there alone
    bool by_hardware;
  };

  SymWord after(SymWord const& k, bool software) {
    SymWord entry = at_first_(k);
    for (Event const& event : events_) {
      if (!event.by_hardware && !software) continue;
      SymWord const then = event.by_hardware ? entry | event.word : event.word;
      entry = select(k == event.k, then, entry);
    }
    return entry;
  }

  SymWord hardware_;
  AnyFunction at_first_{"entry"};
  std::vector<Event> events_;
  std::vector<SymWord> touched_;
};

// The accessor of such a run.
struct SymEntries {
  using Word = SymWord;

  RunMemory* memory;

  SymWord load(SymWord const& k) {
    memory->touch(k);
    return memory->now(k);
  }
  void store_relaxed(SymWord const& k, SymWord const& entry) {
    memory->touch(k);
    memory->write(k, entry);
  }
  SymWord exchange(SymWord const& k, SymWord const& entry) {
    SymWord const found = load(k);
    memory->write(k, entry);
    return found;
  }
  SymWord compare_exchange(SymWord const& k, SymWord const& expected, SymWord const& desired) {
    SymWord const found = load(k);
    memory->write(k, select(found == expected, desired, found));
    return found;
  }
};

// What a caller brings: the step of a rewrite, and a notion of a live entry, which asks for none of
// the bits that hardware sets.
using SymStep = std::function<SymWord(SymWord const&)>;
using SymLive = std::function<SymBool(SymWord const&)>;

}  // namespace twinwalk::proofs
