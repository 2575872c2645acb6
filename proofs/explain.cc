#include "proofs/explain.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proofs/concrete.hpp"
#include "proofs/words.hpp"

namespace twinwalk::proofs {
namespace {

class Explanation {
 public:
  Explanation(Path& path, z3::model const& model, Case const* other)
      : path_(path), values_(path.machine, model) {
    // What was looked at is asked for first: looking for an explanation looks further.
    file_.entries = values_.first_entries();
    file_.live_counts = values_.first_live_counts();
    file_.links = values_.first_links();
    call();
    surroundings();
    outcome();
    events();
    metadata();
    witness("the call's address", path.in.root, path.in.va);
    if (other != nullptr) witness(other->name, other->before.root, other->before.address);
  }

  Refutation refutation() && {
    Refutation made;
    made.explanation = print_call(file_) + print_outcome(file_.predicted) + events_ + walks_;
    // A round of a region is no call that anybody could make.
    if (!is_region_round(path_.operation.call)) made.memory_file = std::move(file_);
    return made;
  }

 private:
  std::uint64_t number(SymWord const& word) const { return values_.number(word); }

  void call() {
    file_.format = path_.spec.name();
    file_.machine = values_.options();
    file_.amd = values_.amd();
    file_.call = path_.operation.name;
    file_.root = number(path_.in.root);
    if (path_.operation.call == Call::share) file_.borrower = number(path_.in.borrower);
    file_.va = number(path_.in.va);
    file_.pa = number(path_.in.pa);
    file_.flags = number(path_.in.flags.bits);
  }

  void surroundings() {
    using Kind = Machine::Given::Kind;
    for (Machine::Given const& given : path_.machine.given) {
      if (given.kind == Kind::frame) file_.frames.emplace_back(number(given.word));
      if (given.kind == Kind::no_frame) file_.frames.emplace_back(std::nullopt);
      if (given.kind != Kind::strike) continue;
      std::uint64_t const bits = number(given.word);
      if (bits != 0) file_.strikes.push_back({number(given.slot), bits, given.access});
    }
    file_.predicted.frames_asked = file_.frames.size();
  }

  void outcome() {
    Outcome const& outcome = path_.outcome;
    CallRecord& predicted = file_.predicted;
    predicted.error = outcome.error;
    if (outcome.error) predicted.where = number(outcome.where);
    if (outcome.leaf) predicted.leaf = values_.leaf(*outcome.leaf);
    if (outcome.plan) predicted.plan = values_.scope(*outcome.plan);
    predicted.assertion_failed = !path_.assertions.empty();
    for (std::string const& assertion : path_.assertions) {
      events_ += fmt::format("asserted   {}, in vain\n", assertion);
    }
  }

  // Stores, flushes and frees were noted apart, each with the version of memory that it found.
  void events() {
    Machine const& machine = path_.machine;
    std::size_t flushed = 0;
    std::size_t freed = 0;
    auto const settle_until = [&](SymMemory::Version version) {
      while (true) {
        bool const frees = freed < machine.freed.size() && machine.freed[freed].when <= version &&
                           machine.freed[freed].flushes_before <= flushed;
        bool const flushes =
            flushed < machine.flushes.size() && machine.flushes[flushed].when <= version;
        if (frees) {
          add({.kind = MemoryEvent::Kind::free, .address = number(machine.freed[freed++].address)});
        } else if (flushes) {
          add({.kind = MemoryEvent::Kind::flush,
               .scope = values_.scope(machine.flushes[flushed++].scope)});
        } else {
          return;
        }
      }
    };
    for (Machine::Write const& write : machine.writes) {
      settle_until(write.before);
      if (write.by_hardware) {
        hardware(write);
      } else {
        stored(write);
      }
    }
    settle_until(path_.end.entries);
  }

  void stored(Machine::Write const& write) {
    std::uint64_t const slot = number(write.slot);
    auto const now = [&](std::uint64_t at) { return values_.entry(write.before + 1, at); };
    MemoryEvent event{.address = slot, .value = now(slot)};
    if (write.whole_run) {
      event.kind = MemoryEvent::Kind::run;
      event.next = now(slot + 8);
      event.last = now(slot | 0xff8);
    }
    add(event);
  }

  void hardware(Machine::Write const& write) {
    std::uint64_t const slot = number(write.slot);
    std::uint64_t const was = values_.entry(write.before, slot);
    std::uint64_t const is = values_.entry(write.before + 1, slot);
    if (was == is) return;
    events_ += fmt::format("hardware   [{:#x}] {:#x} -> {:#x}\n", slot, was, is);
  }

  void add(MemoryEvent const& event) {
    file_.predicted.events.push_back(event);
    events_ += print_event(event);
  }

  void metadata() {
    std::set<std::uint64_t> frames;
    for (SymWord const& frame : path_.machine.relabelled) frames.insert(number(frame));
    for (std::uint64_t const frame : frames) {
      file_.predicted.live_counts.push_back({frame, values_.live_count(frame)});
      file_.predicted.links.push_back({frame, values_.link(frame)});
    }
  }

  void witness(std::string const& what, SymWord const& root_word, SymWord const& address_word) {
    std::uint64_t const root = number(root_word);
    std::uint64_t const address = number(address_word);
    Walk const before = values_.walk(0, root, address);
    Walk const after = values_.walk(path_.end.entries, root, address);
    Witness const made{root, address, values_.answer(before), values_.answer(after)};
    if (std::find(file_.predicted.witnesses.begin(), file_.predicted.witnesses.end(), made) !=
        file_.predicted.witnesses.end()) {
      return;
    }
    file_.predicted.witnesses.push_back(made);
    walks_ += fmt::format("walk       {:#x} from {:#x}: {}\n", address, root, what);
    print_walk("before", before, made.before);
    print_walk("after ", after, made.after);
  }

  void print_walk(char const* when, Walk const& walk, WalkAnswer const& answer) {
    walks_ += fmt::format("  {}   {}\n", when, in_words(answer));
    for (int level = path_.spec.levels(); level >= 1; --level) {
      WalkLevel const& at = walk[level];
      if (!values_.truth(at.reached)) return;
      walks_ += fmt::format("    level {} [{:#x}] {}{}\n", level, number(at.slot),
                            path_.spec.decode(level, number(at.entry)),
                            values_.truth(at.is_malformed) ? ", a reserved bit is set" : "");
    }
  }

  Path& path_;
  Concrete values_;
  MemoryFile file_;
  std::string events_;
  std::string walks_;
};

}  // namespace

Refutation explain(Path& path, z3::model const& model, Case const* other) {
  return Explanation(path, model, other).refutation();
}

}  // namespace twinwalk::proofs
