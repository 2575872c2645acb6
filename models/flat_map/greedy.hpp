// The page sizes of map_region: from the low end, the largest page that both alignments, the rest
// of the length, the machine and the policy allow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/api.hpp"
#include "models/extents.hpp"
#include "models/geometry.hpp"

namespace twinwalk::models {

template <class Spec, class IsPinned>
class GreedyPages {
  using Shape = Geometry<Spec>;

 public:
  // `largest` is the policy. is_pinned(va) tells whether the root slot of `va` holds a table that
  // stays: a page of the slot's size has no place there.
  GreedyPages(MachineOptions const& options, PageSize largest, IsPinned is_pinned)
      : options_(options), largest_(largest), is_pinned_(is_pinned) {}

  // Appends runs of pages of one size to `plan`, ascending, without flags. Everything is a multiple
  // of 4K.
  void append(std::uint64_t va, std::uint64_t pa, std::uint64_t length,
              std::vector<Extent>& plan) const {
    for (std::uint64_t done = 0; done < length;) {
      Extent run;
      run.virt = va + done;
      run.phys = pa + done;
      run.size = largest_page(run.virt, run.phys, length - done);
      run.count = pages_in_a_row(run.virt, run.phys, length - done, size_log2(run.size));
      plan.push_back(run);
      done += run.count << size_log2(run.size);
    }
  }

 private:
  bool allowed(int shift) const {
    return shift == Spec::page_shift ||
           (shift <= size_log2(largest_) && Spec::supports(options_, static_cast<PageSize>(shift)));
  }
  PageSize largest_page(std::uint64_t va, std::uint64_t pa, std::uint64_t rest) const {
    for (int level = Spec::levels - 1; level > 0; --level) {
      int const shift = Shape::entry_shift(level);
      if (!allowed(shift) || !Shape::aligned(va | pa, shift) || rest >> shift == 0) continue;
      if (shift == Shape::slot_shift && is_pinned_(va)) continue;
      return static_cast<PageSize>(shift);
    }
    return static_cast<PageSize>(Spec::page_shift);
  }
  // How many pages of this size follow each other before a larger one has to be considered.
  std::uint64_t pages_in_a_row(std::uint64_t va, std::uint64_t pa, std::uint64_t rest,
                               int shift) const {
    if (shift == Shape::slot_shift) return 1;  // the next slot may be pinned
    for (int level = 1; level < Spec::levels; ++level) {
      int const larger = Shape::entry_shift(level);
      if (larger <= shift || !allowed(larger)) continue;
      if (!Shape::aligned(va ^ pa, larger)) break;  // nor will a still larger one ever fit
      std::uint64_t const size = std::uint64_t{1} << larger;
      return std::min(rest, size - va % size) >> shift;
    }
    return rest >> shift;
  }

  MachineOptions const& options_;
  PageSize largest_;
  IsPinned is_pinned_;
};

}  // namespace twinwalk::models
