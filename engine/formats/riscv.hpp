// How the engine encodes RISC-V paging: Sv39, Sv48 and Sv57, and the second stage of each.
//
// The RISC-V Instruction Set Manual, volume II, sections "Sv39" to "Sv57", chapter "Svpbmt", and
// "Hypervisor Extension". Levels count as everywhere here, the manual's i is one less. Every level
// may hold leaves, and all leaves have one layout; an entry holds the number of a page, two bits
// lower than the address stands in a word.
//
// In the second stage every access is a user's: each leaf has U, which is why USER is taken and not
// read back, and G means nothing.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../assert.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "leaf_bits.hpp"

namespace twinwalk {

enum class RiscvStage : bool { first, second };

// RSW, bits 9:8, is what software has.
template <int Levels, RiscvStage Stage = RiscvStage::first>
struct Riscv : LeafBits<6, 7, mask(9, 8)> {
  static_assert(Levels >= 3 && Levels <= 5);
  static constexpr bool second = Stage == RiscvStage::second;

  static constexpr char const* name = second ? (Levels == 3   ? "sv39x4"
                                                : Levels == 4 ? "sv48x4"
                                                              : "sv57x4")
                                             : (Levels == 3   ? "sv39"
                                                : Levels == 4 ? "sv48"
                                                              : "sv57");
  static constexpr int levels = Levels;
  static constexpr int page_log2 = 12;
  static constexpr int index_bits = 9;
  static constexpr int root_index_bits = second ? 11 : 9;
  static constexpr int leaf_level_max = Levels;
  static constexpr int address_bits = page_log2 + index_bits * (Levels - 1) + root_index_bits;
  static constexpr bool sign_extended = !second;
  static constexpr int physical_bits_max = 56;
  static constexpr int address_shift = 2;
  // Without Svvptc; a carrier that knows better leaves the fence out.
  static constexpr bool new_entries_owe_fence = true;
  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool bits_add_up = true;

  // What this machine is, as the engine needs it.
  template <Word W>
  struct Options {
    W physical_mask{mask(51, 0)};         // the physical addresses that there are
    W type_field{0};                      // PBMT, where the pages of this machine have one
    W refused{0};                         // neutral flags that no leaf may have
    W tracked{accessed_bit | dirty_bit};  // those that the hart sets: both or neither

    constexpr Options() : Options(MachineOptions{}) {}
    constexpr explicit Options(MachineOptions const& machine)
        : physical_mask(mask(machine.physical_bits - 1, 0)),
          type_field(machine.page_memory_types ? type_bits : 0),
          refused(~neutral_defined | (machine.page_memory_types ? 0 : neutral_typed) |
                  (second ? neutral_global : 0)),
          tracked(machine.hardware_updates == HardwareUpdates::accessed_and_dirty
                      ? accessed_bit | dirty_bit
                      : 0) {
      TWINWALK_ASSERT(machine.physical_bits >= 32 && machine.physical_bits <= 56);
    }
  };

  static constexpr bool supports(auto const& /*options*/, PageSize size) {
    int const above = size_log2(size) - page_log2;
    return above >= 0 && above % index_bits == 0 && above / index_bits < leaf_level_max;
  }

  template <Word W>
  static constexpr auto canonical(W address) {
    if constexpr (second) return (address >> address_bits) == W(0);
    return ((address + W(bit(address_bits - 1))) >> address_bits) == W(0);
  }

  // Whether physical addresses first to last, which may have wrapped, are ones that there are.
  template <Word W>
  static constexpr auto physical_range_fits(Options<W> const& options, W first, W last) {
    return ((first | last) & ~options.physical_mask) == W(0);
  }

  // ---- Neutral flags ----

  // Whether a leaf can hold exactly these flags: READ or EXECUTE, for an entry without any right
  // would be a pointer; WRITE only with READ; a type stands only under TYPED and then alone, and 3
  // is none.
  template <Word W>
  static constexpr auto representable(Options<W> const& options, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const no_right = ~(f | (f >> 2)) & W(1);
    W const unreadable = ~f & (f >> 1) & W(1);
    W const typed = f & W(neutral_typed);
    W const type_allowed = (typed << 1) | (typed << 2);
    W const two_types = typed & ((f << 3) | (f << 2));
    W const no_type = (f >> 8) & (f >> 9) & W(1);
    W const wrong = (f & options.refused) | no_right | unreadable | two_types | no_type |
                    (f & W(neutral_type) & ~type_allowed);
    return wrong == W(0);
  }

  // UNCACHED is NC and DEVICE is IO, where pages have types; where not the platform decides, and
  // neither is held. Accessed and dirty are preset where the hart sets neither.
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const device = f >> 4;
    W const typed = f >> 7;
    W const uncacheable = (((f >> 5) & ~device) | ((f >> 8) & typed)) & W(1);
    W const io = (device | ((f >> 9) & typed)) & W(1);
    W const type = ((uncacheable << 61) | (io << 62)) & options.type_field;
    W const rights = ((f & W(mask(3, 0))) << 1) | W(second ? user_bit : 0);
    W const preset = (W(accessed_bit) | ((f << 6) & W(dirty_bit))) & ~options.tracked;
    return {W(valid_bit) | rights | ((f >> 1) & W(global_bit)) | ((f >> 12) & W(software_bits)) |
            type | preset};
  }

