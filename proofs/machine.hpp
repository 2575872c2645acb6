// The surroundings that the engine is proved in: its handler over symbols. Memory and metadata hold
// anything that the ownership invariant allows, frames come or do not come, and hardware may set
// accessed and dirty between any two accesses.
//
// Setting a bit in one slot touches no other, so it may be thought of as done right before the
// engine's next access to that slot; what is set before the first is part of what memory held at
// first. So hardware strikes here before every later access to a slot, and every order of things is
// covered.
//
// Ghosts: who owns each table frame and where in which tree it stands (0: nowhere), and how many
// entries of each are no holes. The engine sees none of them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/api.hpp"
#include "proofs/memory.hpp"
#include "proofs/spec.hpp"
#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

class Machine {
 public:
  using Word = SymWord;
  using Version = SymMemory::Version;
  using RunChange = BasicRunChange<SymWord>;

  Machine(Explorer& explorer, Spec const& spec, Pruning pruning);
  // Copies begin where the original stands: every path of a call begins with one.
  Machine(Machine const&) = default;
  Machine& operator=(Machine const&) = delete;
  virtual ~Machine() = default;

  // ---- The handler ----

  SymWord load(SymWord slot);
  void store(SymWord slot, SymWord entry);
  SymWord exchange(SymWord slot, SymWord entry);
  SymWord compare_exchange(SymWord slot, SymWord expected, SymWord desired);

  SymBool alloc_frames(int size_log2, SymWord& out);
  void dealloc_frames(SymWord frame, int size_log2);

  SymWord live_count(SymWord table) { return live_counts.read(table); }
  void set_live_count(SymWord table, SymWord count);
  SymWord link(SymWord table) { return links.read(table); }
  void set_link(SymWord table, SymWord next);

  void fill(SymWord slot, SymWord count, SymWord first, SymWord stride);
  template <class Live>
  SymWord find_live(SymWord slot, SymWord count, Live live);
  template <class Live>
  SymWord count_live(SymWord slot, SymWord count, Live live);
  template <class Live>
  RunChange clear(SymWord slot, SymWord count, SymWord hole, Live live);
  template <class Step>
  RunChange rewrite(SymWord slot, SymWord count, Step step);

  void invalidate(SymScope const& scope);

  // ---- What it holds, and what was done to it ----

  SymMemory entries;      // by slot
  SymMemory live_counts;  // these by frame
  SymMemory links;
  SymMemory sums;    // ghost: entries that are no holes
  SymMemory owners;  // ghost: the root of the tree a table belongs to
  SymMemory places;  // ghost: where it stands there (Spec::place)

  // One change of `entries`, made between `before` and `before + 1`.
  struct Write {
    Version before;
    SymWord slot;
    bool by_hardware;
    bool whole_run = false;  // of several slots, the first of which is `slot`
    SymWord set{};           // by hardware, in one slot: the bits
  };
  std::vector<Write> writes;

  struct Frame {
    SymWord address;
    Version when;
    std::size_t flushes_before;
  };
  std::vector<Frame> taken;
  std::vector<Frame> freed;

  struct Flush {
    SymScope scope;
    Version when;
  };
  std::vector<Flush> flushes;

  // Frames whose metadata the engine wrote.
  std::vector<SymWord> relabelled;

  // What its surroundings did, in the order of the engine's calls: enough to do it again.
  struct Given {
    enum class Kind { frame, no_frame, strike } kind;
    SymWord word;        // the frame; the bits that were set
    SymWord slot;        // of a strike
    std::size_t access;  // how many accesses to entries were made before
  };
  std::vector<Given> given;
  std::size_t accesses = 0;

  // From here on hardware sets nothing: for two looks at one and the same memory.
  void hold_still() { moves_ = false; }

  static SymWord frame_of(SymWord const& slot) { return slot & SymWord(~std::uint64_t{0xfff}); }

  // Whether nothing that was done could have changed what a walk at first reads: its slots, or the
  // metadata and ghosts of its tables. One question instead of one for each slot, change and state.
  bool leaves_slots_alone(Walk const& walk);
  bool leaves_tables_alone(Walk const& walk);

  // Adds what the whole-table primitives said of every entry of a run, for this slot.
  void instantiate(SymWord const& slot);

  Explorer& explorer() { return explorer_; }
  Spec const& spec() const { return spec_; }

 private:
  // A statement about every slot of a run.
  using ForEverySlot = std::function<SymBool(SymWord const& slot)>;

