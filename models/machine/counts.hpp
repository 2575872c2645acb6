// What the machine counts and remembers of one operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twinwalk::models {

struct AccessCounts {
  std::uint64_t loads = 0;
  std::uint64_t stores = 0;  // with exchanges, compare-exchanges and whole-table writes
  std::uint64_t read_modify_writes = 0;
  // What a processor could tell apart: stores, as above, but for those into frames that are linked
  // nowhere, and invalidations.
  std::uint64_t moments = 0;
  std::uint64_t allocations = 0;  // asked for, granted or not
  std::uint64_t allocations_failed = 0;
  std::uint64_t frees = 0;
  std::uint64_t invalidations = 0;
};

// One word of a linked table that the engine changed.
struct Write {
  std::uint64_t slot = 0;
  std::uint64_t old = 0;
  std::uint64_t now = 0;
  int level = 0;              // of the table
  std::uint64_t input = 0;    // the first address that the slot serves, without sign extension
  bool drops_leaves = false;  // a table was unlinked here with leaves still in it
};

// The first writes of an operation; how many there were is exact beyond the bound too.
class WriteLog {
 public:
  static constexpr std::size_t kept_max = 1024;

  WriteLog() { kept_.reserve(kept_max); }
  void clear() {
    kept_.clear();
    count_ = 0;
  }
  void add(Write const& write) {
    if (kept_.size() < kept_max) kept_.push_back(write);
    ++count_;
  }
  std::size_t count() const { return count_; }
  bool overflowed() const { return count_ > kept_.size(); }
  std::span<Write const> list() const { return kept_; }

 private:
  std::vector<Write> kept_;
  std::size_t count_ = 0;
};

}  // namespace twinwalk::models
