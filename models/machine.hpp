// The machine that an engine runs on in the harness: memory, frames, the processors' TLBs and the
// adversaries, behind the handler that engine/api.hpp asks for. One object serves one fuzz case
// after another; nothing is allocated between resets.
//
//   machine.reset(shape, options)
//   … engine creates a table …           frames are handed out, stores go nowhere a root reaches
//   machine.add_space(root)              from here on processors may walk it
//   machine.begin_operation()            counts and the write log start again
//   … engine works …                     every access passes through here
//   machine.end_operation()              what the operation may not leave behind
//   machine.retire_space(space)          the engine destroyed it; its plan is still to be carried
//   out
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "engine/api.hpp"
#include "models/finding.hpp"
#include "models/frames.hpp"
#include "models/machine/counts.hpp"
#include "models/machine/hardware.hpp"
#include "models/machine/observer.hpp"
#include "models/memory.hpp"
#include "models/tlb.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

// What differs from case to case beside the options of the processor.
struct MachineShape {
  std::size_t frames = 64;      // the pool of table frames, up to the machine's capacity
  std::uint64_t placement = 0;  // 0: the arena at `base`; else a scramble over the whole width
  std::uint64_t base = 0;       // of placement 0, a multiple of the largest table
  int largest_table_log2 = 12;  // 12..16
  std::uint64_t seed = 0;       // of all garbage
  int processors = 2;           // up to processors_max
};

template <class Spec>
class Machine {
 public:
  using Word = std::uint64_t;
  using SpecType = Spec;
  static constexpr std::size_t default_capacity = 512;

  explicit Machine(std::size_t capacity = default_capacity)
      : memory_(capacity),
        frames_(capacity),
        tlb_(memory_, frames_, spaces_),
        observer_(memory_, frames_, tlb_, findings_),
        hardware_(memory_, frames_, spaces_, tlb_) {}
  Machine(Machine const&) = delete;
  Machine& operator=(Machine const&) = delete;

  // Starts a case with every frame free. Cheap: only what the last case used is touched. Where a
  // format wants a void frame it is the one behind the pool, whatever the options say.
  void reset(MachineShape const& shape, MachineOptions const& options) {
    shape_ = shape;
    if (shape_.frames > memory_.capacity()) shape_.frames = memory_.capacity();
    int const bits = Spec::physical_bits(options);
    memory_.reset(
        Placement(bits, shape_.frames, shape.placement, shape.largest_table_log2, shape.base), bits,
        shape.seed ^ shape.placement);
    options_ = options;
    options_.void_frame = PhysAddr(memory_.address(shape_.frames));
    frames_.reset(shape_.frames);
    spaces_.reset();
    tlb_.reset(options_, shape.processors);
    observer_.reset(options_);
    settings_.emplace(Spec::settings(options_));
    findings_.clear();
    age_ = 0;
    reach_ = (1U << shape.processors) - 1;
    failing_allocation_ = never;
    hardware_.reset(options_);
    begin_operation();
  }

  // ---- The handler: what an engine calls -----------------------------------------------------

  Word load(Word slot) {
    hardware_.before_load(counts_);
    ++counts_.loads;
    Word const* const word = reachable(slot, FindingKind::load_outside);
    return word != nullptr ? *word : mix(slot);
  }
  void store(Word slot, Word entry) {
    Word* const word = written(slot);
    if (word != nullptr) put(slot, word, entry);
  }
  Word exchange(Word slot, Word entry) {
    Word* const word = locked(slot);
    if (word == nullptr) return mix(slot);
    Word const old = *word;
    put(slot, word, entry);
    return old;
  }
  Word compare_exchange(Word slot, Word expected, Word desired) {
    Word* const word = locked(slot);
    if (word == nullptr) return mix(slot);
    Word const old = *word;
    if (old == expected) put(slot, word, desired);
    return old;
  }

