// Where an address leads at each level, from a format's constants. Level 1 holds the smallest
// leaves; the root is at level `levels`.
#pragma once

#include <cstdint>

#include "api.hpp"
#include "word.hpp"

namespace twinwalk {

template <class Format>
struct Geometry {
  static constexpr int levels = Format::levels;
  static constexpr int page_log2 = Format::page_log2;
  static constexpr int index_bits = Format::index_bits;
  static constexpr int slot_log2 = 3;
  static constexpr std::uint64_t entries = bit(index_bits);

  // Base-2 logarithm of the bytes that one slot at `level` spans.
  static constexpr int shift(int level) { return page_log2 + index_bits * (level - 1); }
  static constexpr std::uint64_t span(int level) { return bit(shift(level)); }
  static constexpr std::uint64_t offset_mask(int level) { return span(level) - 1; }
  static constexpr PageSize page_size(int level) { return static_cast<PageSize>(shift(level)); }

  // The level whose leaves have this size, or 0 if there is none.
  static constexpr int level_of(PageSize size) {
    for (int level = 1; level <= Format::leaf_level_max; ++level) {
      if (shift(level) == size_log2(size)) return level;
    }
    return 0;
  }

  // How many index bits the table at `level` has; roots may be larger than a frame.
  static constexpr int table_index_bits(int level) {
    return level == levels ? Format::root_index_bits : index_bits;
  }
  static constexpr int table_size_log2(int level) { return table_index_bits(level) + slot_log2; }
  static constexpr std::uint64_t table_entries(int level) { return bit(table_index_bits(level)); }

  template <Word W>
  static constexpr W index(int level, W address) {
    return (address >> shift(level)) & W(table_entries(level) - 1);
  }
  // Formed as table | index << 3, which a solver keeps as one concatenation.
  template <Word W>
  static constexpr W slot(W table, int level, W address) {
    return table | (index<W>(level, address) << slot_log2);
  }
  template <Word W>
  static constexpr W start_of(int level, W address) {
    return address & W(~offset_mask(level));
  }
  // The last address that shares a slot at `level` with `address`.
  template <Word W>
  static constexpr W last_of(int level, W address) {
    return address | W(offset_mask(level));
  }

  // Whether [first, first + length - 1] lies in one half of the address space, or in the whole of
  // one that has no halves; length is not 0.
  template <Word W>
  static constexpr auto valid_range(W first, W length) {
    constexpr int half_log2 = Format::address_bits - (Format::sign_extended ? 1 : 0);
    W const last = first + length - W(1);
    return both(both(((length - W(1)) >> half_log2) == W(0), ((first ^ last) >> half_log2) == W(0)),
                Format::canonical(first));
  }
};

}  // namespace twinwalk
