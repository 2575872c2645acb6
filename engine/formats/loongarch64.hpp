// How the engine encodes LoongArch64 paging: a last level of 4 KiB pages and three of directories,
// 48 bits of address, PGDL and PGDH leading to one root or to two.
//
// LoongArch Reference Manual, volume 1, "Multi-level Page Table Structure Supported by page
// walking" and "TLB Entry". PWCL and PWCH are to describe widths of 9 at 12, 21, 30 and 39.
//
// A directory entry is the address of a table and nothing else, so an empty one leads to the void
// frame (MachineOptions::void_frame), whose words lead to itself and are no valid page. A page has
// H where a directory entry has not, and then G elsewhere.
//
// V is "accessed": software's, or set by a hardware walker. D lets writes through and is "dirty" as
// well; W says that a page is writable, and bit 9 that one was written which no longer is.
#pragma once

#include <cstdint>

#include "../api.hpp"
#include "../assert.hpp"
#include "../format.hpp"
#include "../word.hpp"
#include "named_types.hpp"

namespace twinwalk {

struct LoongArch64 {
  static constexpr char const* name = "loongarch64";
  static constexpr int levels = 4;
  static constexpr int page_log2 = 12;
  static constexpr int index_bits = 9;
  static constexpr int root_index_bits = 9;
  static constexpr int leaf_level_max = 4;
  static constexpr int address_bits = 48;
  static constexpr bool sign_extended = true;
  static constexpr int physical_bits_max = 48;
  static constexpr int address_shift = 0;
  // A processor keeps that a page is not valid, beside the valid one that it is paired with.
  static constexpr bool new_entries_owe_fence = true;
  static constexpr bool new_entries_owe_barrier = false;
  static constexpr bool bits_add_up = false;

  // What this machine is, as the engine needs it. A walker in hardware sets both accessed and
  // dirty; where there is none software does, and both are preset.
  template <Word W>
  struct Options {
    W physical_mask{mask(47, 0)};  // the physical addresses that there are
    W void_frame{0};
    W software_walks{0};   // 1 where a page with V alone is one
    W preset_accessed{0};  // V, where no walker sets it
    W preset_dirty{0};     // 1 where no walker sets D

    constexpr Options() : Options(MachineOptions{}) {}
    constexpr explicit Options(MachineOptions const& machine)
        : physical_mask(mask((machine.physical_bits < 48 ? machine.physical_bits : 48) - 1, 0)),
          void_frame(machine.void_frame.value),
          software_walks(walks(machine) ? 0 : 1),
          preset_accessed(walks(machine) ? 0 : valid_bit),
          preset_dirty(walks(machine) ? 0 : 1) {
      TWINWALK_ASSERT(machine.physical_bits >= 32 && machine.physical_bits <= 52);
      TWINWALK_ASSERT((machine.void_frame.value & ~mask(47, 12)) == 0);
    }

   private:
    static constexpr bool walks(MachineOptions const& machine) {
      return machine.hardware_updates == HardwareUpdates::accessed_and_dirty;
    }
  };

  static constexpr bool supports(auto const& /*options*/, PageSize size) {
    int const above = size_log2(size) - page_log2;
    return above >= 0 && above % index_bits == 0 && above / index_bits < leaf_level_max;
  }

  template <Word W>
  static constexpr auto canonical(W address) {
    return ((address + W(bit(address_bits - 1))) >> address_bits) == W(0);
  }

  // Whether physical addresses first to last, which may have wrapped, are ones that there are.
  template <Word W>
  static constexpr auto physical_range_fits(Options<W> const& options, W first, W last) {
    return ((first | last) & ~options.physical_mask) == W(0);
  }

  // ---- Neutral flags ----

  // Whether a leaf can hold exactly these flags: any right at all; a MAT is 0, 1 or 2.
  template <Word W>
  static constexpr auto representable(Options<W> const& /*options*/, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const no_right = ~(f | (f >> 1) | (f >> 2)) & W(1);
    W const no_type = (f >> 8) & (f >> 9) & W(1);
    return ((f & W(~defined)) | no_right | no_type | Types::wrong(f)) == W(0);
  }