  void strike(SymWord const& slot);
  void strike_run(SymMemory::Covers const& covers);
  void change(SymWord const& slot, SymWord const& entry);
  void set_by_hardware(SymWord const& slot, SymWord const& old, SymWord const& bits);
  SymWord is_live(SymWord const& entry) const;
  // The sum of a table grows by this much.
  void recount(SymWord const& frame, SymWord const& more);
  SymWord may_be_set(SymWord const& slot, SymWord const& entry);
  SymMemory::Covers run(SymWord const& slot, SymWord const& count);
  void state(ForEverySlot statement) { statements_.push_back(std::move(statement)); }
  SymWord fresh(std::string const& name, int bits = 64, int lo = 0);

  Explorer& explorer_;
  Spec const& spec_;
  std::vector<SymWord> seen_;       // slots that were accessed
  std::vector<SymWord> recounted_;  // tables whose sum changed
  std::vector<ForEverySlot> statements_;
  bool moves_ = true;  // hardware does
  int named_ = 0;
  int taken_or_refused_ = 0;
};

// ---- The whole-table primitives, by their closed forms ----

template <class Live>
SymWord Machine::find_live(SymWord slot, SymWord count, Live live) {
  SymWord const found = fresh("found");
  explorer_.define(at_most(found, count));
  Version const now = entries.version();
  explorer_.define(implies(found != count, live(entries.read(now, slot + (found << 3)))));
  SymMemory::Covers const before = run(slot, found);
  state([this, now, before, live](SymWord const& at) {
    return implies(before(at), !live(entries.read(now, at)));
  });
  return found;
}

template <class Live>
SymWord Machine::count_live(SymWord slot, SymWord count, Live live) {
  SymWord const found = fresh("live");
  explorer_.define(at_most(found, count));
  Version const now = entries.version();
  SymMemory::Covers const in_run = run(slot, count);
  state([this, now, in_run, live, found](SymWord const& at) {
    return implies(both(in_run(at), live(entries.read(now, at))), found != SymWord(0));
  });
  return found;
}

template <class Live>
Machine::RunChange Machine::clear(SymWord slot, SymWord count, SymWord hole, Live live) {
  SymMemory::Covers const in_run = run(slot, count);
  strike_run(in_run);
  RunChange change{fresh("cleared"), fresh("cleared_before"), fresh("cleared_lost"),
                   fresh("cleared_gained")};
  explorer_.define(at_most(change.count, count));
  Version const now = entries.version();
  writes.push_back({now, slot, false, true});
  entries.write_all(in_run, [live, hole](SymWord const&, SymWord const& old) {
    return select(live(old), hole, old);
  });
  SymWord const frame = frame_of(slot);
  SymWord const sum = sums.read(frame);
  explorer_.define(at_most(change.count, sum));
  // A live entry of the table outside of the run is counted besides (theorem live-count-sums).
  state([this, now, in_run, frame, sum, live, change](SymWord const& at) {
    SymBool const beside =
        both(both(frame_of(at) == frame, !in_run(at)), live(entries.read(now, at)));
    return implies(beside, at_most(change.count + SymWord(1), sum));
  });
  recount(frame, SymWord(0) - change.count);
  state([this, now, in_run, live, change, hole](SymWord const& at) {
    SymWord const old = entries.read(now, at);
    SymBool const told =
        both(both(change.count != SymWord(0), (old & ~change.before) == SymWord(0)),
             ((old & ~hole) & ~change.lost) == SymWord(0));
    return implies(both(in_run(at), live(old)), told);
  });
  return change;
}

template <class Step>
Machine::RunChange Machine::rewrite(SymWord slot, SymWord count, Step step) {
  SymMemory::Covers const in_run = run(slot, count);
  strike_run(in_run);
  RunChange change{fresh("rewritten"), fresh("rewritten_before"), fresh("rewritten_lost"),
                   fresh("rewritten_gained")};
  explorer_.define(at_most(change.count, count));
  Version const now = entries.version();
  writes.push_back({now, slot, false, true});
  entries.write_all(in_run, [step](SymWord const&, SymWord const& old) { return step(old); });
  state([this, now, in_run, step, change](SymWord const& at) {
    SymWord const old = entries.read(now, at);
    SymWord const is = step(old);
    SymBool const told =
        both(both(change.count != SymWord(0), (old & ~change.before) == SymWord(0)),
             both(((old & ~is) & ~change.lost) == SymWord(0),
                  ((is & ~old) & ~change.gained) == SymWord(0)));
    return implies(both(in_run(at), is != old), told);
  });
  return change;
}

}  // namespace twinwalk::proofs
