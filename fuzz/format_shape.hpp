// What the input side must know of a format: its name, and where the edges of its address space and
// of its tables lie. Nothing of how an entry is encoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace twinwalk::fuzz {

struct FormatShape {
  std::string_view name;      // as in `format` lines and on the command line
  int address_bits = 48;      // width of an input address
  bool sign_extended = true;  // the upper half stands at the top of the 64 bits
  std::uint64_t first = 0;    // the first address, where there are no halves
  bool has_user = true;       // its pages may be user mode's
  int levels = 4;             // the root's entries are of this level, 4K leaves of level 1
};

// The formats in registry order; a sequence names its format by the index here.
using FormatList = std::span<FormatShape const>;

// Every format that the models have a spec for (models/specs.hpp).
FormatList known_formats();

// Log2 of the bytes that one entry of a level spans.
constexpr int level_shift(int level) { return 12 + 9 * (level - 1); }

// The first address of the upper half, sign-extended; for a format without one, the first address
// beyond the space, or 0 where it ends with the 64 bits.
constexpr std::uint64_t upper_half(FormatShape const& shape) {
  if (!shape.sign_extended) return shape.first + (std::uint64_t{1} << shape.address_bits);
  return ~std::uint64_t{0} << (shape.address_bits - 1);
}

// How many bytes lie in the lower half (or, without halves, in the whole space).
constexpr std::uint64_t half_bytes(FormatShape const& shape) {
  return std::uint64_t{1} << (shape.address_bits - (shape.sign_extended ? 1 : 0));
}

// Whether the format translates this address at all.
constexpr bool is_canonical(FormatShape const& shape, std::uint64_t address) {
  bool const upper = shape.sign_extended && address >= upper_half(shape);
  return address - shape.first < half_bytes(shape) || upper;
}

// The canonical address with the same low bits.
constexpr std::uint64_t make_canonical(FormatShape const& shape, std::uint64_t address) {
  std::uint64_t const low = address % half_bytes(shape);
  bool const upper = shape.sign_extended && (address & half_bytes(shape)) != 0;
  return upper ? upper_half(shape) + low : shape.first + low;
}

// The last byte of the address space.
constexpr std::uint64_t last_address(FormatShape const& shape) {
  return shape.sign_extended ? ~std::uint64_t{0} : shape.first + (half_bytes(shape) - 1);
}

}  // namespace twinwalk::fuzz
