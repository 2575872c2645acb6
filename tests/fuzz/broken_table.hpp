// An engine with one thing broken on purpose, to prove that the harness says so.
//
// What may break is a Breakage: the ways in which the engine makes and reads entries, uses memory
// and answers calls, each of which does the right thing unless a broken engine overrides it. All
// broken engines share one instantiation of the executor, for compiling one takes many seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "engine/api.hpp"
#include "engine/formats/x86_64.hpp"
#include "engine/page_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "models/machine.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::fuzz {

struct Breakage {
  using Word = std::uint64_t;
  using Format = X86_64<4>;
  using Options = Format::Options<Word>;
  using Machine = models::Machine<models::X86_64Spec<4>>;

  // Whether the engine is in the midst of a call that takes or removes mappings, and whether that
  // call is an unmap of one leaf.
  bool in_call = false;
  bool in_unmap = false;

  virtual ~Breakage() = default;

  // ---- Entries ----
  virtual Word leaf(int level, Word pa, Attributes<Word> attributes) {
    return Format::leaf(level, pa, attributes);
  }
  virtual Word table(Word address) { return Format::table(address); }
  virtual bool large(Word entry) { return Format::large(entry); }
  virtual Word first_piece(int level, Word entry) { return Format::first_piece(level, entry); }
  virtual Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return Format::with_attributes(level, entry, attributes);
  }
  virtual bool must_invalidate(Options const& options, int level, Word before, Word after) {
    return Format::must_invalidate(options, level, before, after);
  }
  virtual bool global(int level, Word entry) { return Format::global(level, entry); }

  // ---- Memory ----
  virtual void store(Machine& machine, Word slot, Word entry) { machine.store(slot, entry); }
  virtual Word exchange(Machine& machine, Word slot, Word entry) {
    return machine.exchange(slot, entry);
  }
  virtual Word compare_exchange(Machine& machine, Word slot, Word expected, Word desired) {
    return machine.compare_exchange(slot, expected, desired);
  }
  virtual void fill(Machine& machine, Word slot, Word count, Word first, Word stride) {
    machine.fill(slot, count, first, stride);
  }
  // After a run of slots was read.
  virtual void have_read(Machine&, Word /*slot*/, Word /*count*/) {}
  virtual Word live_count(Machine& machine, Word table) { return machine.live_count(table); }
  virtual void set_live_count(Machine& machine, Word table, Word count) {
    machine.set_live_count(table, count);
  }
  virtual void dealloc_frames(Machine& machine, Word frame, int size_log2) {
    machine.dealloc_frames(frame, size_log2);
  }
  virtual void invalidate(Machine& machine, FlushScope scope) { machine.invalidate(scope); }

  // ---- Calls ----
  // Why map refuses, before anything is judged.
  virtual std::optional<Failure> refuse_map(VirtAddr, PhysAddr, PageSize) { return std::nullopt; }
  // After map or map_region of `va` was refused by the table of `root`: what it says then.
  virtual Failure refused(Machine&, Word /*root*/, VirtAddr /*va*/, Failure failure) {
    return failure;
  }
  // The range that the plan of an unmap names, where `leaf` was removed.
  virtual FlushRange range_of_unmap(FlushRange range, Leaf const& /*leaf*/) { return range; }
};

// The one that is at work; the tests run one after the other.
inline Breakage whole;
inline Breakage* breakage = &whole;

struct BrokenFormat : X86_64<4> {
  using Word = std::uint64_t;

  static Word leaf(int level, Word pa, Attributes<Word> attributes) {
    return breakage->leaf(level, pa, attributes);
  }
  static Word table(Word address) { return breakage->table(address); }
  static bool large(Word entry) { return breakage->large(entry); }
  static Word first_piece(int level, Word entry) { return breakage->first_piece(level, entry); }
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return breakage->with_attributes(level, entry, attributes);
  }
  static bool must_invalidate(Options<Word> const& options, int level, Word before, Word after) {
    return breakage->must_invalidate(options, level, before, after);
  }
  static bool global(int level, Word entry) { return breakage->global(level, entry); }
};

// The machine, reached through what is broken.
class BrokenMachine : public models::Machine<models::X86_64Spec<4>> {
  using Base = models::Machine<models::X86_64Spec<4>>;

 public:
  using Base::Base;

