// Everything for LoongArch64 in one header: LA64PageTable<H> over a handler of three static
// functions, its entries, and what the registers of a walk are to hold.
//
// Before the first table is made a frame has to become the void, once:
//
//   loongarch64::fill_void(words_of_the_frame, frame);
//   auto table = LA64PageTable<H>::try_new({.physical_bits = 48, .void_frame = frame});
//
// Installed as <twinwalk/loongarch64.hpp>.
#pragma once

#include <cstdint>

#include "api.hpp"
#include "direct_map.hpp"
#include "flush/loongarch64.hpp"
#include "formats/loongarch64.hpp"
#include "neutral_entry.hpp"
#include "page_table64.hpp"

namespace twinwalk {

namespace loongarch64 {

// CSR.PWCL and CSR.PWCH for these tables: 9 bits each at 12, 21, 30 and 39, entries of 8 bytes.
// Software walks them; with bit 24 of PWCH hardware does, where it can.
inline constexpr std::uint64_t walk_low = 12 | 9 << 5 | 21 << 10 | 9 << 15 | 30 << 20 | 9 << 25;
inline constexpr std::uint64_t walk_high = 39 | 9 << 6;
inline constexpr std::uint64_t hardware_walk = bit(24);

// Makes the void of a frame, whose words are at `words`: a directory that leads to itself, and of
// pages that are not there. Nobody may walk it before, and nobody writes to it afterwards.
inline void fill_void(std::uint64_t* words, PhysAddr frame) {
  for (int i = 0; i < 512; ++i) words[i] = frame.value;
}

}  // namespace loongarch64

// An entry in neutral words.
template <int Level>
using LA64PTE = NeutralEntry<LoongArch64, Level>;

struct LA64MetaData : PagingMetaDataOf<LoongArch64> {
#if defined(__loongarch64)
  using Carrier = loongarch64::LocalCarrier;

  // Makes this processor forget the page that holds `address`, in the space that is loaded, or as a
  // global.
  static void flush_tlb(VirtAddr address) {
    using Cpu = loongarch64::LocalCpu;
    Cpu::barrier();
    Cpu::forget_page_or_global(Cpu::space(), address.value);
  }
  // Makes it forget everything.
  static void flush_tlb() {
    loongarch64::LocalCpu::barrier();
    loongarch64::LocalCpu::forget();
  }
#endif
};

template <PagingHandler H>
using LA64PageTable = PageTable64<LA64MetaData, LA64PTE, H>;

}  // namespace twinwalk
