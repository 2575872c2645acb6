// How the engine encodes Intel's extended page tables, with 4 and 5 levels.
//
// Intel SDM vol. 3C, "The Extended Page Table Mechanism (EPT)", section 28.3 in the edition of 2016
// and 31.3 in that of 2026.
// Levels as the manual names them: 5 EPT PML5E, 4 PML4E, 3 PDPTE, 2 PDE, 1 PTE.
//
// The manual calls an entry misconfigured that grants writing without reading, or fetching alone
// where the processor cannot do that, or has a memory type that does not exist; what
// `representable` refuses are just these, so no leaf made here is. EXECUTE sets both rights to
// fetch, of which the second counts with "mode-based execute control" alone.
//
// A leaf is written with every bit the neutral flags name, by bit moves only: a branch on a flag
// would be two paths for a solver.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../assert.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "leaf_bits.hpp"

namespace twinwalk {

template <int Levels>
struct Ept : LeafBits<8, 9, bit(11) | mask(56, 52) | bit(59) | bit(62)> {
  static_assert(Levels == 4 || Levels == 5);

  static constexpr char const* name = Levels == 4 ? "ept-4" : "ept-5";
  static constexpr int levels = Levels;
  static constexpr int page_log2 = 12;
  static constexpr int index_bits = 9;
  static constexpr int root_index_bits = 9;
  static constexpr int leaf_level_max = 3;
  static constexpr int address_bits = page_log2 + index_bits * Levels;
  static constexpr bool sign_extended = false;
  static constexpr int physical_bits_max = 52;
  static constexpr int address_shift = 0;
  static constexpr bool new_entries_owe_fence = false;
  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool bits_add_up = true;

  // What this machine is, as the engine needs it: which entries are present, what a leaf can hold,
  // and what the processor sets in it by itself.
  template <Word W>
  struct Options {
    W physical_mask{mask(51, 0)};         // addresses below MAXPHYADDR
    W present_field{rights};              // an entry with any of these is present
    W execute_only{1};                    // 1 where a leaf may grant EXECUTE alone
    W tracked{accessed_bit | dirty_bit};  // those that the processor sets: both or neither
    bool gigabyte_pages = true;

    constexpr Options() : Options(MachineOptions{}) {}
    constexpr explicit Options(MachineOptions const& machine)
        : physical_mask(mask(machine.physical_bits - 1, 0)),
          present_field(rights | (machine.mode_based_execute ? execute_user_bit : 0)),
          execute_only(machine.execute_only ? 1 : 0),
          tracked(machine.hardware_updates == HardwareUpdates::accessed_and_dirty
                      ? accessed_bit | dirty_bit
                      : 0),
          gigabyte_pages(machine.gigabyte_pages) {
      TWINWALK_ASSERT(machine.physical_bits >= 32 && machine.physical_bits <= 52);
    }
  };

  static constexpr bool supports(auto const& options, PageSize size) {
    return size == PageSize::Size4K || size == PageSize::Size2M ||
           (size == PageSize::Size1G && options.gigabyte_pages);
  }

  // A guest-physical address has no sign.
  template <Word W>
  static constexpr auto canonical(W address) {
    return (address >> address_bits) == W(0);
  }

  // Whether physical addresses first to last, which may have wrapped, lie below MAXPHYADDR.
  template <Word W>
  static constexpr auto physical_range_fits(Options<W> const& options, W first, W last) {
    return ((first | last) & ~options.physical_mask) == W(0);
  }

  // ---- Neutral flags ----

  // Whether a leaf can hold exactly these flags: READ unless EXECUTE stands alone and may, no flag
  // is unknown, a memory type stands only under TYPED and then alone, and it is one.
  template <Word W>
  static constexpr auto representable(Options<W> const& options, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const unreadable = ~f & ((f >> 1) | ~(f >> 2) | ~options.execute_only) & W(1);
    W const typed = f & W(neutral_typed);
    W const type_allowed = (typed << 1) | (typed << 2) | (typed << 3);
    W const two_types = typed & ((f << 3) | (f << 2));
    // 2, 3 and 7 are no memory types.
    W const no_type = (f >> 9) & (~(f >> 10) | (f >> 8)) & W(1);
    W const wrong = (f & W(~neutral_defined)) | unreadable | two_types | no_type |
                    (f & W(neutral_type) & ~type_allowed);
    return wrong == W(0);
  }

  // Without a flag for it the memory type is WB; UNCACHED is WC, and DEVICE is UC. Accessed and
  // dirty are preset where the processor sets neither.
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const device = f >> 4;
    W const uncached = f >> 5;
    W const typed = f >> 7;
    W const ordinary = ~(device | uncached | typed);
    W const type = (((f >> 8) & typed) | (uncached & ~device)) & W(1);
    W const type_1 = (((f >> 9) & typed) | ordinary) & W(1);
    W const type_2 = (((f >> 10) & typed) | ordinary) & W(1);
    W const software = ((f >> 9) & W(bit(11))) | ((f << 31) & W(mask(56, 52))) |
                       ((f << 33) & W(bit(59))) | ((f << 35) & W(bit(62)));
    W const preset = (W(accessed_bit) | ((f << 8) & W(dirty_bit))) & ~options.tracked;
    return {(f & W(rights)) | ((f >> 6) & W(ignore_pat_bit)) | ((f << 8) & W(execute_user_bit)) |
            (type << 3) | (type_1 << 4) | (type_2 << 5) | software | preset};
  }

