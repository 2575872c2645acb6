// Everything for AArch64 in one header, over a handler of three static functions: A64PageTable<H>
// for TTBR0_EL1, A64UpperPageTable<H> for TTBR1_EL1, A64El2PageTable<H> for TTBR0_EL2, and for the
// guests of a hypervisor A64GuestPageTable<H> (48 bits of address) and A64GuestPageTable40<H> (40,
// which also takes frames of 8K, its roots); their entries; and aarch64::RootRegister, which makes
// TTBR and VTTBR. What stage 2 maps are intermediate physical addresses; a VirtAddr holds them.
//
// Installed as <twinwalk/aarch64.hpp>.
#pragma once

#include <cstdint>
#include <type_traits>

#include "api.hpp"
#include "direct_map.hpp"
#include "flush/aarch64.hpp"
#include "formats/aarch64.hpp"
#include "neutral_entry.hpp"
#include "page_table64.hpp"

namespace twinwalk {

namespace aarch64 {

// What MAIR_ELx is to hold for the memory types of stage 1 that neutral flags name: Device-nGnRE,
// Normal Write-Back and Normal Non-cacheable, from the lowest byte up.
inline constexpr std::uint64_t memory_attributes = 0x44ff04;

}  // namespace aarch64

// Entries in neutral words; those of both ranges are alike, and those of guests of any width.
template <int Level>
using A64PTE = NeutralEntry<Aarch64Stage1<Aarch64Range::lower>, Level>;
template <int Level>
using A64El2PTE = NeutralEntry<Aarch64Stage1<Aarch64Range::el2>, Level>;
template <int Level>
using A64GuestPTE = NeutralEntry<Aarch64Stage2<48>, Level>;

template <Aarch64Range Range>
struct A64PagingMetaData : PagingMetaDataOf<Aarch64Stage1<Range>> {
#if defined(__aarch64__)
  using Cpu = std::conditional_t<Range == Aarch64Range::lower, aarch64::LocalLowerRange,
                                 std::conditional_t<Range == Aarch64Range::upper,
                                                    aarch64::LocalUpperRange, aarch64::LocalEl2>>;
  using Carrier = aarch64::LocalStage1Carrier<Cpu>;

  // Makes every processor forget the page that holds `address`, in every space.
  static void flush_tlb(VirtAddr address) {
    FlushScope scope;
    scope.every_space = scope.table_changed = true;
    scope.range_count = 1;
    scope.ranges[0] = {address.value, address.value, PageSize::Size4K};
    Carrier::carry_out(scope);
  }
  // Makes it forget everything.
  static void flush_tlb() {
    FlushScope scope;
    scope.everything = scope.every_space = true;
    Carrier::carry_out(scope);
  }
#endif
};

template <int AddressBits>
struct A64GuestPagingMetaData : PagingMetaDataOf<Aarch64Stage2<AddressBits>> {
#if defined(__aarch64__)
  using Carrier = aarch64::LocalStage2Carrier;

  // Makes every processor forget every guest: by address only a plan can say whose it is.
  static void flush_tlb(VirtAddr /*address*/) { flush_tlb(); }
  static void flush_tlb() {
    FlushScope scope;
    scope.everything = scope.every_space = true;
    Carrier::carry_out(scope);
  }
#endif
};

template <PagingHandler H>
using A64PageTable = PageTable64<A64PagingMetaData<Aarch64Range::lower>, A64PTE, H>;
template <PagingHandler H>
using A64UpperPageTable = PageTable64<A64PagingMetaData<Aarch64Range::upper>, A64PTE, H>;
template <PagingHandler H>
using A64El2PageTable = PageTable64<A64PagingMetaData<Aarch64Range::el2>, A64El2PTE, H>;
template <PagingHandler H>
using A64GuestPageTable = PageTable64<A64GuestPagingMetaData<48>, A64GuestPTE, H>;
template <PagingHandler H>
using A64GuestPageTable40 = PageTable64<A64GuestPagingMetaData<40>, A64GuestPTE, H>;

}  // namespace twinwalk
