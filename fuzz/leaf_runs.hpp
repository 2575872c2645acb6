// Leaves in address order, kept as runs, so that a gigabyte of them costs one element and two lists
// of the same leaves are equal.
#pragma once

#include <span>
#include <vector>

#include "engine/api.hpp"
#include "models/extents.hpp"

namespace twinwalk::fuzz {

class LeafRuns {
 public:
  LeafRuns() { runs_.reserve(64); }

  void clear() { runs_.clear(); }
  void add(Leaf const& leaf) {
    models::Extent run;
    run.virt = leaf.virt.value;
    run.phys = leaf.phys.value;
    run.count = 1;
    run.flags = leaf.flags;
    run.size = leaf.size;
    run.accessed = leaf.accessed != 0;
    run.dirty = leaf.dirty != 0;
    add(run);
  }
  void add(models::Extent const& run) {
    if (!runs_.empty() && runs_.back().continues_in(run)) {
      runs_.back().count += run.count;
    } else {
      runs_.push_back(run);
    }
  }

  std::span<models::Extent const> all() const { return runs_; }

  friend bool operator==(LeafRuns const&, LeafRuns const&) = default;

 private:
  std::vector<models::Extent> runs_;
};

}  // namespace twinwalk::fuzz