  // USER is privilege level 3, which every level may then use. The attributes are those of a page
  // of 4 KiB; `leaf` puts them where a larger one has them.
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, BasicMappingFlags<W> flags) {
    W const f = flags.bits;
    W const no_read = (f & W(1)) ^ W(1);
    W const no_execute = ((f >> 2) & W(1)) ^ W(1);
    W const write = (f >> 1) & W(1);
    W const user = (f >> 3) & W(1);
    W const rights = (user << 2) | (user << 3) | (no_read << 61) | (no_execute << 62);
    W const others =
        (Types::of(f) << 4) | (f & W(global_bit)) | ((f & W(neutral_software)) >> software_shift);
    return {with_writes(rights | others | W(present_bit) | options.preset_accessed, write,
                        options.preset_dirty & write)};
  }

  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& /*options*/, int level, W entry) {
    W const read = ((entry >> 61) & W(1)) ^ W(1);
    W const execute = ((entry >> 62) & W(1)) ^ W(1);
    W const user = (entry >> 2) & (entry >> 3) & W(1);
    W const global = (entry >> global_position(level)) & W(1);
    return BasicMappingFlags<W>(read | (is_writable(entry) << 1) | (execute << 2) | (user << 3) |
                                (global << 6) | Types::flags((entry >> 4) & W(mask(1, 0))) |
                                ((entry & W(software_bits)) << software_shift));
  }

  // ---- Entries ----

  template <Word W>
  static constexpr W hole(Options<W> const& options, int level) {
    return level == 1 ? W(0) : options.void_frame;
  }
  // A page is there where P says so, or to software where V does; a directory where it is not void.
  template <Word W>
  static constexpr auto present(Options<W> const& options, int level, W entry) {
    W const page = ((entry >> 7) | (entry & options.software_walks)) & W(1);
    if (level == 1) return page != W(0);
    W const directory = as_number<W>(entry != options.void_frame);
    return select(large(entry), page, directory) != W(0);
  }
  // Whether an entry above level 1 is one of a page.
  template <Word W>
  static constexpr auto large(W entry) {
    return (entry & W(huge_bit)) != W(0);
  }

  template <Word W>
  static constexpr W leaf(int level, W address, Attributes<W> attributes) {
    return address | placed(level, attributes.bits) | W(level == 1 ? 0 : huge_bit);
  }
  template <Word W>
  static constexpr W table(W address) {
    return address;
  }
  template <Word W>
  static constexpr W leaf_address(int level, W entry) {
    return entry & W(mask(47, page_log2 + index_bits * (level - 1)));
  }
  template <Word W>
  static constexpr W table_address(W entry) {
    return entry & W(mask(47, 12));
  }
  // A large page has bits that are nobody's where a smaller one has its address, and G among them.
  template <Word W>
  static constexpr W first_piece(int level, W entry) {
    constexpr std::uint64_t moved = huge_bit | huge_global_bit;
    W const kept = entry & W(~(mask(page_log2 + index_bits * (level - 1) - 1, 12) | moved));
    W const global = ((entry >> huge_global) & W(1)) << global_position(level - 1);
    return kept | global | W(level == 2 ? 0 : huge_bit);
  }

  // The leaf with new rights, type and GLOBAL; what was written stays dirty, and one that becomes
  // writable is as dirty as the attributes preset it.
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    W const fields(type_bits | rights_bits | bit(global_position(level)));
    W const newly_dirty = written(attributes.bits) & (is_writable(entry) ^ W(1));
    W const others = (entry & ~fields) | (placed(level, attributes.bits) & fields);
    return with_writes(others, managed(attributes.bits), dirty(entry) | newly_dirty);
  }
  template <Word W>
  static constexpr Attributes<W> with_software_of(W entry, Attributes<W> attributes) {
    return {(attributes.bits & W(~software_bits)) | (entry & W(software_bits))};
  }

  // ---- Accessed, dirty and global ----

  template <Word W>
  static constexpr W accessed(W entry) {
    return entry & W(1);
  }
  template <Word W>
  static constexpr W with_accessed(W entry) {
    return entry | W(valid_bit);
  }
  // With P, or what had V alone would be gone.
  template <Word W>
  static constexpr W without_accessed(W entry) {
    return (entry & W(~valid_bit)) | W(present_bit);
  }
  template <Word W>
  static constexpr W dirty(W entry) {
    return written(entry) | ((entry >> 9) & W(1));
  }
  // Lets writes through where the page is writable; of any other it is noted.
  template <Word W>
  static constexpr W with_dirty(W entry) {
    return with_writes(entry, is_writable(entry), W(1));
  }
  // What was writable stays so.
  template <Word W>
  static constexpr W without_dirty(W entry) {
    return with_writes(entry, is_writable(entry), W(0));
  }
  template <Word W>
  static constexpr auto global(int level, W entry) {
    return (entry & W(bit(global_position(level)))) != W(0);
  }

  // ---- What processors keep ----

  // Whether a processor that holds `before` must be made to forget it when a live leaf becomes
  // `after` with the same address and size. More rights alone may be lazy.
  // (docs/invalidation.md, table 2.7.)
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    W const lost = granted(options, before) & ~granted(options, after);
    W const changed = (before ^ after) & W(type_bits | bit(global_position(level)));
    return (lost | changed) != W(0);
  }
  // Of two entries that match one address no processor says which it takes, and a global one
  // matches beside one that is not.
  template <Word W>
  static constexpr auto demands_break(int level, W before, W after) {
    return ((before ^ after) & W(bit(global_position(level)))) != W(0);
  }
  // A page that is not there, as large as those of the level.
  static constexpr std::uint64_t vacant(int level) { return level == 1 ? 0 : huge_bit; }

  static constexpr std::uint64_t valid_bit = bit(0);
  static constexpr std::uint64_t type_bits = mask(5, 4);  // MAT
  static constexpr std::uint64_t global_bit = bit(6);     // G of a page of 4 KiB
  static constexpr std::uint64_t huge_bit = bit(6);       // H of a directory
  static constexpr std::uint64_t present_bit = bit(7);    // P
  static constexpr std::uint64_t software_bits = mask(11, 10);
  static constexpr std::uint64_t rights_bits = mask(63, 61) | mask(3, 2);  // RPLV, NX, NR, PLV

 private:
  using Types = NamedTypes<1, 2, 0>;  // coherent cached, weakly and strongly ordered uncached

  static constexpr int huge_global = 12;
  static constexpr std::uint64_t huge_global_bit = bit(huge_global);
  static constexpr int global_position(int level) { return level == 1 ? 6 : huge_global; }

  // Attributes where a leaf of the level has them.
  template <Word W>
  static constexpr W placed(int level, W attributes) {
    if (level == 1) return attributes;
    W const global = (attributes & W(global_bit)) << (huge_global - 6);
    return (attributes & W(~(global_bit | huge_global_bit))) | global;
  }

  // Each 0 or 1.
  template <Word W>
  static constexpr W written(W entry) {  // D
    return (entry >> 1) & W(1);
  }
  template <Word W>
  static constexpr W managed(W entry) {  // W
    return (entry >> 8) & W(1);
  }
  // WRITE: a page with D and without W was not made here, and is writable all the same.
  template <Word W>
  static constexpr W is_writable(W entry) {
    return written(entry) | managed(entry);
  }
  // A leaf whose bits about writes say exactly this.
  template <Word W>
  static constexpr W with_writes(W entry, W writable, W dirty) {
    constexpr std::uint64_t all = bit(1) | bit(8) | bit(9);
    W const note = dirty & (writable ^ W(1));
    return (entry & W(~all)) | ((writable & dirty) << 1) | (writable << 8) | (note << 9);
  }

  // What a leaf grants, a bit each: reads, writes and fetches of the four privilege levels, and
  // that no page is clean. To a hardware walker W is the right to write, to software D is.
  template <Word W>
  static constexpr W granted(Options<W> const& options, W entry) {
    W const low = (entry >> 2) & W(1);
    W const high = (entry >> 3) & W(1);
    W const any = low | high;
    W const up_to = W(1) | (any << 1) | (high << 2) | ((low & high) << 3);
    W const exactly = (any ^ W(1)) | ((low & (high ^ W(1))) << 1) | ((high & (low ^ W(1))) << 2) |
                      ((low & high) << 3);
    W const that_alone = W(0) - ((entry >> 63) & W(1));
    W const allowed = up_to & (exactly | ~that_alone);
    W const writes = (written(entry) & options.software_walks) |
                     (managed(entry) & (options.software_walks ^ W(1)));
    return (allowed & (((entry >> 61) & W(1)) - W(1))) |
           ((allowed & (((entry >> 62) & W(1)) - W(1))) << 4) | ((allowed & (W(0) - writes)) << 8) |
           (dirty(entry) << 12);
  }

  static constexpr int software_shift = MappingFlags::software_shift - 10;
  static constexpr std::uint64_t neutral_software = mask(1, 0) << MappingFlags::software_shift;
  // No key, and no type beyond two bits.
  static constexpr std::uint64_t defined = mask(9, 0) | neutral_software;
};

static_assert(Format<LoongArch64> && KeepsHoles<LoongArch64>);
static_assert(LoongArch64::leaf(1, PhysAddr(0x5000).value,
                                LoongArch64::encode({}, Flag::READ | Flag::WRITE)) ==
              0x4000000000005190);

}  // namespace twinwalk
