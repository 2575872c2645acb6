// The bits of a leaf that no flag is about, where a format has each of them at one place on every
// level: accessed, dirty, and what belongs to software.
#pragma once

#include <cstdint>

#include "../format.hpp"
#include "../word.hpp"

namespace twinwalk {

// `Accessed` and `Dirty` are positions, `Software` is a mask.
template <int Accessed, int Dirty, std::uint64_t Software>
struct LeafBits {
  static constexpr std::uint64_t accessed_bit = bit(Accessed);
  static constexpr std::uint64_t dirty_bit = bit(Dirty);
  static constexpr std::uint64_t software_bits = Software;

  template <Word W>
  static constexpr W accessed(W entry) {
    return (entry >> Accessed) & W(1);
  }
  template <Word W>
  static constexpr W dirty(W entry) {
    return (entry >> Dirty) & W(1);
  }
  template <Word W>
  static constexpr W with_accessed(W entry) {
    return entry | W(accessed_bit);
  }
  template <Word W>
  static constexpr W with_dirty(W entry) {
    return entry | W(dirty_bit);
  }
  template <Word W>
  static constexpr W without_accessed(W entry) {
    return entry & W(~accessed_bit);
  }
  template <Word W>
  static constexpr W without_dirty(W entry) {
    return entry & W(~dirty_bit);
  }
  // The attributes with the software bits of a leaf.
  template <Word W>
  static constexpr Attributes<W> with_software_of(W entry, Attributes<W> attributes) {
    return {(attributes.bits & W(~software_bits)) | (entry & W(software_bits))};
  }
};

}  // namespace twinwalk
