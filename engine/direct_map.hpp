// A handler for whoever reaches physical memory through his own address space: DirectMap<H> makes
// one out of three static functions (one frame, one frame back, where a frame is seen) and a place
// for the metadata of table frames.
#pragma once

#include <concepts>
#include <cstdint>

#include "api.hpp"
#include "assert.hpp"
#include "word.hpp"

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

// Stateless. `invalidate` is H's own where it has one, else the carrier's: right on one processor,
// and only there.
template <class H, class Carrier = NoCarrier>
  requires PagingHandler<H> && HasFrameMetadata<H>
class DirectMap {
 public:
  using Word = std::uint64_t;

  // ---- Slots ----
  //
  // Loads are relaxed: the caller's lock orders them after every earlier change by software, and of
  // what hardware does only accessed and dirty are read.

  static Word load(Word slot) { return __atomic_load_n(at(slot), __ATOMIC_RELAXED); }
  static void store(Word slot, Word entry) { __atomic_store_n(at(slot), entry, __ATOMIC_RELEASE); }
  static Word exchange(Word slot, Word entry) {
    return __atomic_exchange_n(at(slot), entry, __ATOMIC_ACQ_REL);
  }
  static Word compare_exchange(Word slot, Word expected, Word desired) {
    return swap_if(at(slot), expected, desired);
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
    Word* const entries = at(slot);
    Word entry = first;
    for (Word k = 0; k != count; ++k, entry += stride) {
      __atomic_store_n(entries + k, entry, __ATOMIC_RELAXED);
    }
  }
  template <class Live>
  static Word find_live(Word slot, Word count, Live live) {
    Word* const entries = at(slot);
    for (Word k = 0; k != count; ++k) {
      if (live(__atomic_load_n(entries + k, __ATOMIC_RELAXED))) return k;
    }
    return count;
  }
  template <class Live>
  static Word count_live(Word slot, Word count, Live live) {
    Word* const entries = at(slot);
    Word found = 0;
    for (Word k = 0; k != count; ++k) {
      found += live(__atomic_load_n(entries + k, __ATOMIC_RELAXED)) ? 1 : 0;
    }
    return found;
  }
  template <class Live>
  static RunChange clear(Word slot, Word count, Word hole, Live live) {
    Word* const entries = at(slot);
    RunChange change;
    for (Word k = 0; k != count; ++k) {
      if (!live(__atomic_load_n(entries + k, __ATOMIC_RELAXED))) continue;
      change.add(__atomic_exchange_n(entries + k, hole, __ATOMIC_ACQ_REL), hole);
    }
    return change;
  }
  template <class Step>
  static RunChange rewrite(Word slot, Word count, Step step) {
    Word* const entries = at(slot);
    RunChange change;
    for (Word k = 0; k != count; ++k) rewrite_one(entries + k, step, change);
    return change;
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

  static Word swap_if(Word* entry, Word expected, Word desired) {
    __atomic_compare_exchange_n(entry, &expected, desired, false, __ATOMIC_ACQ_REL,
                                __ATOMIC_RELAXED);
    return expected;
  }

  template <class Step>
  static void rewrite_one(Word* entry, Step step, RunChange& change) {
    Word before = __atomic_load_n(entry, __ATOMIC_RELAXED);
    for (int attempt = 0; attempt <= hardware_moves_max; ++attempt) {
      Word const after = step(before);
      if (after == before) return;
      Word const found = swap_if(entry, before, after);
      if (found == before) {
        change.add(before, after);
        return;
      }
      before = found;
    }
    TWINWALK_ASSERT(false && "hardware moved an entry more often than it can");
  }
};

}  // namespace twinwalk
