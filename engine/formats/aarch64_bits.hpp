// What the descriptors of both stages of AArch64 have in common: their types, addresses, software
// bits, and accessed and dirty.
//
// Arm Architecture Reference Manual for A-profile, "VMSAv8-64 translation table format
// descriptors" and "Hardware management of the Access flag and dirty state". The granule is 4 KiB;
// levels count as everywhere here, the manual's is 4 less that.
//
// The bit that decides about writes is also what hardware notes a write by: DBM says that a page is
// writable, and the other that it was written. A page that loses the right and was written has a
// note of software's instead.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../assert.hpp"
#include "../format.hpp"
#include "../word.hpp"

namespace twinwalk {

// `Open` is the value of bit 7 that lets writes through: S2AP[1] grants them, AP[2] forbids them.
template <int Levels, int RootIndexBits, bool Open>
struct Aarch64Bits {
  static constexpr int levels = Levels;
  static constexpr int page_log2 = 12;
  static constexpr int index_bits = 9;
  static constexpr int root_index_bits = RootIndexBits;
  static constexpr int leaf_level_max = 3;  // without LPA2 there is no block of 512 GiB
  static constexpr int address_bits = page_log2 + index_bits * (Levels - 1) + RootIndexBits;
  static constexpr bool sign_extended = false;
  static constexpr int physical_bits_max = 48;
  static constexpr int address_shift = 0;
  // A walk sees what is new after DSB; nothing keeps that there was a hole.
  static constexpr bool new_entries_owe_fence = false;
  static constexpr bool new_entries_owe_barrier = true;
  static constexpr bool bits_add_up = false;

  // What this machine is, as both stages need it.
  template <Word W>
  struct CommonOptions {
    W physical_mask{mask(47, 0)};  // the output addresses that there are
    W preset_accessed{0};          // AF, where hardware does not set it
    W preset_dirty{0};             // 1 where hardware does not open pages that are written
    W managed{1};                  // 1 where it does: a closed page with DBM is writable at once

    constexpr CommonOptions() : CommonOptions(MachineOptions{}) {}
    constexpr explicit CommonOptions(MachineOptions const& machine)
        : physical_mask(mask((machine.physical_bits < 48 ? machine.physical_bits : 48) - 1, 0)),
          preset_accessed(machine.hardware_updates == HardwareUpdates::none ? accessed_bit : 0),
          preset_dirty(machine.hardware_updates != HardwareUpdates::accessed_and_dirty ? 1 : 0),
          managed(machine.hardware_updates == HardwareUpdates::accessed_and_dirty ? 1 : 0) {
      TWINWALK_ASSERT(machine.physical_bits >= 32 && machine.physical_bits <= 52);
    }
  };

  static constexpr bool supports(auto const& /*options*/, PageSize size) {
    return size == PageSize::Size4K || size == PageSize::Size2M || size == PageSize::Size1G;
  }

  // Whether physical addresses first to last, which may have wrapped, are ones that there are.
  template <Word W>
  static constexpr auto physical_range_fits(CommonOptions<W> const& options, W first, W last) {
    return ((first | last) & ~options.physical_mask) == W(0);
  }

  // ---- What a descriptor is ----

  template <Word W>
  static constexpr W hole(CommonOptions<W> const& /*options*/, int /*level*/) {
    return W(0);
  }
  // A descriptor that names a block where there is none is as invalid as one without bit 0.
  template <Word W>
  static constexpr auto present(CommonOptions<W> const& /*options*/, int level, W entry) {
    W const type(level == 1 || level > leaf_level_max ? mask(1, 0) : valid_bit);
    return (entry & type) == type;
  }
  // Whether a valid descriptor above level 1 maps a block.
  template <Word W>
  static constexpr auto large(W entry) {
    return (entry & W(table_bit)) == W(0);
  }