  // The flags of a leaf: what `normalise` makes of those it was encoded from. With mode-based
  // execute control EXECUTE takes both rights to fetch.
  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& options, int /*level*/, W entry) {
    W const type = entry >> 3;
    W const type_1 = entry >> 4;
    W const type_2 = entry >> 5;
    W const device = ~(type | type_1 | type_2) & W(1);
    W const uncached = type & ~(type_1 | type_2) & W(1);
    W const typed = ((type_1 ^ type_2) | (type & type_1)) & W(1);
    W const types = ((type & typed) | ((type_1 & typed) << 1) | ((type_2 & typed) << 2)) << 8;
    W const software = ((entry & W(bit(11))) << 9) | ((entry & W(mask(56, 52))) >> 31) |
                       ((entry & W(bit(59))) >> 33) | ((entry & W(bit(62))) >> 35);
    W const user_only = ((options.present_field & ~entry & W(execute_user_bit)) >> 8);
    return BasicMappingFlags<W>((entry & W(rights) & ~user_only) | (device << 4) | (uncached << 5) |
                                (typed << 7) | types | software |
                                ((entry & W(ignore_pat_bit)) << 6));
  }

  // ---- Entries ----

  template <Word W>
  static constexpr W hole(Options<W> const& /*options*/, int /*level*/) {
    return W(0);
  }
  template <Word W>
  static constexpr auto present(Options<W> const& options, int /*level*/, W entry) {
    return (entry & options.present_field) != W(0);
  }
  // Whether a present entry above level 1 maps a page.
  template <Word W>
  static constexpr auto large(W entry) {
    return (entry & W(large_bit)) != W(0);
  }

  template <Word W>
  static constexpr W leaf(int level, W address, Attributes<W> attributes) {
    return address | attributes.bits | W(level > 1 ? large_bit : 0);
  }
  // Grants everything and carries no attribute: rights live in leaves.
  template <Word W>
  static constexpr W table(W address) {
    return address | W(rights | execute_user_bit);
  }
  template <Word W>
  static constexpr W leaf_address(int level, W entry) {
    return entry & W(mask(51, page_log2 + index_bits * (level - 1)));
  }
  template <Word W>
  static constexpr W table_address(W entry) {
    return entry & W(mask(51, page_log2));
  }
  // The leaf that a split of `entry` at `level` puts into the first slot of the new table; the
  // k-th maps k pages further.
  template <Word W>
  static constexpr W first_piece(int level, W entry) {
    return level > 2 ? entry : entry & W(~large_bit);
  }

  // The leaf with new rights and type; address, accessed, dirty and software bits stay, but that
  // dirty is preset where the attributes say so and the leaf was not writable.
  template <Word W>
  static constexpr W with_attributes(int /*level*/, W entry, Attributes<W> attributes) {
    W const newly_dirty = attributes.bits & W(dirty_bit) & ~(entry << 8);
    return (entry & W(~flag_field)) | (attributes.bits & W(flag_field)) | newly_dirty;
  }
  // There are no global guest-physical mappings.
  template <Word W>
  static constexpr auto global(int /*level*/, W /*entry*/) {
    return W(0) != W(0);
  }

  // Whether a processor that still holds `before` must be made to forget it when a live leaf at
  // `level` becomes `after` with the same address and size. More rights alone may be lazy: the EPT
  // violation drops what was held. (docs/invalidation.md, table 2.2.)
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int /*level*/, W before,
                                        W after) {
    W const lost = options.present_field | (options.tracked & W(dirty_bit));
    return ((before ^ after) & (W(type_bits) | (before & lost))) != W(0);
  }

  static constexpr std::uint64_t rights = mask(2, 0);  // R, W, X
  static constexpr std::uint64_t ignore_pat_bit = bit(6);
  static constexpr std::uint64_t type_bits = mask(6, 3);  // memory type, ignore PAT
  static constexpr std::uint64_t large_bit = bit(7);
  static constexpr std::uint64_t execute_user_bit = bit(10);  // XU, mode-based execute control
  // Everything that `protect` replaces.
  static constexpr std::uint64_t flag_field = rights | type_bits | execute_user_bit;

 private:
  static constexpr std::uint64_t neutral_typed = static_cast<std::uint64_t>(Flag::TYPED);
  static constexpr std::uint64_t neutral_type = mask(10, 8);  // memory types 0..7
  static constexpr std::uint64_t neutral_defined =
      (mask(7, 0) & ~static_cast<std::uint64_t>(Flag::GLOBAL)) | neutral_type |
      static_cast<std::uint64_t>(Flag::IGNORE_PAT) |
      (mask(7, 0) << MappingFlags::software_shift);  // as many as software_bits has
};

static_assert(Format<Ept<4>> && Format<Ept<5>>);
// Write-back, readable and writable, at level 1 and as 2 MiB.
static_assert(Ept<4>::leaf(1, PhysAddr(0x5000).value,
                           Ept<4>::encode({}, Flag::READ | Flag::WRITE)) == 0x5033);
static_assert(Ept<4>::leaf(2, PhysAddr(0x200000).value,
                           Ept<4>::encode({}, Flag::READ | Flag::WRITE | Flag::EXECUTE)) ==
              0x2004b7);
static_assert(Ept<4>::table(PhysAddr(0x2000).value) == 0x2407);

}  // namespace twinwalk
