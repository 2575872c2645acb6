// Who holds which frame: the exact account behind "no leak, no double free, nothing freed too
// early".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/finding.hpp"
#include "models/memory.hpp"

namespace twinwalk::models {

enum class FrameState : std::uint8_t {
  free,
  handed_out,  // allocated and linked nowhere: a subtree being built, or a root before its space
  table,       // a root or reached from one
  awaiting_flush,  // unlinked; a processor may still walk it
  data,            // the harness keeps it as data that leaves may map
};
inline constexpr std::size_t frame_state_count = 5;

// What is known of one frame. Of a block larger than a frame the first record counts.
struct FrameRecord {
  FrameState state = FrameState::free;
  std::uint8_t size_log2 = 0;    // of the block that was handed out; 0 in all but its first frame
  std::uint8_t level = 0;        // of a table: 1 holds the smallest pages
  std::uint32_t head = 0;        // the block's first frame
  std::uint32_t spaces = 0;      // of a table: which address spaces reach it, one bit each
  std::uint64_t prefix = 0;      // of a table: the first input address it serves
  std::uint64_t live_count = 0;  // the engine's two words of metadata
  std::uint64_t link = 0;
};

// A pool of `count` frames. Nothing here allocates after construction, and a reset touches only
// what the last case used.
class Frames {
 public:
  explicit Frames(std::size_t capacity) : records_(capacity) { free_list_.reserve(capacity); }

  void reset(std::size_t count) {
    for (std::size_t i = 0; i < bump_; ++i) records_[i] = FrameRecord{};
    free_list_.clear();
    bump_ = 0;
    count_ = count;
    by_state_.fill(0);
    by_state_[slot(FrameState::free)] = count;
  }

  std::size_t count() const { return count_; }
  std::size_t in_state(FrameState state) const { return by_state_[slot(state)]; }
  // Frames below this index were used by the case; all others are free and untouched.
  std::size_t used_end() const { return bump_; }

  FrameRecord& operator[](std::size_t index) { return records_[index]; }
  FrameRecord const& operator[](std::size_t index) const { return records_[index]; }
  // The record of the block that a frame belongs to.
  FrameRecord& block(std::size_t index) { return records_[records_[index].head]; }
  FrameRecord const& block(std::size_t index) const { return records_[records_[index].head]; }

  // Whether `allocate` would succeed.
  bool has_free(int size_log2) const {
    std::size_t const run = std::size_t{1} << (size_log2 - frame_log2);
    for (std::size_t first = 0; first + run <= count_; first += run) {
      if (all_free(first, run)) return true;
    }
    return false;
  }

  // 2^size_log2 bytes as an aligned run of the arena (12..16); what was freed last comes first, so
  // that a pointer kept too long meets somebody else's table. False when there is none.
  bool allocate(int size_log2, std::size_t& index) {
    std::size_t const run = std::size_t{1} << (size_log2 - frame_log2);
    std::size_t const found = run == 1 ? take_one() : take_run(run);
    if (found == none) return false;
    for (std::size_t i = found; i < found + run; ++i) {
      records_[i] = FrameRecord{};
      records_[i].head = static_cast<std::uint32_t>(found);
      records_[i].state = FrameState::handed_out;
    }
    records_[found].size_log2 = static_cast<std::uint8_t>(size_log2);
    by_state_[slot(FrameState::free)] -= run;
    by_state_[slot(FrameState::handed_out)] += run;
    index = found;
    return true;
  }

  // Gives a block back. What is wrong with that, if anything; only a block that is linked is freed
  // all the same, since the account would drift from the engine's otherwise.
  std::optional<FindingKind> release(std::size_t index, int size_log2) {
    if (index >= count_) return FindingKind::foreign_free;
    if (index >= bump_) return FindingKind::foreign_free;
    FrameRecord const& record = records_[index];
    if (record.state == FrameState::free) return FindingKind::double_free;
    if (record.state == FrameState::data) return FindingKind::foreign_free;
    if (record.size_log2 != size_log2) return FindingKind::wrong_size_free;
    bool const linked = record.state == FrameState::table;
    give_back(index);
    if (linked) return FindingKind::freed_while_linked;
    return std::nullopt;
  }

  void set_state(std::size_t head, FrameState state) {
    FrameRecord& record = records_[head];
    std::size_t const run = std::size_t{1} << (record.size_log2 - frame_log2);
    by_state_[slot(record.state)] -= run;
    by_state_[slot(state)] += run;
    for (std::size_t i = head; i < head + run; ++i) records_[i].state = state;
  }

  // A frame that the harness uses as data, and its way back.
  bool reserve_data(std::size_t& index) {
    if (!allocate(frame_log2, index)) return false;
    set_state(index, FrameState::data);
    return true;
  }
  void release_data(std::size_t index) { give_back(index); }

  // The first frame in a state, or count(): for reports.
  std::size_t first_in_state(FrameState state) const {
    for (std::size_t i = 0; i < bump_; ++i)
      if (records_[i].state == state) return i;
    return count_;
  }

 private:
  static constexpr std::size_t none = SIZE_MAX;
  static constexpr std::size_t slot(FrameState state) { return static_cast<std::size_t>(state); }

  std::size_t take_one() {
    if (!free_list_.empty()) {
      std::size_t const index = free_list_.back();
      free_list_.pop_back();
      return index;
    }
    return bump_ < count_ ? bump_++ : none;
  }

  // Fresh frames first, then an aligned run among those given back.
  std::size_t take_run(std::size_t run) {
    std::size_t const start = (bump_ + run - 1) / run * run;
    if (start + run <= count_) {
      while (bump_ < start) free_list_.push_back(static_cast<std::uint32_t>(bump_++));
      bump_ = start + run;
      return start;
    }
    while (bump_ < count_) free_list_.push_back(static_cast<std::uint32_t>(bump_++));
    for (std::size_t first = 0; first + run <= count_; first += run) {
      if (!all_free(first, run)) continue;
      std::erase_if(free_list_, [&](std::uint32_t i) { return i >= first && i < first + run; });
      return first;
    }
    return none;
  }

  bool all_free(std::size_t first, std::size_t run) const {
    for (std::size_t i = first; i < first + run; ++i)
      if (records_[i].state != FrameState::free) return false;
    return true;
  }

  void give_back(std::size_t head) {
    std::size_t const run = std::size_t{1} << (records_[head].size_log2 - frame_log2);
    by_state_[slot(records_[head].state)] -= run;
    by_state_[slot(FrameState::free)] += run;
    for (std::size_t i = head + run; i-- > head;) {
      records_[i] = FrameRecord{};
      free_list_.push_back(static_cast<std::uint32_t>(i));
    }
  }

  std::vector<FrameRecord> records_;
  std::vector<std::uint32_t> free_list_;
  std::size_t bump_ = 0;
  std::size_t count_ = 0;
  std::array<std::size_t, frame_state_count> by_state_{};
};

}  // namespace twinwalk::models
