// The surroundings that a memory file describes, made of numbers: memory, frames and hardware as a
// handler of the engine, and a record of all that the engine does to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/whole_table.hpp"
#include "proofs/memory_file.hpp"

namespace twinwalk::tools {

class ReplayMemory {
 public:
  using Word = std::uint64_t;

  explicit ReplayMemory(proofs::MemoryFile const& file)
      : frames_(file.frames), strikes_(file.strikes) {
    for (proofs::MemoryWord const& word : file.entries) entries_[word.address] = word.value;
    for (proofs::MemoryWord const& word : file.live_counts) live_counts_[word.address] = word.value;
    for (proofs::MemoryWord const& word : file.links) links_[word.address] = word.value;
  }

  // ---- The handler ----

  Word load(Word slot) {
    access();
    return entries_[slot];
  }
  void store(Word slot, Word entry) {
    access();
    change(slot, entry);
  }
  Word exchange(Word slot, Word entry) {
    access();
    Word const before = entries_[slot];
    change(slot, entry);
    return before;
  }
  Word compare_exchange(Word slot, Word expected, Word desired) {
    access();
    Word const found = entries_[slot];
    if (found == expected) change(slot, desired);
    return found;
  }

  bool alloc_frames(int /*size_log2*/, Word& out) {
    std::size_t const asked = record_.frames_asked++;
    if (asked >= frames_.size() || !frames_[asked]) return false;
    out = *frames_[asked];
    return true;
  }
  void dealloc_frames(Word frame, int /*size_log2*/) {
    record_.events.push_back({.kind = proofs::MemoryEvent::Kind::free, .address = frame});
  }

  Word live_count(Word table) { return live_counts_[table]; }
  void set_live_count(Word table, Word count) {
    relabelled_.insert(table);
    live_counts_[table] = count;
  }
  Word link(Word table) { return links_[table]; }
  void set_link(Word table, Word next) {
    relabelled_.insert(table);
    links_[table] = next;
  }

  // A run of one is a store for the proofs too.
  void fill(Word slot, Word count, Word first, Word stride) {
    if (count == 1) return store(slot, first);
    access();
    fill_entries(Run{*this, slot}, count, first, stride);
    note_run(slot);
  }
  template <class Live>
  Word find_live(Word slot, Word count, Live live) {
    access();
    return find_live_entry(Run{*this, slot}, count, live);
  }
  template <class Live>
  Word count_live(Word slot, Word count, Live live) {
    access();
    return count_live_entries(Run{*this, slot}, count, live);
  }
  template <class Live>
  RunChange clear(Word slot, Word count, Word hole, Live live) {
    access();
    RunChange const change = clear_entries(Run{*this, slot}, count, hole, live);
    note_run(slot);
    return change;
  }
  template <class Step>
  RunChange rewrite(Word slot, Word count, Step step) {
    access();
    RunChange const change = rewrite_entries(Run{*this, slot}, count, step);
    note_run(slot);
    return change;
  }

  void invalidate(FlushScope const& scope) {
    record_.events.push_back({.kind = proofs::MemoryEvent::Kind::flush, .scope = scope});
  }

  // ---- What came of it ----

  // A look that nobody notices.
  Word peek(Word slot) const {
    auto const found = entries_.find(slot);
    return found == entries_.end() ? 0 : found->second;
  }
  proofs::CallRecord& record() { return record_; }
  // To be called when the call is over.
  void note_metadata() {
    for (Word const frame : relabelled_) {
      record_.live_counts.push_back({frame, live_counts_[frame]});
      record_.links.push_back({frame, links_[frame]});
    }
  }

 private:
  // The entries of a run by their number. A run is one access, and nothing comes between.
  struct Run {
    using Word = std::uint64_t;
    ReplayMemory& memory;
    Word slot;

    Word& at(Word k) { return memory.entries_[slot + 8 * k]; }
    Word load(Word k) { return at(k); }
    void store_relaxed(Word k, Word entry) { at(k) = entry; }
    Word exchange(Word k, Word entry) {
      Word const before = at(k);
      at(k) = entry;
      return before;
    }
    Word compare_exchange(Word k, Word expected, Word desired) {
      Word const found = at(k);
      if (found == expected) at(k) = desired;
      return found;
    }
  };

  void access() {
    for (proofs::MemoryFile::Strike const& strike : strikes_) {
      if (strike.accesses_before == accesses_) entries_[strike.slot] |= strike.bits;
    }
    ++accesses_;
  }
  void change(Word slot, Word entry) {
    entries_[slot] = entry;
    record_.events.push_back(
        {.kind = proofs::MemoryEvent::Kind::store, .address = slot, .value = entry});
  }
  void note_run(Word slot) {
    record_.events.push_back({.kind = proofs::MemoryEvent::Kind::run,
                              .address = slot,
                              .value = peek(slot),
                              .next = peek(slot + 8),
                              .last = peek(slot | 0xff8)});
  }

  std::map<Word, Word> entries_;
  std::map<Word, Word> live_counts_;
  std::map<Word, Word> links_;
  std::vector<std::optional<Word>> frames_;
  std::vector<proofs::MemoryFile::Strike> strikes_;
  std::size_t accesses_ = 0;
  std::set<Word> relabelled_;
  proofs::CallRecord record_;
};

}  // namespace twinwalk::tools
