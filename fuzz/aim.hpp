// What generated operations aim at. It remembers roughly what the sequence has mapped, so that most
// operations meet something: a guess, cheap and sometimes wrong, which is all that aiming needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fuzz/address_pool.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/random.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

class Aim {
 public:
  // Chooses the case's few hot addresses. The sequence's machine is known by now.
  Aim(Random& random, FormatShape const& shape, Sequence const& sequence);

  // Takes notice of an operation that comes before those to be aimed.
  void note(Op const& op);
  bool knows_nothing() const { return extent_count_ == 0; }
  bool knows_nothing_of(std::uint8_t space) const;

  // An address for something new, `size` large: mostly beside what is there.
  VirtAddr fresh(PageSize size);
  // An address inside something that `space` has probably mapped.
  VirtAddr mapped(std::uint8_t space);
  // A range, in whole pages mostly, that has to do with something mapped.
  struct Range {
    VirtAddr va;
    std::uint64_t length;
  };
  Range range(std::uint8_t space);
  // A length for a range to be mapped from `va`.
  std::uint64_t length_to_map(VirtAddr va);
  // A physical address for `length` bytes to be mapped at `va` with pages of `size`.
  PhysAddr physical(VirtAddr va, PageSize size, std::uint64_t length);
  // The probable size of the page at an address, or the smallest.
  PageSize leaf_size(std::uint8_t space, VirtAddr va) const;

 private:
  struct Extent {
    std::uint64_t start = 0;
    std::uint64_t length = 0;  // in bytes, not 0
    std::uint64_t leaf = 0;    // bytes of a probable leaf
    std::uint8_t space = 0;
  };

  Draw draw();
  void add(Extent const& extent);
  void remove(std::uint8_t space, std::uint64_t start, std::uint64_t length);
  Extent const* find(std::uint8_t space, std::uint64_t address) const;
  Extent const* any(std::uint8_t space);
  std::uint64_t raw_address();
  VirtAddr related(PageSize size);
  VirtAddr any_fresh(PageSize size);
  bool would_map(Op const& op) const;

  Random& random_;
  FormatShape const& shape_;
  Sequence const& sequence_;
  std::array<Draw, 4> hot_;
  std::array<Extent, 24> extents_;
  std::size_t extent_count_ = 0;
  std::size_t oldest_ = 0;
  bool failing_ = false;  // an allocation failure is armed
};

}  // namespace twinwalk::fuzz
