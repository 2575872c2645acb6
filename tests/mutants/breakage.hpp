// What may be broken in an engine: the ways in which it makes and reads entries, uses memory and
// answers calls. Each does the right thing unless a mutant overrides it.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/api.hpp"
#include "engine/format.hpp"
#include "models/frames.hpp"
#include "models/machine.hpp"

namespace twinwalk::mutants {

using Word = std::uint64_t;

template <class F, class S>
struct Breakage {
  using Format = F;
  using Spec = S;
  using Options = typename F::template Options<Word>;
  using Machine = models::Machine<S>;

  // Whether the engine is in the midst of a call that takes or removes mappings, and whether that
  // call is an unmap of one leaf.
  bool in_call = false;
  bool in_unmap = false;

  virtual ~Breakage() = default;

  // ---- Entries ----
  virtual bool canonical(Word va) { return bool(F::canonical(va)); }
  virtual bool fits(Options const& options, Word first, Word last) {
    return bool(F::physical_range_fits(options, first, last));
  }
  virtual bool representable(Options const& options, MappingFlags flags) {
    return bool(F::representable(options, flags));
  }
  virtual Attributes<Word> encode(Options const& options, MappingFlags flags) {
    return F::encode(options, flags);
  }
  virtual MappingFlags decode(Options const& options, int level, Word entry) {
    return F::decode(options, level, entry);
  }
  virtual Word hole(Options const& options, int level) { return F::hole(options, level); }
  virtual Word leaf(int level, Word pa, Attributes<Word> attributes) {
    return F::leaf(level, pa, attributes);
  }
  virtual Word table(Word address) { return F::table(address); }
  virtual bool large(Word entry) { return bool(F::large(entry)); }
  virtual Word first_piece(int level, Word entry) { return F::first_piece(level, entry); }
  virtual Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return F::with_attributes(level, entry, attributes);
  }
  virtual Word without_dirty(Word entry) { return F::without_dirty(entry); }
  virtual bool must_invalidate(Options const& options, int level, Word before, Word after) {
    return bool(F::must_invalidate(options, level, before, after));
  }
  virtual bool global(int level, Word entry) { return bool(F::global(level, entry)); }
  // Of formats that have such.
  virtual bool demands_break(int level, Word before, Word after) {
    if constexpr (BreaksBeforeMaking<F>)
      return bool(F::demands_break(level, before, after));
    else
      return false;
  }

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
  // The length that unmap_region and protect_region are given.
  virtual Word length_of_range(VirtAddr /*va*/, Word length) { return length; }
  // The range that the plan of an unmap names, where `leaf` was removed.
  virtual FlushRange range_of_unmap(FlushRange range, Leaf const& /*leaf*/) { return range; }

  // ---- What mutants ask of a machine ----
  static models::FrameRecord const& record_of(Machine& machine, Word address) {
    return machine.frames()[machine.memory().index(address)];
  }
  static bool is_linked_root(Machine& machine, Word address) {
    models::FrameRecord const& record = record_of(machine, address);
    return record.state == models::FrameState::table && record.level == F::levels;
  }
};

}  // namespace twinwalk::mutants
