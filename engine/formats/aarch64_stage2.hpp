// How the engine encodes stage 2 of AArch64, with 48 and with 40 bits of guest address.
//
// Arm Architecture Reference Manual for A-profile, "VMSAv8-64 translation table format descriptors"
// and "Stage 2 memory attributes", without FEAT_S2FWB. Every right stands alone. With 40 bits the
// walk begins at the manual's level 1, in two tables that follow each other.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "aarch64_bits.hpp"
#include "named_types.hpp"

namespace twinwalk {

template <int AddressBits>
struct Aarch64Stage2 : Aarch64Bits<AddressBits == 40 ? 3 : 4, AddressBits == 40 ? 10 : 9, true> {
  static_assert(AddressBits == 40 || AddressBits == 48);
  using Bits = Aarch64Bits<AddressBits == 40 ? 3 : 4, AddressBits == 40 ? 10 : 9, true>;
  using Bits::dirty, Bits::is_writable, Bits::leaf_address, Bits::contiguous_bit;
  using Bits::shareability;

  static constexpr char const* name = AddressBits == 40 ? "aarch64-s2-40" : "aarch64-s2";

  template <Word W>
  using Options = typename Bits::template CommonOptions<W>;

  template <Word W>
  static constexpr auto canonical(W address) {
    return (address >> AddressBits) == W(0);
  }

  // ---- Neutral flags ----

  // Whether a leaf can hold exactly these flags: any right at all. A MemAttr has four bits, and an
  // outer cacheability goes with an inner one.
  template <Word W>
  static constexpr auto representable(Options<W> const& /*options*/, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const no_right = ~(f | (f >> 1) | (f >> 2)) & W(1);
    W const no_type = ((f >> 10) | (f >> 11)) & ~((f >> 8) | (f >> 9)) & W(1);
    return ((f & W(~defined)) | no_right | no_type | Types::wrong(f)) == W(0);
  }

  // EXECUTE is the right of EL1 and EL0 together.
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const write = (f >> 1) & W(1);
    W const no_execute = ((f >> 2) & W(1)) ^ W(1);
    W const type = Types::of(f) << 2;
    W const software = (f & W(Bits::neutral_software)) << 36;
    return {Bits::with_writes(((f & W(1)) << 6) | (no_execute << 54) | type |
                                  W(Bits::inner_shareable) | options.preset_accessed | software,
                              write, options.preset_dirty & write)};
  }

  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& /*options*/, int /*level*/,
                                               W entry) {
    W const read = (entry >> 6) & W(1);
    W const execute = ~((entry >> 54) | (entry >> 53)) & W(1);
    return BasicMappingFlags<W>(read | (is_writable(entry) << 1) | (execute << 2) |
                                Types::flags((entry >> 2) & W(mask(3, 0))) |
                                ((entry >> 36) & W(Bits::neutral_software)));
  }

  // ---- Leaves ----

  template <Word W>
  static constexpr W with_attributes(int /*level*/, W entry, Attributes<W> attributes) {
    return Bits::with_fields(entry, is_writable(entry), attributes, flag_field);
  }
  // Whether a translation is global, stage 1 says.
  template <Word W>
  static constexpr auto global(int /*level*/, W /*entry*/) {
    return W(0) == W(1);
  }

  // Whether a processor that holds `before` must be made to forget it when a live leaf becomes
  // `after` with the same address and size. More rights alone may be lazy.
  // (docs/invalidation.md, table 2.5.)
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& /*options*/, int /*level*/, W before,
                                        W after) {
    return ((rights_of(before) & ~rights_of(after)) | ((before ^ after) & W(memory_bits))) != W(0);
  }
  // Whether a hole must stand between the two, and a flush.
  template <Word W>
  static constexpr auto demands_break(int level, W before, W after) {
    W const moved = leaf_address(level, before) ^ leaf_address(level, after);
    return (moved | ((before ^ after) & W(memory_bits))) != W(0);
  }

  static constexpr std::uint64_t type_bits = mask(5, 2);              // MemAttr
  static constexpr std::uint64_t read_bit = bit(6);                   // S2AP[0]
  static constexpr std::uint64_t not_executable_bits = mask(54, 53);  // XN[1:0]

 private:
  // Normal Write-Back and Normal Non-cacheable, outer and inner, and Device-nGnRE.
  using Types = NamedTypes<0b1111, 0b0101, 0b0001>;

  static constexpr std::uint64_t memory_bits = type_bits | shareability | contiguous_bit;
  // Everything that `protect` replaces, but for the bits about writes.
  static constexpr std::uint64_t flag_field =
      type_bits | read_bit | shareability | not_executable_bits;
  static constexpr std::uint64_t defined = mask(5, 0) | mask(11, 7) | Bits::neutral_software;

  // What a leaf grants, a bit each: reads, writes, that no page is clean, and the fetches of EL0
  // and of EL1, which XN[0] tells apart.
  template <Word W>
  static constexpr W rights_of(W entry) {
    W const user = ((entry >> 54) & W(1)) ^ W(1);
    W const kernel = user ^ ((entry >> 53) & W(1));
    return ((entry >> 6) & W(1)) | (is_writable(entry) << 1) | (dirty(entry) << 2) | (user << 3) |
           (kernel << 4);
  }
};

static_assert(Format<Aarch64Stage2<48>> && Format<Aarch64Stage2<40>>);

}  // namespace twinwalk
