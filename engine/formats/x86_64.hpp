// How the engine encodes long-mode paging with 4 and 5 levels: the entries of x86_64_layout.hpp,
// with GLOBAL and protection keys, for addresses with a sign.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "x86_64_layout.hpp"

namespace twinwalk {

template <int Levels>
struct X86_64 : X86_64Layout<bit(8) | mask(62, 59)> {
  static_assert(Levels == 4 || Levels == 5);
  using Layout = X86_64Layout<bit(8) | mask(62, 59)>;

  static constexpr char const* name = Levels == 4 ? "x86_64-4" : "x86_64-5";
  static constexpr int levels = Levels;
  static constexpr int address_bits = page_log2 + index_bits * Levels;
  static constexpr bool sign_extended = true;

  template <Word W>
  struct Options : BasicX86_64Options<W> {
    W key_field{0};  // bits 62:59 where protection keys may be enabled

    constexpr Options() : Options(MachineOptions{}) {}
    constexpr explicit Options(MachineOptions const& machine)
        : BasicX86_64Options<W>(
              Layout::options_of<W>(machine, machine.protection_keys ? 0 : neutral_key)),
          key_field(machine.protection_keys ? key_bits : 0) {}
  };

  template <Word W>
  static constexpr auto canonical(W address) {
    return ((address + W(bit(address_bits - 1))) >> address_bits) == W(0);
  }

  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& /*options*/, BasicMappingFlags<W> flags) {
    return {bits_of(flags)};
  }

  // The flags of a leaf at `level`: what `normalise` makes of those it was encoded from.
  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& options, int level, W entry) {
    W const execute = ((entry >> 61) & W(neutral_execute)) ^ W(neutral_execute);
    return BasicMappingFlags<W>(W(neutral_read) | (entry & W(writable_bit)) |
                                ((entry & W(user_bit)) << 1) | execute |
                                ((entry & W(global_bit)) >> 2) | type_and_software(level, entry) |
                                ((entry & options.key_field) >> 43));
  }

  template <Word W>
  static constexpr auto global(int /*level*/, W entry) {
    return (entry & W(global_bit)) != W(0);
  }

  // A change of U/S is a reduction either way under SMEP and SMAP.
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& /*options*/, int level, W before,
                                        W after) {
    return loses(level, before, after, 0);
  }
};

static_assert(Format<X86_64<4>> && Format<X86_64<5>>);
static_assert(X86_64<4>::leaf(1, PhysAddr(0x5000).value,
                              X86_64<4>::encode({}, MappingFlags(Flag::READ))) ==
              0x8000000000005001);
static_assert(X86_64<4>::leaf(2, PhysAddr(0x200000).value,
                              X86_64<4>::encode({}, Flag::READ | Flag::WRITE | Flag::EXECUTE)) ==
              0x200083);

}  // namespace twinwalk