  bool alloc_frames(int size_log2, Word& out) {
    std::uint64_t const number = counts_.allocations++;
    std::size_t index = 0;
    if (number == failing_allocation_ || !frames_.allocate(size_log2, index)) {
      ++counts_.allocations_failed;
      return false;
    }
    std::size_t const run = std::size_t{1} << (size_log2 - frame_log2);
    for (std::size_t i = index; i < index + run; ++i) memory_.poison(i, age_);
    ++age_;
    out = memory_.address(index);
    frames_[index].live_count = mix(out ^ age_);
    frames_[index].link = mix(out + age_);
    return true;
  }
  void dealloc_frames(Word address, int size_log2) {
    ++counts_.frees;
    std::size_t const index = memory_.index(address);
    bool const known = index < frames_.count() && (address & (frame_words * 8 - 1)) == 0;
    auto const wrong = known ? frames_.release(index, size_log2) : FindingKind::foreign_free;
    if (wrong) findings_.add(*wrong, address, static_cast<std::uint64_t>(size_log2));
    if (wrong && *wrong != FindingKind::freed_while_linked) return;
    if (tlb_.holds_pointer_to(address)) {
      findings_.add(FindingKind::freed_while_cached, address);
      tlb_.forget_pointers_to(address);
    }
    std::size_t const run = std::size_t{1} << (size_log2 - frame_log2);
    for (std::size_t i = index; i < index + run; ++i) memory_.poison(i, ~age_);
    ++age_;
  }

  Word live_count(Word table) { return metadata(table, FindingKind::load_outside).live_count; }
  void set_live_count(Word table, Word count) {
    metadata(table, FindingKind::store_outside).live_count = count;
  }
  Word link(Word table) { return metadata(table, FindingKind::load_outside).link; }
  void set_link(Word table, Word link) { metadata(table, FindingKind::store_outside).link = link; }

  void fill(Word slot, Word count, Word first, Word stride) {
    if (Word* const words = words_of(slot, count); words != nullptr) {
      if (frames_[memory_.index(slot)].state == FrameState::handed_out) {
        for (Word k = 0; k < count; ++k) words[k] = first + k * stride;
        counts_.stores += count;
        return;
      }
    }
    for (Word k = 0; k < count; ++k) store(slot + 8 * k, first + k * stride);
  }
  template <class Live>
  Word find_live(Word slot, Word count, Live live) {
    if (Word const* const words = undisturbed(slot, count); words != nullptr) {
      Word k = 0;
      while (k < count && !live(words[k])) ++k;
      counts_.loads += k < count ? k + 1 : count;
      return k;
    }
    for (Word k = 0; k < count; ++k)
      if (live(load(slot + 8 * k))) return k;
    return count;
  }
  template <class Live>
  Word count_live(Word slot, Word count, Live live) {
    Word found = 0;
    if (Word const* const words = undisturbed(slot, count); words != nullptr) {
      for (Word k = 0; k < count; ++k) found += live(words[k]) ? 1U : 0U;
      counts_.loads += count;
      return found;
    }
    for (Word k = 0; k < count; ++k) found += live(load(slot + 8 * k)) ? 1U : 0U;
    return found;
  }
  template <class Live>
  RunChange clear(Word slot, Word count, Word hole, Live live) {
    RunChange change;
    for (Word k = 0; k < count; ++k) {
      if (!live(load(slot + 8 * k))) continue;
      change.add(exchange(slot + 8 * k, hole), hole);
    }
    return change;
  }
  template <class Step>
  RunChange rewrite(Word slot, Word count, Step step) {
    RunChange change;
    for (Word k = 0; k < count; ++k) {
      Word seen = load(slot + 8 * k);
      for (;;) {
        Word const wanted = step(seen);
        if (wanted == seen) break;
        Word const old = compare_exchange(slot + 8 * k, seen, wanted);
        if (old == seen) {
          change.add(old, wanted);
          break;
        }
        seen = old;
      }
    }
    return change;
  }

  void invalidate(FlushScope const& scope) {
    begin_moment();
    ++counts_.invalidations;
    if (!tlb_.invalidate(scope, reach_)) findings_.add(FindingKind::unknown_root, scope.root);
  }

