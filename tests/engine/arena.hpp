// The memory that the engine's own tests run on: frames at awkward addresses, every access and
// every flush on record, and whatever happens between two accesses left to the test.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/api.hpp"

namespace twinwalk::test {

// A Handler. Each mistake of the engine that memory can see is a test failure here: an access
// outside its frames, a frame freed twice, a frame used after it was freed.
class Arena {
 public:
  using Word = std::uint64_t;

  struct Frame {
    std::vector<Word> slots;
    Word live_count;
    Word link;
    friend bool operator==(Frame const&, Frame const&) = default;
  };
  using Snapshot = std::map<Word, Frame>;

  enum class Kind { load, write, alloc, dealloc, invalidate };
  struct Event {
    Kind kind;
    Word address = 0;  // of the slot or the frame
    Word value = 0;    // what a write left there
  };

  // ---- What a test sets and reads ----

  // Called before every single access to a slot, whole-table primitives included.
  std::function<void(Word slot)> before_access;
  // Called with the scope of every flush, before the plan frees anything.
  std::function<void(FlushScope const&)> on_invalidate;
  // Frames lie below 2^physical_bits.
  int physical_bits = 52;
  // How many allocations still succeed.
  int allocations_left = 1 << 30;

  std::vector<Event> events;
  std::vector<FlushScope> flushes;

  Snapshot const& frames() const { return frames_; }
  bool holds(Word frame) const { return frames_.contains(frame); }

  // What stands in a slot, without being an access of the engine.
  Word peek(Word slot) const { return *const_cast<Arena*>(this)->slot_at(slot); }
  void poke(Word slot, Word entry) { *slot_at(slot) = entry; }

  int count(Kind kind) const {
    int found = 0;
    for (Event const& event : events) found += event.kind == kind ? 1 : 0;
    return found;
  }
  void forget() {
    events.clear();
    flushes.clear();
  }

  // ---- Handler ----

  Word load(Word slot) {
    touch(slot);
    events.push_back({Kind::load, slot});
    return *slot_at(slot);
  }
  void store(Word slot, Word entry) {
    touch(slot);
    write(slot, entry);
  }
  Word exchange(Word slot, Word entry) {
    touch(slot);
    Word const before = *slot_at(slot);
    write(slot, entry);
    return before;
  }
  Word compare_exchange(Word slot, Word expected, Word desired) {
    touch(slot);
    Word const before = *slot_at(slot);
    if (before == expected) write(slot, desired);
    return before;
  }

  bool alloc_frames(int size_log2, Word& out) {
    if (allocations_left == 0) return false;
    --allocations_left;
    Word const frame = next_address(size_log2);
    std::size_t const slots = (std::size_t{1} << size_log2) / 8;
    // Poison that looks like a present entry.
    frames_[frame] = Frame{std::vector<Word>(slots, poison), poison, poison};
    events.push_back({Kind::alloc, frame});
    out = frame;
    return true;
  }
  void dealloc_frames(Word frame, int size_log2) {
    auto const found = frames_.find(frame);
    ASSERT_TRUE(found != frames_.end()) << "freed what was not allocated: " << std::hex << frame;
    EXPECT_EQ(found->second.slots.size() * 8, std::size_t{1} << size_log2);
    frames_.erase(found);
    events.push_back({Kind::dealloc, frame});
  }

  Word live_count(Word table) { return frame(table).live_count; }
  void set_live_count(Word table, Word count) { frame(table).live_count = count; }
  Word link(Word table) { return frame(table).link; }
  void set_link(Word table, Word next) { frame(table).link = next; }

  void fill(Word slot, Word count, Word first, Word stride) {
    for (Word k = 0; k != count; ++k) store(slot + 8 * k, first + k * stride);
  }
  template <class Live>
  Word find_live(Word slot, Word count, Live live) {
    for (Word k = 0; k != count; ++k) {
      if (live(load(slot + 8 * k))) return k;
    }
    return count;
  }
  template <class Live>
  Word count_live(Word slot, Word count, Live live) {
    Word found = 0;
    for (Word k = 0; k != count; ++k) found += live(load(slot + 8 * k)) ? 1 : 0;
    return found;
  }
  template <class Live>
  RunChange clear(Word slot, Word count, Word hole, Live live) {
    RunChange change;
    for (Word k = 0; k != count; ++k) {
      if (!live(load(slot + 8 * k))) continue;
      change.add(exchange(slot + 8 * k, hole), hole);
    }
    return change;
  }
  template <class Step>
  RunChange rewrite(Word slot, Word count, Step step) {
    RunChange change;
    for (Word k = 0; k != count; ++k) {
      Word before = load(slot + 8 * k);
      for (;;) {
        Word const after = step(before);
        if (after == before) break;
        Word const found = compare_exchange(slot + 8 * k, before, after);
        if (found == before) {
          change.add(before, after);
          break;
        }
        before = found;
      }
    }
    return change;
  }

  void invalidate(FlushScope const& scope) {
    events.push_back({Kind::invalidate});
    flushes.push_back(scope);
    if (on_invalidate) on_invalidate(scope);
  }

 private:
  static constexpr Word poison = 0xdeadbeefdeadbeef;

  // Frame 0 first, then one from the top of the width downward and one from its middle up in turn.
  Word next_address(int size_log2) {
    Word const size = Word{1} << size_log2;
    for (Word k = 0;; ++k) {
      Word const candidate = k == 0         ? 0
                             : (k % 2) == 1 ? (Word{1} << physical_bits) - ((k + 1) / 2) * size
                                            : (Word{1} << (physical_bits - 7)) + (k / 2) * size;
      if (!frames_.contains(candidate)) return candidate;
    }
  }

  Frame& frame(Word address) {
    auto const found = frames_.find(address);
    if (found == frames_.end()) {
      ADD_FAILURE() << "metadata of what is no frame: " << std::hex << address;
      static Frame nowhere{std::vector<Word>(512), 0, 0};
      return nowhere;
    }
    return found->second;
  }

  Word* slot_at(Word slot) {
    auto after = frames_.upper_bound(slot);
    if (after != frames_.begin()) {
      auto& [base, frame] = *std::prev(after);
      if (slot % 8 == 0 && (slot - base) / 8 < frame.slots.size()) {
        return &frame.slots[(slot - base) / 8];
      }
    }
    ADD_FAILURE() << "an access outside of every table: " << std::hex << slot;
    static Word nowhere = 0;
    return &nowhere;
  }

  void touch(Word slot) {
    if (before_access) before_access(slot);
  }
  void write(Word slot, Word entry) {
    *slot_at(slot) = entry;
    events.push_back({Kind::write, slot, entry});
  }

  Snapshot frames_;
};

static_assert(Handler<Arena>);

}  // namespace twinwalk::test
