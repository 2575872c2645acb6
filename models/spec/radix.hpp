// The shape that every tree of page tables here has, and the ways in which addresses reach it.
#pragma once

#include <cstdint>

#include "models/spec/word.hpp"

namespace twinwalk::models {

// Tables of 512 entries of 8 bytes, pages of 4 KiB; the root may be larger. The root's entries are
// of level `Levels`, the last table's of level 1.
template <int Levels, int RootIndexBits = 9>
struct Radix {
  static constexpr int levels = Levels;
  static constexpr int index_bits = 9;
  static constexpr int root_bits = 3 + RootIndexBits;  // log2 of its bytes, and of its alignment
  static constexpr int page_shift = 12;
  static constexpr int address_bits = page_shift + index_bits * (Levels - 1) + RootIndexBits;

  // log2 of the bytes that one entry of a level spans.
  static constexpr int level_shift(int level) { return page_shift + index_bits * (level - 1); }

  // Which entry of its table an address selects.
  template <class Word>
  static constexpr Word index(int level, Word address) {
    int const bits = level == levels ? RootIndexBits : index_bits;
    return extract(address, level_shift(level) + bits - 1, level_shift(level));
  }
  // The physical address of that entry, 8 bytes.
  template <class Word>
  static constexpr Word slot(Word table, int level, Word address) {
    return table | (index(level, address) << 3);
  }
};

// Addresses whose bits above the highest translated one are all equal to it.
template <class Geometry>
struct SignedAddresses : Geometry {
  template <class Word>
  static constexpr Truth<Word> canonical(Word address) {
    Word const top = extract(address, 63, Geometry::address_bits - 1);
    return either(top == Word(0), top == Word(mask(64 - Geometry::address_bits, 0)));
  }
  // The canonical address with these low bits.
  template <class Word>
  static constexpr Word sign_extend(Word address) {
    Word const low = address & Word(mask(Geometry::address_bits - 1, 0));
    return low | (spread(bit(address, Geometry::address_bits - 1)) &
                  Word(mask(63, Geometry::address_bits)));
  }
  // Whether every address from `first` to `last` is canonical: no wrap, both in the same half.
  static constexpr bool virtual_range_fits(std::uint64_t first, std::uint64_t last) {
    return first <= last && canonical(first) && canonical(last) && bit(first, 63) == bit(last, 63);
  }
};

// Addresses without a sign: no bit above the translated ones is set.
template <class Geometry>
struct UnsignedAddresses : Geometry {
  template <class Word>
  static constexpr Truth<Word> canonical(Word address) {
    return extract(address, 63, Geometry::address_bits) == Word(0);
  }
  // The canonical address with these low bits.
  template <class Word>
  static constexpr Word sign_extend(Word address) {
    return address & Word(mask(Geometry::address_bits - 1, 0));
  }
  // Whether every address from `first` to `last` is canonical, without a wrap.
  static constexpr bool virtual_range_fits(std::uint64_t first, std::uint64_t last) {
    return first <= last && canonical(last);
  }
};

// The upper of two ranges without a sign between them: every bit above the translated ones is set.
template <class Geometry>
struct UpperAddresses : Geometry {
  static constexpr std::uint64_t above = mask(63, Geometry::address_bits);

  template <class Word>
  static constexpr Truth<Word> canonical(Word address) {
    return (address & Word(above)) == Word(above);
  }
  // The canonical address with these low bits.
  template <class Word>
  static constexpr Word sign_extend(Word address) {
    return address | Word(above);
  }
  // Whether every address from `first` to `last` is canonical, without a wrap.
  static constexpr bool virtual_range_fits(std::uint64_t first, std::uint64_t last) {
    return first <= last && canonical(first);
  }
};

}  // namespace twinwalk::models