  // ---- Operations ----------------------------------------------------------------------------

  void begin_operation() {
    counts_ = {};
    writes_.clear();
    hardware_.clear_hits();
  }
  // Disarms what was armed for this operation. A frame that is neither linked, nor awaiting its
  // flush, nor given back, is lost: a finding each time somebody asks.
  void end_operation() {
    failing_allocation_ = never;
    hardware_.disarm();
    if (frames_.in_state(FrameState::handed_out) != 0) note_leak(FrameState::handed_out);
  }
  // At the end of a case, when every space is gone and every flush carried out.
  void end_case() {
    for (FrameState state : {FrameState::handed_out, FrameState::table, FrameState::awaiting_flush})
      if (frames_.in_state(state) != 0) note_leak(state);
  }

  AccessCounts const& counts() const { return counts_; }
  // The words of linked tables that the operation changed: none when it is refused.
  WriteLog const& writes() const { return writes_; }
  Findings const& findings() const { return findings_; }
  Findings& findings() { return findings_; }

  // ---- Adversaries ---------------------------------------------------------------------------

  // The n-th allocation of the next operation fails, counted from 0.
  void fail_allocation(std::uint64_t n) { failing_allocation_ = n; }
  // Hardware uses an address during the next operation, or the one that has begun.
  void arm(HardwareEvent const& event) { hardware_.arm(event); }
  // Hardware rests until it is armed again.
  void disarm_hardware() { hardware_.disarm(); }
  // What armed hardware did during the operation, in order.
  std::span<HardwareHit const> hits() const { return hardware_.hits(); }
  // Hardware uses an address now.
  HardwareHit use(HardwareEvent const& event) { return hardware_.use(event); }
  // Which processors an invalidation reaches, one bit each: all, unless an engine is meant to fail.
  void set_invalidation_reach(std::uint32_t processors) { reach_ = processors; }
  // Writes behind everybody's back: garbage into a hole. False outside the frames in use.
  bool poke(std::uint64_t slot, Word entry) {
    std::size_t const index = memory_.index(slot);
    if (index >= frames_.count() || frames_[index].state == FrameState::free) return false;
    memory_.frame(index)[(slot >> 3) % frame_words] = entry;
    return true;
  }

  // ---- Address spaces and processors ---------------------------------------------------------

  // A root that the engine has created; its number from 0, -1 when there are too many.
  int add_space(Word root) {
    int const space = spaces_.add(root);
    if (space >= 0) observer_.attach_root(root, space);
    return space;
  }
  // The engine has destroyed the root; processors may hold anything of it until its plan is done.
  void retire_space(int space) {
    observer_.detach_root(spaces_.root(space), space);
    spaces_.retire(space);
    tlb_.space_retired();
  }
  // All that an access of a processor may come to.
  Answers answers(int processor, int space, std::uint64_t virt, Access const& access) const {
    WalkResult<Spec> const now = this->walk(space, virt, access);
    Answer const current{!now.ok(), now.ok() ? now.translation.physical : 0, false};
    if (!Spec::canonical(virt)) {
      // No processor looks such an address up, whatever it holds for the one with the same low
      // bits.
      Answers none;
      none.add(current);
      return none;
    }
    return tlb_.answers(processor, space, virt, access, current);
  }
  // The access faulted: what the processor held for the address is gone, where the format heals so.
  void page_fault(int processor, int space, std::uint64_t virt) {
    if (Spec::canonical(virt)) tlb_.page_fault(processor, space, virt);
  }
  // One access of hardware by the tables as they are, without effect.
  WalkResult<Spec> walk(int space, std::uint64_t virt, Access const& access) const {
    return models::walk<Spec>(Peek{memory_}, *settings_, spaces_.root(space), virt, access);
  }
  Translation<Spec> translate(int space, std::uint64_t virt) const {
    return models::translate<Spec>(Peek{memory_}, *settings_, spaces_.root(space), virt);
  }

  // ---- The parts -----------------------------------------------------------------------------