  template <Word W>
  static constexpr W leaf(int level, W address, Attributes<W> attributes) {
    return address | attributes.bits | W(type_of_leaf(level));
  }
  // Says nothing but where it leads.
  template <Word W>
  static constexpr W table(W address) {
    return address | W(mask(1, 0));
  }
  template <Word W>
  static constexpr W leaf_address(int level, W entry) {
    return entry & W(mask(47, page_log2 + index_bits * (level - 1)));
  }
  template <Word W>
  static constexpr W table_address(W entry) {
    return entry & W(mask(47, 12));
  }
  // A block has bits that are nobody's where a page has its address.
  template <Word W>
  static constexpr W first_piece(int level, W entry) {
    W const kept = entry & W(~(mask(page_log2 + index_bits * (level - 1) - 1, 12) | mask(1, 0)));
    return kept | W(type_of_leaf(level - 1));
  }

  // ---- Accessed and dirty ----

  template <Word W>
  static constexpr W accessed(W entry) {
    return (entry >> 10) & W(1);
  }
  template <Word W>
  static constexpr W with_accessed(W entry) {
    return entry | W(accessed_bit);
  }
  template <Word W>
  static constexpr W without_accessed(W entry) {
    return entry & W(~accessed_bit);
  }

  template <Word W>
  static constexpr W dirty(W entry) {
    return is_open(entry) | ((entry >> 55) & W(1));
  }
  // Opens a page that is writable; of any other it is noted.
  template <Word W>
  static constexpr W with_dirty(W entry) {
    return with_writes(entry, is_writable(entry), W(1));
  }
  // What was writable stays so.
  template <Word W>
  static constexpr W without_dirty(W entry) {
    return with_writes(entry, is_writable(entry), W(0));
  }

  // The attributes with the software bits of a leaf.
  template <Word W>
  static constexpr Attributes<W> with_software_of(W entry, Attributes<W> attributes) {
    return {(attributes.bits & W(~software_bits)) | (entry & W(software_bits))};
  }

  static constexpr std::uint64_t valid_bit = bit(0);
  static constexpr std::uint64_t table_bit = bit(1);
  static constexpr std::uint64_t write_bit = bit(7);  // AP[2], or S2AP[1]
  static constexpr std::uint64_t shareability = mask(9, 8);
  static constexpr std::uint64_t inner_shareable = mask(9, 8);
  static constexpr std::uint64_t accessed_bit = bit(10);
  static constexpr std::uint64_t managed_bit = bit(51);  // DBM
  static constexpr std::uint64_t contiguous_bit = bit(52);
  static constexpr std::uint64_t was_dirty_bit = bit(55);
  static constexpr std::uint64_t software_bits = mask(58, 56);

 protected:
  // Each 0 or 1.
  template <Word W>
  static constexpr W is_open(W entry) {
    W const set = (entry >> 7) & W(1);
    return Open ? set : set ^ W(1);
  }
  template <Word W>
  static constexpr W is_managed(W entry) {
    return (entry >> 51) & W(1);
  }
  // WRITE: a page that is open without DBM was not made here, and is writable all the same.
  template <Word W>
  static constexpr W is_writable(W entry) {
    return is_open(entry) | is_managed(entry);
  }
  // A leaf whose bits about writes say exactly this.
  template <Word W>
  static constexpr W with_writes(W entry, W writable, W dirty) {
    constexpr std::uint64_t all = write_bit | managed_bit | was_dirty_bit;
    W const open = writable & dirty;
    W const closed_bit = Open ? open : open ^ W(1);
    return (entry & W(~all)) | (closed_bit << 7) | (writable << 51) | ((dirty & ~writable) << 55);
  }
  // The leaf with what `protect` replaces; a page that was written stays so, and one that becomes
  // writable is as dirty as the attributes preset it.
  template <Word W>
  static constexpr W with_fields(W entry, W was_writable, Attributes<W> attributes,
                                 std::uint64_t fields) {
    W const newly_dirty = is_open(attributes.bits) & (was_writable ^ W(1));
    W const others = (entry & W(~fields)) | (attributes.bits & W(fields));
    return with_writes(others, is_managed(attributes.bits), dirty(entry) | newly_dirty);
  }

  static constexpr std::uint64_t type_of_leaf(int level) {
    return level == 1 ? mask(1, 0) : valid_bit;
  }

  static constexpr std::uint64_t neutral_software = mask(2, 0) << MappingFlags::software_shift;
};

}  // namespace twinwalk
