// What the models derive from a format's shape alone: which addresses a range may have, and how
// many tables a set of leaves needs. Nothing here knows how an entry is encoded.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

#include "engine/api.hpp"
#include "models/extents.hpp"

namespace twinwalk::models {

// Level 0 holds 4K leaves; the root is level `Spec::levels - 1`, and an entry of it is a root slot.
template <class Spec>
struct Geometry {
  // The base-2 logarithm of what one entry of a level maps.
  static constexpr int entry_shift(int level) {
    return Spec::page_shift + level * Spec::index_bits;
  }
  static constexpr int slot_shift = entry_shift(Spec::levels - 1);
  static constexpr std::uint64_t slot_bytes = std::uint64_t{1} << slot_shift;
  static constexpr std::size_t slot_count = std::size_t{1} << (Spec::address_bits - slot_shift);

  using SlotSet = std::bitset<slot_count>;
  static constexpr std::size_t slot_of(std::uint64_t va) {
    return static_cast<std::size_t>((va >> slot_shift) % slot_count);
  }

  static constexpr bool aligned(std::uint64_t value, int log2) {
    return value % (std::uint64_t{1} << log2) == 0;
  }

  // Whether [va, va + length - 1] is a range: no wrap, both ends canonical and in the same half.
  static constexpr bool is_range(std::uint64_t va, std::uint64_t length) {
    std::uint64_t const last = va + (length - 1);
    return va <= last && Spec::canonical(va) && Spec::canonical(last) && va >> 63 == last >> 63;
  }
  // Whether every byte of [pa, pa + length - 1] is a physical address of this machine.
  static constexpr bool is_physical_range(MachineOptions const& options, std::uint64_t pa,
                                          std::uint64_t length) {
    std::uint64_t const last = pa + (length - 1);
    return pa <= last && Spec::physical_range_fits(options, pa, last);
  }

  // Counts the tables, the root not among them, that stand because of the leaves it is given in
  // ascending order: at each level below the root, one for every span of that table's size which
  // holds a smaller leaf. Pinned tables stand anyway and are not counted.
  class TableCounter {
   public:
    explicit TableCounter(SlotSet const& pinned) : pinned_(pinned) { previous_.fill(none); }

    void add(Extent const& leaves) {
      for (int level = 0; level < Spec::levels - 1; ++level) {
        int const shift = entry_shift(level + 1);
        if (size_log2(leaves.size) >= shift) continue;
        std::uint64_t const last = leaves.last() >> shift;
        std::uint64_t first = leaves.virt >> shift;
        // Leaves come in order, so a table that was counted before can only be the first one.
        std::uint64_t& previous = previous_[static_cast<std::size_t>(level)];
        if (first == previous) ++first;
        previous = last;
        total_ += last + 1 - first;
        if (shift == slot_shift) total_ -= pinned_among(first, last);
      }
    }
    std::uint64_t total() const { return total_; }

   private:
    // No span of a table has this number: spans are wider than a byte.
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    std::uint64_t pinned_among(std::uint64_t first, std::uint64_t last) const {
      if (pinned_.none()) return 0;
      std::uint64_t found = 0;
      for (std::uint64_t slot = first; slot <= last; ++slot) {
        if (pinned_[static_cast<std::size_t>(slot % slot_count)]) ++found;
      }
      return found;
    }

    SlotSet const& pinned_;
    std::array<std::uint64_t, Spec::levels> previous_;
    std::uint64_t total_ = 0;
  };
};

}  // namespace twinwalk::models