  // For a walker: reads without effect, zero outside the arena.
  Peek peek() const { return Peek{memory_}; }
  Memory const& memory() const { return memory_; }
  Frames& frames() { return frames_; }
  Frames const& frames() const { return frames_; }
  Tlb<Spec>& tlb() { return tlb_; }
  Tlb<Spec> const& tlb() const { return tlb_; }
  typename Spec::Settings const& settings() const { return *settings_; }
  MachineOptions const& options() const { return options_; }
  MachineShape const& shape() const { return shape_; }

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  // ---- Access --------------------------------------------------------------------------------

  // The word of a slot in a frame that the engine holds; otherwise a finding and nullptr.
  Word* reachable(Word slot, FindingKind otherwise) {
    std::size_t const index = memory_.index(slot);
    bool const held = index < frames_.count() && frames_[index].state != FrameState::free &&
                      frames_[index].state != FrameState::data;
    if (!held || (slot & 7) != 0) [[unlikely]] {
      findings_.add(held ? FindingKind::misaligned_slot : otherwise, slot);
      return nullptr;
    }
    return memory_.frame(index) + (slot >> 3) % frame_words;
  }
  // The words of a run, when no hardware is armed to come between; else nullptr, and the run has to
  // be done word by word. The results are the same.
  Word* undisturbed(Word slot, Word count) {
    return hardware_.idle() ? words_of(slot, count) : nullptr;
  }
  // The words of a run within one frame that the engine holds; else nullptr.
  Word* words_of(Word slot, Word count) {
    std::size_t const index = memory_.index(slot);
    bool const simple = index < frames_.count() && (slot & 7) == 0 &&
                        (slot >> 3) % frame_words + count <= frame_words;
    if (!simple || frames_[index].state == FrameState::free ||
        frames_[index].state == FrameState::data)
      return nullptr;
    return memory_.frame(index) + (slot >> 3) % frame_words;
  }
  Word* locked(Word slot) {
    ++counts_.read_modify_writes;
    return written(slot);
  }
  // The word about to be written; where a processor may see that, hardware comes first.
  Word* written(Word slot) {
    ++counts_.stores;
    Word* const word = reachable(slot, FindingKind::store_outside);
    if (word != nullptr && frames_[memory_.index(slot)].state != FrameState::handed_out)
      begin_moment();
    return word;
  }
  void begin_moment() {
    hardware_.before_moment(counts_);
    ++counts_.moments;
  }
  void put(Word slot, Word* word, Word entry) {
    Word const old = *word;
    if (old == entry) return;
    *word = entry;
    FrameRecord const& frame = frames_[memory_.index(slot)];
    if (frame.state == FrameState::handed_out) return;
    bool const linked = frame.state == FrameState::table;
    Write const write = observer_.changed(slot, frame.head, old, entry);
    if (linked) writes_.add(write);
  }
  FrameRecord& metadata(Word table, FindingKind otherwise) {
    std::size_t const index = memory_.index(table);
    bool const held = index < frames_.count() && frames_[index].state != FrameState::free &&
                      frames_[index].state != FrameState::data;
    if (held) [[likely]]
      return frames_.block(index);
    findings_.add(otherwise, table);
    nowhere_.live_count = mix(table);
    nowhere_.link = mix(~table);
    return nowhere_;
  }

  void note_leak(FrameState state) {
    std::size_t const index = frames_.first_in_state(state);
    findings_.add(FindingKind::leaked_frame, memory_.address(index),
                  static_cast<std::uint64_t>(state));
  }

  MachineShape shape_;
  MachineOptions options_;
  std::optional<typename Spec::Settings> settings_;
  Memory memory_;
  Frames frames_;
  Findings findings_;
  Spaces spaces_;
  Tlb<Spec> tlb_;
  Observer<Spec> observer_;
  Hardware<Spec> hardware_;
  FrameRecord nowhere_;
  AccessCounts counts_;
  WriteLog writes_;
  std::uint64_t failing_allocation_ = never;
  std::uint64_t age_ = 0;
  std::uint32_t reach_ = 1;
};

}  // namespace twinwalk::models
