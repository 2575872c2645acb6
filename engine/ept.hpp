// Everything for Intel's extended page tables in one header: ExtendedPageTable<H> (4 levels) and
// ExtendedPageTable5<H> (5 levels) over a handler of three static functions, their entries, and the
// EPT pointer that a VMCS takes. Addresses that are mapped are guest-physical; a VirtAddr holds
// them.
//
// Installed as <twinwalk/ept.hpp>.
#pragma once

#include <cstdint>

#include "api.hpp"
#include "direct_map.hpp"
#include "flush/ept.hpp"
#include "formats/ept.hpp"
#include "maybe.hpp"
#include "neutral_entry.hpp"
#include "page_table64.hpp"
#include "word.hpp"

namespace twinwalk {

// ---- Entries ----

// The memory types that there are; 2, 3 and 7 are misconfigurations.
enum class EPTMemType : std::uint8_t {
  Uncached = 0,
  WriteCombining = 1,
  WriteThrough = 4,
  WriteProtected = 5,
  WriteBack = 6,
};

// The bits of an entry beside its address.
class EPTFlags {
 public:
  static constexpr std::uint64_t READ = bit(0);
  static constexpr std::uint64_t WRITE = bit(1);
  static constexpr std::uint64_t EXECUTE = bit(2);
  static constexpr std::uint64_t MEM_TYPE_MASK = mask(5, 3);
  static constexpr std::uint64_t IGNORE_PAT = bit(6);
  static constexpr std::uint64_t HUGE_PAGE = bit(7);
  static constexpr std::uint64_t ACCESSED = bit(8);
  static constexpr std::uint64_t DIRTY = bit(9);
  static constexpr std::uint64_t EXECUTE_FOR_USER = bit(10);

  constexpr EPTFlags() = default;
  constexpr explicit EPTFlags(std::uint64_t bits) : bits_(bits) {}
  // What a leaf of the smallest size gets for neutral flags, which must be representable.
  constexpr explicit EPTFlags(MappingFlags flags) : bits_(Ept<4>::encode({}, flags).bits) {}

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool contains(std::uint64_t flags) const { return (bits_ & flags) == flags; }
  constexpr MappingFlags mapping_flags() const { return Ept<4>::decode({}, 1, bits_); }

  // Nothing where the field holds no memory type.
  constexpr Maybe<EPTMemType> mem_type() const {
    std::uint64_t const type = (bits_ & MEM_TYPE_MASK) >> 3;
    if (type == 2 || type == 3 || type == 7) return {};
    return static_cast<EPTMemType>(type);
  }
  constexpr void set_mem_type(EPTMemType type) {
    bits_ = (bits_ & ~MEM_TYPE_MASK) | (static_cast<std::uint64_t>(type) << 3);
  }

  friend constexpr bool operator==(EPTFlags, EPTFlags) = default;

 private:
  std::uint64_t bits_ = 0;
};

// An entry in neutral words; the format is the same with 4 and with 5 levels.
template <int Level>
using EPTEntry = NeutralEntry<Ept<5>, Level>;

// ---- The EPT pointer (Intel SDM vol. 3C, "Extended-Page-Table Pointer (EPTP)") ----

class EPTP {
 public:
  // Of a tree of 4 or 5 levels whose tables the processor reads as `type`. Accessed and dirty are
  // set by it where `accessed_dirty` says so: as the options of the table say, for it relies on it.
  constexpr EPTP(PhysAddr root, int levels, bool accessed_dirty,
                 EPTMemType type = EPTMemType::WriteBack)
      : bits_((root.value & root_field) | (accessed_dirty ? bit(6) : 0) |
              (static_cast<std::uint64_t>(levels - 1) << 3) | static_cast<std::uint64_t>(type)) {}
  constexpr explicit EPTP(std::uint64_t bits) : bits_(bits) {}

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr PhysAddr root() const { return PhysAddr(bits_ & root_field); }

  // Whether a VM entry takes it on a processor with these capabilities (IA32_VMX_EPT_VPID_CAP) and
  // this MAXPHYADDR.
  constexpr bool is_valid(std::uint64_t capabilities, int physical_bits) const {
    auto const has = [&](std::uint64_t one) { return (capabilities & one) != 0; };
    std::uint64_t const type = bits_ & mask(2, 0);
    bool const type_fits = (type == 0 && has(ept::capability::uncacheable)) ||
                           (type == 6 && has(ept::capability::write_back));
    std::uint64_t const walk = (bits_ & mask(5, 3)) >> 3;
    bool const walk_fits = (walk == 3 && has(ept::capability::walk_of_4)) ||
                           (walk == 4 && has(ept::capability::walk_of_5));
    bool const updates_fit = (bits_ & bit(6)) == 0 || has(ept::capability::accessed_dirty);
    bool const stacks_fit = (bits_ & bit(7)) == 0 || has(ept::capability::shadow_stack);
    std::uint64_t const reserved = mask(11, 8) | (~mask(physical_bits - 1, 0));
    return type_fits && walk_fits && updates_fit && stacks_fit && (bits_ & reserved) == 0;
  }

 private:
  static constexpr std::uint64_t root_field = mask(51, 12);

  std::uint64_t bits_;
};

// ---- Page tables ----

template <int Levels>
struct BasicExtendedPageTableMetadata : PagingMetaDataOf<Ept<Levels>> {
#if defined(__x86_64__)
  using Carrier = ept::LocalCarrier<Levels>;

  // Makes this processor forget every tree: there is no INVEPT by address.
  static void flush_tlb(VirtAddr /*address*/) { flush_tlb(); }
  static void flush_tlb() {
    FlushScope scope;
    scope.everything = scope.every_space = true;
    ept::LocalCarrier<Levels>::carry_out(scope);
  }
#endif
};
using ExtendedPageTableMetadata = BasicExtendedPageTableMetadata<4>;

template <PagingHandler H>
using ExtendedPageTable = PageTable64<ExtendedPageTableMetadata, EPTEntry, H>;
template <PagingHandler H>
using ExtendedPageTable5 = PageTable64<BasicExtendedPageTableMetadata<5>, EPTEntry, H>;

}  // namespace twinwalk