  void store(Word slot, Word entry) { breakage->store(*this, slot, entry); }
  Word exchange(Word slot, Word entry) { return breakage->exchange(*this, slot, entry); }
  Word compare_exchange(Word slot, Word expected, Word desired) {
    return breakage->compare_exchange(*this, slot, expected, desired);
  }
  void fill(Word slot, Word count, Word first, Word stride) {
    breakage->fill(*this, slot, count, first, stride);
  }
  template <class Live>
  Word find_live(Word slot, Word count, Live live) {
    Word const found = Base::find_live(slot, count, live);
    breakage->have_read(*this, slot, count);
    return found;
  }
  template <class Live>
  Word count_live(Word slot, Word count, Live live) {
    Word const found = Base::count_live(slot, count, live);
    breakage->have_read(*this, slot, count);
    return found;
  }
  Word live_count(Word table) { return breakage->live_count(*this, table); }
  void set_live_count(Word table, Word count) { breakage->set_live_count(*this, table, count); }
  void dealloc_frames(Word frame, int size_log2) {
    breakage->dealloc_frames(*this, frame, size_log2);
  }
  void invalidate(FlushScope const& scope) { breakage->invalidate(*this, scope); }
};

class BrokenTable : public PageTable<BrokenFormat, BrokenMachine> {
  using Base = PageTable<BrokenFormat, BrokenMachine>;
  using Word = std::uint64_t;

 public:
  using Machine = BrokenMachine;
  using typename Base::Options;
  using typename Base::Plan;

  static twinwalk::Result<BrokenTable, Word> create(Machine& machine, Options const& options) {
    auto created = Base::create(machine, options);
    if (!created) return created.failure();
    return BrokenTable(machine, *created);
  }
  BrokenTable() = default;

  twinwalk::Result<Plan, Word> map(VirtAddr va, PhysAddr pa, PageSize size, MappingFlags flags) {
    InCall const call;
    if (auto const failure = breakage->refuse_map(va, pa, size)) return *failure;
    auto result = Base::map(va, pa, size, flags);
    if (!result) return breakage->refused(*machine_, root().value, va, result.failure());
    return result;
  }
  twinwalk::Result<Plan, Word> map_region(VirtAddr va, PhysAddr pa, Word length, MappingFlags flags,
                                          PageSize policy) {
    InCall const call;
    auto result = Base::map_region(va, pa, length, flags, policy);
    if (!result) return breakage->refused(*machine_, root().value, va, result.failure());
    return result;
  }
  auto unmap(VirtAddr va) {
    InCall const call;
    breakage->in_unmap = true;
    auto result = Base::unmap(va);
    breakage->in_unmap = false;
    if (result) change_range(result->plan, result->leaf);
    return result;
  }
  template <class... Visitor>
  auto unmap_region(VirtAddr va, Word length, Visitor&&... visitor) {
    InCall const call;
    return Base::unmap_region(va, length, visitor...);
  }
  auto protect_region(VirtAddr va, Word length, MappingFlags flags) {
    InCall const call;
    return Base::protect_region(va, length, flags);
  }

 private:
  struct InCall {
    InCall() { breakage->in_call = true; }
    ~InCall() { breakage->in_call = false; }
    InCall(InCall const&) = delete;
    InCall& operator=(InCall const&) = delete;
  };

  // Plans cannot be narrowed, so the same is owed by a new one.
  void change_range(Plan& plan, Leaf const& leaf) {
    FlushScope const scope = plan.scope();
    FlushRange const range = breakage->range_of_unmap(scope.ranges[0], leaf);
    if (range.first == scope.ranges[0].first && range.last == scope.ranges[0].last) return;
    Plan narrow(*machine_, scope.root);
    narrow.cover(range.first, range.last, range.stride);
    if (scope.table_changed) narrow.note_table_changed();
    if (scope.global) narrow.note_global();
    if (scope.every_space) narrow.concern_every_space();
    auto const& frames = machine_->frames();
    for (std::size_t i = 0; i < frames.used_end(); ++i) {
      models::FrameRecord const& frame = frames[i];
      bool const unlinked = frame.state == models::FrameState::awaiting_flush &&
                            is_within(frame.prefix, scope.ranges[0]);
      if (unlinked) narrow.free_later(machine_->memory().address(i), models::frame_log2);
    }
    plan.abandon();
    plan = std::move(narrow);
  }
  static bool is_within(Word prefix, FlushRange const& range) {
    Word const va = models::X86_64Spec<4>::sign_extend(prefix);
    return range.first <= va && va <= range.last;
  }

  BrokenTable(Machine& machine, Base const& base) : Base(base), machine_(&machine) {}

  Machine* machine_ = nullptr;
};

// Runs sequences of x86_64-4 on whatever is broken. Holds several megabytes.
class BrokenRunner {
 public:
  std::optional<Finding> run(Breakage& what, Sequence const& sequence) {
    breakage = &what;
    auto found = runner_.run(sequence, {});
    // The next run begins by dropping what this one left: on a whole engine.
    breakage = &whole;
    return found;
  }

 private:
  EngineRunner<BrokenTable, models::X86_64Spec<4>> runner_;
};

}  // namespace twinwalk::fuzz
