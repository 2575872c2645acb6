// How the engine encodes AMD's nested page tables: the entries of x86_64_layout.hpp under the rule
// that every access is a user's, for guest-physical addresses of 48 bits.
//
// AMD APM vol. 2, section 15.25 "Nested Paging". Every leaf has U/S, which is why USER is taken and
// not read back; there is neither GLOBAL nor a key.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "x86_64_layout.hpp"

namespace twinwalk {

struct Npt : X86_64Layout<0> {
  static constexpr char const* name = "npt";
  static constexpr int levels = 4;
  static constexpr int address_bits = page_log2 + index_bits * levels;
  static constexpr bool sign_extended = false;

  template <Word W>
  struct Options : BasicX86_64Options<W> {
    constexpr Options() : Options(MachineOptions{}) {}
    constexpr explicit Options(MachineOptions const& machine)
        : BasicX86_64Options<W>(options_of<W>(machine, neutral_key | neutral_global)) {}
  };

  template <Word W>
  static constexpr auto canonical(W address) {
    return (address >> address_bits) == W(0);
  }

  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& /*options*/, BasicMappingFlags<W> flags) {
    return {bits_of(flags) | W(user_bit)};
  }

  // The flags of a leaf at `level`: what `normalise` makes of those it was encoded from, and no
  // right where U/S is 0.
  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& /*options*/, int level, W entry) {
    W const user = entry >> 2;
    W const execute_disable = entry >> 63;
    return BasicMappingFlags<W>((user & W(neutral_read)) | (((entry >> 1) & user & W(1)) << 1) |
                                ((user & ~execute_disable & W(1)) << 2) |
                                type_and_software(level, entry));
  }

  template <Word W>
  static constexpr auto global(int /*level*/, W /*entry*/) {
    return W(0) != W(0);
  }

  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& /*options*/, int level, W before,
                                        W after) {
    return loses(level, before, after, user_bit);
  }
};

static_assert(Format<Npt>);
static_assert(Npt::leaf(1, PhysAddr(0x5000).value, Npt::encode({}, MappingFlags(Flag::READ))) ==
              0x8000000000005005);

}  // namespace twinwalk
