// The entries of long mode, as page tables of a host and nested ones share them.
//
// Intel SDM vol. 3A, section 4.5 "4-Level Paging and 5-Level Paging"; AMD APM vol. 2, section 5.3.
// Levels as the manuals name them: 5 PML5E, 4 PML4E, 3 PDPTE, 2 PDE, 1 PTE.
//
// A leaf is written with every bit the neutral flags name, by bit moves only: a branch on a flag
// would be two paths for a solver. Attributes are the leaf's bits as they stand at levels 2 and 3;
// at level 1 the PAT bit moves from 12 to 7, where the larger leaves have PS.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../assert.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "leaf_bits.hpp"

namespace twinwalk {

// What a machine is, as the engine needs it: its widest address, its page sizes, and which neutral
// flags a leaf must and must not have.
template <Word W>
struct BasicX86_64Options {
  W physical_mask{mask(51, 0)};  // addresses below MAXPHYADDR
  W required{0};
  W refused{0};
  bool gigabyte_pages = true;
};

// `MoreFlags` are the bits of a leaf, beside rights and type, that flags stand for.
template <std::uint64_t MoreFlags>
struct X86_64Layout : LeafBits<5, 6, mask(11, 9) | mask(58, 52)> {
  static constexpr int page_log2 = 12;
  static constexpr int index_bits = 9;
  static constexpr int root_index_bits = 9;
  static constexpr int leaf_level_max = 3;
  static constexpr int physical_bits_max = 52;
  static constexpr int address_shift = 0;
  static constexpr bool new_entries_owe_fence = false;
  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool bits_add_up = true;

  // The options of a machine whose leaves hold no flag of `absent`.
  template <Word W>
  static constexpr BasicX86_64Options<W> options_of(MachineOptions const& machine,
                                                    std::uint64_t absent) {
    TWINWALK_ASSERT(machine.physical_bits >= 32 && machine.physical_bits <= 52);
    return {.physical_mask = W(mask(machine.physical_bits - 1, 0)),
            .required = W(neutral_read | (machine.no_execute ? 0 : neutral_execute)),
            .refused = W(~neutral_defined | absent),
            .gigabyte_pages = machine.gigabyte_pages};
  }

  static constexpr bool supports(auto const& options, PageSize size) {
    return size == PageSize::Size4K || size == PageSize::Size2M ||
           (size == PageSize::Size1G && options.gigabyte_pages);
  }

  // Whether physical addresses first to last, which may have wrapped, lie below MAXPHYADDR.
  template <Word W>
  static constexpr auto physical_range_fits(BasicX86_64Options<W> const& options, W first, W last) {
    return ((first | last) & ~options.physical_mask) == W(0);
  }

  // ---- Neutral flags ----

  // Whether a leaf can hold exactly these flags: READ is always granted, no flag is unknown, a
  // memory type stands only under TYPED and then alone.
  template <Word W>
  static constexpr auto representable(BasicX86_64Options<W> const& options,
                                      BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const typed = f & W(neutral_typed);
    W const type_allowed = (typed << 1) | (typed << 2) | (typed << 3);
    W const two_types = typed & ((f << 3) | (f << 2));
    W const wrong = (f & options.refused) | (~f & options.required) | two_types |
                    (f & W(neutral_type) & ~type_allowed);
    return wrong == W(0);
  }

  // The bits that flags stand for, of whichever format has them.
  template <Word W>
  static constexpr W bits_of(BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const pwt = ((f >> 1) | (f >> 5)) & W(bit(3));      // DEVICE, or type bit 0
    W const pcd = (f | (f >> 1) | (f >> 5)) & W(bit(4));  // DEVICE, UNCACHED, or type bit 1
    W const pat = (f << 2) & W(bit(12));                  // type bit 2
    W const software = ((f >> 11) & W(mask(11, 9))) | ((f << 29) & W(mask(58, 52)));
    W const execute_disable = ((f & W(neutral_execute)) ^ W(neutral_execute)) << 61;
    return W(present_bit) | (f & W(writable_bit)) | ((f >> 1) & W(user_bit)) | pwt | pcd | pat |
           ((f << 2) & W(global_bit)) | software | ((f << 43) & W(key_bits)) | execute_disable;
  }
  // The memory type and the software part of a leaf's flags.
  template <Word W>
  static constexpr W type_and_software(int level, W entry) {
    W const pwt = entry >> 3;
    W const pcd = entry >> 4;
    W const pat = entry >> pat_bit(level);
    W const device = pcd & pwt & ~pat & W(1);
    W const uncached = pcd & ~pwt & ~pat & W(1);
    W const typed = (pat | (pwt & ~pcd)) & W(1);
    W const type = ((pwt & typed) | ((pcd & typed) << 1) | ((pat & typed) << 2)) << 8;
    W const software = ((entry & W(mask(11, 9))) << 11) | ((entry & W(mask(58, 52))) >> 29);
    return (device << 4) | (uncached << 5) | (typed << 7) | type | software;
  }

