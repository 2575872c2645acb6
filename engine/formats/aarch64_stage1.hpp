// How the engine encodes stage 1 of AArch64: the lower and the upper range of a regime with two
// (EL1&0), and the one range of EL2.
//
// Arm Architecture Reference Manual for A-profile, "VMSAv8-64 translation table format descriptors"
// and "Memory attribute fields". MAIR_ELx is to hold Device-nGnRE (0x04) at index 0, Normal
// Write-Back (0xff) at 1 and Normal Non-cacheable (0x44) at 2; the others are the user's.
//
// A page is for EL0 or for the kernel: what EL0 may execute the kernel may not, and the other way
// round. What the kernel may read of a page that EL0 only executes has no name.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "aarch64_bits.hpp"
#include "named_types.hpp"

namespace twinwalk {

enum class Aarch64Range : std::uint8_t { lower, upper, el2 };

// The address range that TTBR0_EL1, TTBR1_EL1 or TTBR0_EL2 serves, 48 bits of it.
template <Aarch64Range Range>
struct Aarch64Stage1 : Aarch64Bits<4, 9, false> {
  static constexpr bool has_user = Range != Aarch64Range::el2;
  static constexpr char const* name = Range == Aarch64Range::lower   ? "aarch64-s1"
                                      : Range == Aarch64Range::upper ? "aarch64-s1-upper"
                                                                     : "aarch64-el2";

  template <Word W>
  using Options = CommonOptions<W>;

  template <Word W>
  static constexpr auto canonical(W address) {
    if constexpr (Range == Aarch64Range::upper)
      return (~address >> address_bits) == W(0);
    else
      return (address >> address_bits) == W(0);
  }

  // ---- Neutral flags ----

  // Whether a leaf can hold exactly these flags: whoever it is for reads it, or is EL0 and executes
  // it; WRITE only with READ. An AttrIndx has three bits.
  template <Word W>
  static constexpr auto representable(Options<W> const& /*options*/, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const executed = has_user ? (f >> 2) & (f >> 3) : W(0);
    W const no_right = ~(f | executed) & W(1);
    W const unreadable = ~f & (f >> 1) & W(1);
    return ((f & W(~defined)) | no_right | unreadable | Types::wrong(f)) == W(0);
  }

  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const read = f & W(1);
    W const write = (f >> 1) & W(1);
    W const execute = (f >> 2) & W(1);
    W const user = has_user ? (f >> 3) & W(1) : W(0);
    W const rights = [&] {
      if constexpr (has_user) {
        W const no_kernel = user | (execute ^ W(1));
        W const no_user = (user & execute) ^ W(1);
        W const not_global = ((f >> 6) & W(1)) ^ W(1);
        return ((user & read) << 6) | (not_global << 11) | (no_kernel << 53) | (no_user << 54);
      } else {
        return W(user_bit) | ((execute ^ W(1)) << 54);
      }
    }();
    W const type = Types::of(f) << 2;
    W const software = (f & W(neutral_software)) << 36;
    return {with_writes(rights | type | W(inner_shareable) | options.preset_accessed | software,
                        write, options.preset_dirty & write)};
  }

  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& /*options*/, int /*level*/,
                                               W entry) {
    W const writable = is_writable(entry);
    W const attributes =
        Types::flags((entry >> 2) & W(mask(2, 0))) | ((entry >> 36) & W(neutral_software));
    if constexpr (has_user) {
      W const user_reads = (entry >> 6) & W(1);
      W const user_executes = ((entry >> 54) & W(1)) ^ W(1);
      W const user = user_reads | user_executes;
      W const read = user_reads | (user ^ W(1));
      W const kernel_executes = ((entry >> 53) & W(1)) ^ W(1);
      W const execute = user_executes | (kernel_executes & (user ^ W(1)));
      W const global = ((entry >> 11) & W(1)) ^ W(1);
      return BasicMappingFlags<W>(read | ((writable & read) << 1) | (execute << 2) | (user << 3) |
                                  (global << 6) | attributes);
    } else {
      W const execute = ((entry >> 54) & W(1)) ^ W(1);
      return BasicMappingFlags<W>(W(1) | (writable << 1) | (execute << 2) | attributes);
    }
  }

  // ---- Leaves ----

  template <Word W>
  static constexpr W with_attributes(int /*level*/, W entry, Attributes<W> attributes) {
    // Of what EL0 only executes, nobody's right to write has a name.
    W const named = has_user ? (entry >> 6) | (entry >> 54) : W(1);
    return with_fields(entry, is_writable(entry) & named, attributes, flag_field);
  }
  template <Word W>
  static constexpr auto global(int /*level*/, W entry) {
    if constexpr (!has_user)
      return W(0) == W(1);
    else
      return (entry & W(not_global_bit)) == W(0);
  }

  // Whether a processor that holds `before` must be made to forget it when a live leaf becomes
  // `after` with the same address and size. More rights alone may be lazy.
  // (docs/invalidation.md, table 2.4.)
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int /*level*/, W before,
                                        W after) {
    W const lost = rights_of(options, before) & ~rights_of(options, after);
    W const changed = (before ^ after) & W(memory_bits | (has_user ? not_global_bit : 0));
    return (lost | changed) != W(0);
  }
  // Whether a hole must stand between the two, and a flush.
  template <Word W>
  static constexpr auto demands_break(int level, W before, W after) {
    constexpr std::uint64_t becomes_global = has_user ? not_global_bit : 0;
    W const moved = leaf_address(level, before) ^ leaf_address(level, after);
    return (moved | ((before ^ after) & W(memory_bits)) | (before & ~after & W(becomes_global))) !=
           W(0);
  }

  static constexpr std::uint64_t type_bits = mask(4, 2);  // AttrIndx
  static constexpr std::uint64_t user_bit = bit(6);       // AP[1]
  static constexpr std::uint64_t not_global_bit = bit(11);
  static constexpr std::uint64_t not_executable_bits = has_user ? mask(54, 53) : bit(54);

 private:
  using Types = NamedTypes<1, 2, 0>;  // ordinary, uncached, device

  static constexpr std::uint64_t memory_bits = type_bits | shareability | contiguous_bit;
  // Everything that `protect` replaces, but for the bits about writes.
  static constexpr std::uint64_t flag_field =
      type_bits | shareability | not_executable_bits | (has_user ? user_bit | not_global_bit : 0);
  static constexpr std::uint64_t defined =
      mask(2, 0) | (has_user ? bit(3) | bit(6) : 0) | mask(5, 4) | mask(10, 7) | neutral_software;

  // What a leaf grants, a bit each: EL0's reads, writes, that no page is clean, and the fetches of
  // EL0 and of the kernel, which never executes what EL0 writes.
  template <Word W>
  static constexpr W rights_of(Options<W> const& options, W entry) {
    W const user_reads = has_user ? (entry >> 6) & W(1) : W(0);
    W const writes = is_open(entry) | (is_managed(entry) & options.managed);
    W const no_kernel = has_user ? (entry >> 53) | (user_reads & writes) : entry >> 54;
    W const no_user = entry >> 54;
    return user_reads | (is_writable(entry) << 1) | ((user_reads & is_writable(entry)) << 2) |
           (dirty(entry) << 3) | ((~no_kernel & W(1)) << 4) |
           (has_user ? (~no_user & W(1)) << 5 : W(0));
  }
};

static_assert(Format<Aarch64Stage1<Aarch64Range::lower>>);
static_assert(Format<Aarch64Stage1<Aarch64Range::upper>>);
static_assert(Format<Aarch64Stage1<Aarch64Range::el2>>);

}  // namespace twinwalk
