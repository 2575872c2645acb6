// A handler for whoever reaches physical memory through his own address space: DirectMap<H> makes
// one out of three static functions (one frame, one frame back, where a frame is seen) and a place
// for the metadata of table frames.
#pragma once

#include <concepts>
#include <cstdint>

#include "api.hpp"
#include "assert.hpp"
#include "whole_table.hpp"

namespace twinwalk {

// What a user offers. Frames are 4 KiB, and their contents arbitrary.
//
//   static bool alloc_frame(PhysAddr& out);        // false when there is none, `out` untouched
//   static void dealloc_frame(PhysAddr frame);
//   static void* phys_to_virt(PhysAddr address);   // a pointer, or a VirtAddr
template <class H>
concept PagingHandler = requires(PhysAddr address, PhysAddr& out) {
  { H::alloc_frame(out) } -> std::convertible_to<bool>;
  H::dealloc_frame(address);
  requires std::convertible_to<decltype(H::phys_to_virt(address)), void*> ||
               std::same_as<decltype(H::phys_to_virt(address)), VirtAddr>;
};

// What the engine keeps for each table frame, outside the frame; contents arbitrary until the frame
// is allocated. `struct page` and its kin have room for it.
struct FrameMetadata {
  std::uint64_t live_count = 0;
  std::uint64_t link = 0;
};

// static FrameMetadata& frame_metadata(PhysAddr frame), for every frame that alloc_frame gives.
template <class H>
concept HasFrameMetadata = requires(PhysAddr frame) {
  { H::frame_metadata(frame) } -> std::same_as<FrameMetadata&>;
};

// Roots larger than one frame: static bool alloc_frames(int size_log2, PhysAddr& out), aligned to
// their size, and static void dealloc_frames(PhysAddr frame, int size_log2).
template <class H>
concept HasLargeFrames = requires(PhysAddr address, PhysAddr& out, int size_log2) {
  { H::alloc_frames(size_log2, out) } -> std::convertible_to<bool>;
  H::dealloc_frames(address, size_log2);
};

// static void invalidate(FlushScope const&), when the local processor is not all there is: it makes
// every processor that the scope concerns forget, and returns when they have.
template <class H>
concept HasInvalidate = requires(FlushScope const& scope) { H::invalidate(scope); };

// A flush carrier: turns a scope into the instructions of one architecture on this processor.
template <class C>
concept FlushCarrier = requires(FlushScope const& scope) { C::carry_out(scope); };

// For a format whose carrier is not for the machine that this is compiled for.
struct NoCarrier {};

// Entries that stand where a pointer says, for an engine that shares them with an MMU.
//
// Loads are relaxed: the caller's lock orders them after every earlier change by software, and of
// what hardware does only accessed and dirty are read.
class DirectEntries {
 public:
  using Word = std::uint64_t;

  explicit DirectEntries(Word* first) : first_(first) {}

  Word load(Word k) const { return __atomic_load_n(first_ + k, __ATOMIC_RELAXED); }
  void store(Word k, Word entry) const { __atomic_store_n(first_ + k, entry, __ATOMIC_RELEASE); }
  void store_relaxed(Word k, Word entry) const {
    __atomic_store_n(first_ + k, entry, __ATOMIC_RELAXED);
  }
  Word exchange(Word k, Word entry) const {
    return __atomic_exchange_n(first_ + k, entry, __ATOMIC_ACQ_REL);
  }
  Word compare_exchange(Word k, Word expected, Word desired) const {
    __atomic_compare_exchange_n(first_ + k, &expected, desired, false, __ATOMIC_ACQ_REL,
                                __ATOMIC_RELAXED);
    return expected;
  }

 private:
  Word* first_;
};

// Stateless. `invalidate` is H's own where it has one, else the carrier's: right on one processor,
// and only there.
template <class H, class Carrier = NoCarrier>
  requires PagingHandler<H> && HasFrameMetadata<H>
class DirectMap {
 public:
  using Word = std::uint64_t;

  // ---- Slots ----

  static Word load(Word slot) { return DirectEntries(at(slot)).load(0); }
  static void store(Word slot, Word entry) { DirectEntries(at(slot)).store(0, entry); }
  static Word exchange(Word slot, Word entry) { return DirectEntries(at(slot)).exchange(0, entry); }
  static Word compare_exchange(Word slot, Word expected, Word desired) {
    return DirectEntries(at(slot)).compare_exchange(0, expected, desired);
  }

  // ---- Frames ----

  static bool alloc_frames(int size_log2, Word& out) {
    PhysAddr frame;
    bool given = false;
    if constexpr (HasLargeFrames<H>) {
      given = size_log2 == frame_log2 ? H::alloc_frame(frame) : H::alloc_frames(size_log2, frame);
    } else {
      TWINWALK_ASSERT(size_log2 == frame_log2);
      given = H::alloc_frame(frame);
    }
    if (given) out = frame.value;
    return given;
  }
  static void dealloc_frames(Word frame, int size_log2) {
    if constexpr (HasLargeFrames<H>) {
      if (size_log2 != frame_log2) {
        H::dealloc_frames(PhysAddr(frame), size_log2);
        return;
      }
    }
    H::dealloc_frame(PhysAddr(frame));
  }

  // ---- Metadata ----

  static Word live_count(Word table) { return H::frame_metadata(PhysAddr(table)).live_count; }
  static void set_live_count(Word table, Word count) {
    H::frame_metadata(PhysAddr(table)).live_count = count;
  }
  static Word link(Word table) { return H::frame_metadata(PhysAddr(table)).link; }
  static void set_link(Word table, Word frame) { H::frame_metadata(PhysAddr(table)).link = frame; }

  // ---- Whole tables ----

  static void fill(Word slot, Word count, Word first, Word stride) {
    // One fence releases all that follows, which is cheaper than as many releasing stores.
    __atomic_thread_fence(__ATOMIC_RELEASE);
    fill_entries(DirectEntries(at(slot)), count, first, stride);
  }
  template <class Live>
  static Word find_live(Word slot, Word count, Live live) {
    return find_live_entry(DirectEntries(at(slot)), count, live);
  }
  template <class Live>
  static Word count_live(Word slot, Word count, Live live) {
    return count_live_entries(DirectEntries(at(slot)), count, live);
  }
  template <class Live>
  static RunChange clear(Word slot, Word count, Word hole, Live live) {
    return clear_entries(DirectEntries(at(slot)), count, hole, live);
  }
  template <class Step>
  static RunChange rewrite(Word slot, Word count, Step step) {
    return rewrite_entries(DirectEntries(at(slot)), count, step);
  }

  // ---- The flush ----

  static void invalidate(FlushScope const& scope)
    requires HasInvalidate<H> || FlushCarrier<Carrier>
  {
    if constexpr (HasInvalidate<H>) {
      H::invalidate(scope);
    } else {
      Carrier::carry_out(scope);
    }
  }

 private:
  static constexpr int frame_log2 = 12;

  static Word* at(Word slot) {
    if constexpr (std::convertible_to<decltype(H::phys_to_virt(PhysAddr{})), void*>) {
      return static_cast<Word*>(static_cast<void*>(H::phys_to_virt(PhysAddr(slot))));
    } else {
      return reinterpret_cast<Word*>(H::phys_to_virt(PhysAddr(slot)).value);
    }
  }
};

}  // namespace twinwalk