  // The flags of a leaf: what `normalise` makes of those it was encoded from; in the second stage
  // no right where U is 0.
  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& /*options*/, int /*level*/,
                                               W entry) {
    W const rights = (entry >> 1) & W(mask(2, 0));
    W const user = (entry >> 4) & W(1);
    W const held = second ? rights & (user | (user << 1) | (user << 2))
                          : rights | (user << 3) | ((entry & W(global_bit)) << 1);
    W const type = (((entry >> 62) & W(1)) << 4) | (((entry >> 61) & W(1)) << 5);
    return BasicMappingFlags<W>(held | type | ((entry & W(software_bits)) << 12));
  }

  // ---- Entries ----

  template <Word W>
  static constexpr W hole(Options<W> const& /*options*/, int /*level*/) {
    return W(0);
  }
  template <Word W>
  static constexpr auto present(Options<W> const& /*options*/, int /*level*/, W entry) {
    return (entry & W(valid_bit)) != W(0);
  }
  // Whether a valid entry above level 1 maps a page.
  template <Word W>
  static constexpr auto large(W entry) {
    return (entry & W(rights_bits)) != W(0);
  }

  template <Word W>
  static constexpr W leaf(int /*level*/, W address, Attributes<W> attributes) {
    return (address >> 2) | attributes.bits;
  }
  // Says nothing but where it leads.
  template <Word W>
  static constexpr W table(W address) {
    return (address >> 2) | W(valid_bit);
  }
  template <Word W>
  static constexpr W leaf_address(int level, W entry) {
    return (entry & W(mask(53, 10 + index_bits * (level - 1)))) << 2;
  }
  template <Word W>
  static constexpr W table_address(W entry) {
    return (entry & W(mask(53, 10))) << 2;
  }
  // A leaf of the next level has the same bits.
  template <Word W>
  static constexpr W first_piece(int /*level*/, W entry) {
    return entry;
  }

  // The leaf with new rights, type and GLOBAL; address, accessed, dirty and software bits stay, but
  // that dirty is preset where the attributes say so and the leaf was not writable. In the second
  // stage none is without U.
  template <Word W>
  static constexpr W with_attributes(int /*level*/, W entry, Attributes<W> attributes) {
    W const was_writable = (entry << 5) & (second ? entry << 3 : entry << 5);
    W const newly_dirty = attributes.bits & W(dirty_bit) & ~was_writable;
    return (entry & W(~flag_field)) | (attributes.bits & W(flag_field)) | newly_dirty;
  }
  template <Word W>
  static constexpr auto global(int /*level*/, W entry) {
    return (entry & W(second ? 0 : global_bit)) != W(0);
  }

  // Whether a hart that still holds `before` must be made to forget it when a live leaf becomes
  // `after` with the same address and size. More rights alone may be lazy. U gives to the user what
  // it takes from the supervisor; in the second stage it only gives. D counts whoever sets it: a
  // store must fault or set it again. (docs/invalidation.md, table 2.6.)
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& /*options*/, int /*level*/, W before,
                                        W after) {
    constexpr std::uint64_t any_change = type_bits | (second ? 0 : user_bit | global_bit);
    constexpr std::uint64_t lost = rights_bits | dirty_bit | (second ? user_bit : 0);
    return ((before ^ after) & (W(any_change) | (before & W(lost)))) != W(0);
  }

  static constexpr std::uint64_t valid_bit = bit(0);
  static constexpr std::uint64_t rights_bits = mask(3, 1);  // R, W, X
  static constexpr std::uint64_t user_bit = bit(4);
  static constexpr std::uint64_t global_bit = bit(5);
  static constexpr std::uint64_t type_bits = mask(62, 61);  // PBMT
  // Everything that `protect` replaces; of the second stage G, which is to be 0.
  static constexpr std::uint64_t flag_field = rights_bits | user_bit | type_bits | global_bit;

 private:
  static constexpr std::uint64_t neutral_global = static_cast<std::uint64_t>(Flag::GLOBAL);
  static constexpr std::uint64_t neutral_typed = static_cast<std::uint64_t>(Flag::TYPED);
  static constexpr std::uint64_t neutral_type = mask(9, 8);  // PBMT 0..2
  static constexpr std::uint64_t neutral_defined =
      mask(7, 0) | neutral_type | (mask(1, 0) << MappingFlags::software_shift);
};

static_assert(Format<Riscv<3>> && Format<Riscv<4>> && Format<Riscv<5>>);
static_assert(Format<Riscv<3, RiscvStage::second>>);
static_assert(Riscv<3>::leaf(1, PhysAddr(0x5000).value,
                             Riscv<3>::encode({}, Flag::READ | Flag::WRITE)) == 0x1407);

}  // namespace twinwalk
