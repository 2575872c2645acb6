// An engine with one thing broken on purpose, to prove that the theorems about operations say so.
//
// What may break is a Breakage: the ways in which the engine makes and reads entries, uses memory
// and answers calls, each of which does the right thing unless a bug overrides it. All broken
// engines share one instantiation of the engine over symbols, for compiling one takes seconds.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "proofs/formats/x86_64.hpp"
#include "tests/proofs/judging.hpp"

namespace twinwalk::proofs::operation_bugs {

using W = SymWord;
using Shipped = X86_64<4>;
using Flags = BasicMappingFlags<W>;
using Options = Shipped::Options<W>;

struct Breakage {
  virtual ~Breakage() = default;

  // ---- Entries ----
  virtual SymBool canonical(W va) { return Shipped::canonical(va); }
  virtual SymBool fits(Options const& options, W first, W last) {
    return Shipped::physical_range_fits(options, first, last);
  }
  virtual SymBool representable(Options const& options, Flags flags) {
    return Shipped::representable(options, flags);
  }
  virtual Flags decode(Options const& options, int level, W entry) {
    return Shipped::decode(options, level, entry);
  }
  virtual W hole(Options const& options, int level) { return Shipped::hole(options, level); }
  virtual W leaf(int level, W pa, Attributes<W> attributes) {
    return Shipped::leaf(level, pa, attributes);
  }
  virtual W table(W address) { return Shipped::table(address); }
  virtual W first_piece(int level, W entry) { return Shipped::first_piece(level, entry); }
  virtual W with_attributes(int level, W entry, Attributes<W> attributes) {
    return Shipped::with_attributes(level, entry, attributes);
  }
  virtual W without_dirty(W entry) { return Shipped::without_dirty(entry); }
  virtual SymBool global(int level, W entry) { return Shipped::global(level, entry); }
  virtual SymBool must_invalidate(Options const& options, int level, W before, W after) {
    return Shipped::must_invalidate(options, level, before, after);
  }

  // ---- Memory ----
  virtual W load(Machine& machine, W slot) { return machine.load(slot); }
  virtual void store(Machine& machine, W slot, W entry) { machine.store(slot, entry); }
  virtual W exchange(Machine& machine, W slot, W entry) { return machine.exchange(slot, entry); }
  virtual W compare_exchange(Machine& machine, W slot, W expected, W desired) {
    return machine.compare_exchange(slot, expected, desired);
  }
  virtual void fill(Machine& machine, W slot, W count, W first, W stride) {
    machine.fill(slot, count, first, stride);
  }
  // Which of the slots of a run is told to be the first that is no hole; `count`: none.
  virtual W first_found(W found, W /*count*/) { return found; }
  virtual SymBool alloc_frames(Machine& machine, int size_log2, W& out) {
    return machine.alloc_frames(size_log2, out);
  }
  virtual void dealloc_frames(Machine& machine, W frame, int size_log2) {
    machine.dealloc_frames(frame, size_log2);
  }
  virtual W live_count(Machine& machine, W table) { return machine.live_count(table); }
  virtual void set_live_count(Machine& machine, W table, W count) {
    machine.set_live_count(table, count);
  }
  virtual void set_link(Machine& machine, W table, W next) { machine.set_link(table, next); }
  virtual void invalidate(Machine& machine, SymScope const& scope) { machine.invalidate(scope); }

  // ---- Calls ----
  // What the call answers in the end, once its plan was carried out.
  virtual void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& /*outcome*/) {}
};

// The one that is at work; the tests run one after the other.
inline std::unique_ptr<Breakage> breakage;

struct BrokenFormat : Shipped {
  static SymBool canonical(W va) { return breakage->canonical(va); }
  static SymBool physical_range_fits(Options<W> const& options, W first, W last) {
    return breakage->fits(options, first, last);
  }
  static SymBool representable(Options<W> const& options, Flags flags) {
    return breakage->representable(options, flags);
  }
  static Flags decode(Options<W> const& options, int level, W entry) {
    return breakage->decode(options, level, entry);
  }
  static W hole(Options<W> const& options, int level) { return breakage->hole(options, level); }
  static W leaf(int level, W pa, Attributes<W> attributes) {
    return breakage->leaf(level, pa, attributes);
  }
  static W table(W address) { return breakage->table(address); }
  static W first_piece(int level, W entry) { return breakage->first_piece(level, entry); }
  static W with_attributes(int level, W entry, Attributes<W> attributes) {
    return breakage->with_attributes(level, entry, attributes);
  }
  static W without_dirty(W entry) { return breakage->without_dirty(entry); }
  static SymBool global(int level, W entry) { return breakage->global(level, entry); }
  static SymBool must_invalidate(Options<W> const& options, int level, W before, W after) {
    return breakage->must_invalidate(options, level, before, after);
  }
};

// The machine, reached through what is broken.
class BrokenMachine : public Machine {
 public:
  explicit BrokenMachine(Machine const& first) : Machine(first) {}

  W load(W slot) { return breakage->load(*this, slot); }
  void store(W slot, W entry) { breakage->store(*this, slot, entry); }
  W exchange(W slot, W entry) { return breakage->exchange(*this, slot, entry); }
  W compare_exchange(W slot, W expected, W desired) {
    return breakage->compare_exchange(*this, slot, expected, desired);
  }
  void fill(W slot, W count, W first, W stride) {
    breakage->fill(*this, slot, count, first, stride);
  }
  template <class Live>
  W find_live(W slot, W count, Live live) {
    return breakage->first_found(Machine::find_live(slot, count, live), count);
  }
  SymBool alloc_frames(int size_log2, W& out) {
    return breakage->alloc_frames(*this, size_log2, out);
  }
  void dealloc_frames(W frame, int size_log2) { breakage->dealloc_frames(*this, frame, size_log2); }
  W live_count(W table) { return breakage->live_count(*this, table); }
  void set_live_count(W table, W count) { breakage->set_live_count(*this, table, count); }
  void set_link(W table, W next) { breakage->set_link(*this, table, next); }
  void invalidate(SymScope const& scope) { breakage->invalidate(*this, scope); }
};

class BrokenEngine : public UntilEnough<EngineOf<BrokenFormat, BrokenMachine>> {
  using Base = UntilEnough<EngineOf<BrokenFormat, BrokenMachine>>;

 public:
  using Make = std::unique_ptr<Breakage> (*)();

  // Every path has a breakage of its own, which may remember what happened on it; none begins once
  // `enough` says so.
  BrokenEngine(Make make, std::function<bool()> enough) : Base(std::move(enough)), make_(make) {}

  // What a breakage remembers are terms of this thread.
  ~BrokenEngine() override { breakage.reset(); }
  BrokenEngine(BrokenEngine const&) = delete;
  BrokenEngine& operator=(BrokenEngine const&) = delete;

  std::unique_ptr<Machine> machine(Machine const& first) const override {
    std::unique_ptr<Machine> begun = Base::machine(first);
    breakage = make_();
    return begun;
  }
  Outcome call(Machine& machine, Operation const& operation, Inputs const& in) const override {
    Outcome outcome = Base::call(machine, operation, in);
    if (outcome.applies) breakage->answer(machine, in, outcome);
    return outcome;
  }

 private:
  Make make_;
};

}  // namespace twinwalk::proofs::operation_bugs