  // ---- Entries ----

  template <Word W>
  static constexpr W hole(BasicX86_64Options<W> const& /*options*/, int /*level*/) {
    return W(0);
  }
  template <Word W>
  static constexpr auto present(BasicX86_64Options<W> const& /*options*/, int /*level*/, W entry) {
    return (entry & W(present_bit)) != W(0);
  }
  // Whether a present entry above level 1 maps a page.
  template <Word W>
  static constexpr auto large(W entry) {
    return (entry & W(large_bit)) != W(0);
  }

  template <Word W>
  static constexpr W leaf(int level, W address, Attributes<W> attributes) {
    return address | at_level(level, attributes.bits);
  }
  // Grants everything and carries no attribute: rights live in leaves.
  template <Word W>
  static constexpr W table(W address) {
    return address | W(present_bit | writable_bit | user_bit);
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
    if (level > 2) return entry;
    W const pat = (entry & W(bit(12))) >> 5;
    return (entry & W(~(bit(12) | large_bit))) | pat;
  }

  // The leaf with new rights, type and whatever else flags stand for; address, accessed, dirty and
  // software bits stay.
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    return (entry & W(~flag_field(level))) |
           (at_level(level, attributes.bits) & W(flag_field(level)));
  }
  // Whether a processor that still holds `before` must be made to forget it when a live leaf at
  // `level` becomes `after` with the same address and size. More rights alone may be lazy: the
  // page fault drops what was held. Of the bits in `lost_only` this holds too, of any other not.
  // (docs/invalidation.md, tables 2.1 and 2.3; Intel SDM vol. 3A, section 4.10.4.)
  template <Word W>
  static constexpr auto loses(int level, W before, W after, std::uint64_t lost_only) {
    W const changed = before ^ after;
    W const any_change = W(flag_field(level) & ~(lost_only | writable_bit | execute_disable_bit));
    return ((changed & any_change) | (changed & before & W(lost_only | writable_bit | dirty_bit)) |
            (changed & after & W(execute_disable_bit))) != W(0);
  }

  static constexpr std::uint64_t present_bit = bit(0);
  static constexpr std::uint64_t writable_bit = bit(1);
  static constexpr std::uint64_t user_bit = bit(2);
  static constexpr std::uint64_t type_bits = mask(4, 3);  // PWT and PCD
  static constexpr std::uint64_t large_bit = bit(7);      // PS; PAT at level 1
  static constexpr std::uint64_t global_bit = bit(8);
  static constexpr std::uint64_t key_bits = mask(62, 59);
  static constexpr std::uint64_t execute_disable_bit = bit(63);

  static constexpr int pat_bit(int level) { return level == 1 ? 7 : 12; }
  // Everything that `protect` replaces.
  static constexpr std::uint64_t flag_field(int level) {
    return writable_bit | user_bit | type_bits | bit(pat_bit(level)) | execute_disable_bit |
           MoreFlags;
  }

 protected:
  static constexpr std::uint64_t neutral_read = static_cast<std::uint64_t>(Flag::READ);
  static constexpr std::uint64_t neutral_execute = static_cast<std::uint64_t>(Flag::EXECUTE);
  static constexpr std::uint64_t neutral_global = static_cast<std::uint64_t>(Flag::GLOBAL);
  static constexpr std::uint64_t neutral_typed = static_cast<std::uint64_t>(Flag::TYPED);
  static constexpr std::uint64_t neutral_type = mask(10, 8);  // PAT indices 0..7
  static constexpr std::uint64_t neutral_key = MappingFlags::key_mask << MappingFlags::key_shift;
  static constexpr std::uint64_t neutral_software = MappingFlags::software_mask
                                                    << MappingFlags::software_shift;
  static constexpr std::uint64_t neutral_defined =
      mask(7, 0) | neutral_type | neutral_key | neutral_software;

  // Attributes as they stand at `level`, PS included.
  template <Word W>
  static constexpr W at_level(int level, W bits) {
    if (level > 1) return bits | W(large_bit);
    return (bits & W(~bit(12))) | ((bits & W(bit(12))) >> 5);
  }
};

}  // namespace twinwalk
