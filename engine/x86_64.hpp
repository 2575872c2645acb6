// Everything for x86-64 in one header: X64PageTable<H> (4 levels) and X64PageTable5<H> (5 levels)
// over a handler of three static functions, their entries, and the parts of a virtual address.
//
// Installed as <twinwalk/x86_64.hpp>.
#pragma once

#include <cstdint>

#include "api.hpp"
#include "direct_map.hpp"
#include "flush/x86_64.hpp"
#include "formats/x86_64.hpp"
#include "formats/x86_64_entries.hpp"
#include "geometry.hpp"
#include "neutral_entry.hpp"
#include "page_table64.hpp"
#include "word.hpp"

namespace twinwalk {

// ---- The parts of a virtual address (Intel SDM vol. 3A, figure 4-8) ----

namespace x86 {
constexpr std::uint64_t index(int level, VirtAddr address) {
  return Geometry<X86_64<5>>::index<std::uint64_t>(level, address.value);
}
}  // namespace x86

constexpr std::uint64_t pml5_index(VirtAddr address) { return x86::index(5, address); }
constexpr std::uint64_t pml4_index(VirtAddr address) { return x86::index(4, address); }
constexpr std::uint64_t pdpt_index(VirtAddr address) { return x86::index(3, address); }
constexpr std::uint64_t pd_index(VirtAddr address) { return x86::index(2, address); }
constexpr std::uint64_t pt_index(VirtAddr address) { return x86::index(1, address); }
// The offset in a page of `size`.
constexpr std::uint64_t page_offset(VirtAddr address, PageSize size = PageSize::Size4K) {
  return address.value & (bytes(size) - 1);
}

// ---- Page tables ----

// An entry in neutral words; the format is the same with 4 and with 5 levels.
template <int Level>
using X64PTE = NeutralEntry<X86_64<5>, Level>;

template <int Levels>
struct X64PagingMetaData : PagingMetaDataOf<X86_64<Levels>> {
#if defined(__x86_64__)
  using Carrier = x86::LocalCarrier;

  // Makes this processor forget the page that holds `address`, in the current context.
  static void flush_tlb(VirtAddr address) { x86::LocalProcessor::invlpg(address.value); }
  // Makes it forget everything, globals and every context included.
  static void flush_tlb() {
    FlushScope scope;
    scope.everything = scope.every_space = scope.global = true;
    x86::LocalCarrier::carry_out(scope);
  }
#endif
};

template <PagingHandler H>
using X64PageTable = PageTable64<X64PagingMetaData<4>, X64PTE, H>;
template <PagingHandler H>
using X64PageTable5 = PageTable64<X64PagingMetaData<5>, X64PTE, H>;

}  // namespace twinwalk
