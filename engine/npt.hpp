// Everything for AMD's nested page tables in one header: NestedPageTable<H> over a handler of three
// static functions, whose `invalidate` stores npt::tlb_control(plan) into the VMCBs that run on the
// tree. Addresses that are mapped are guest-physical; a VirtAddr holds them. The nested CR3 of a
// VMCB is the root's address.
//
// Installed as <twinwalk/npt.hpp>.
#pragma once

#include <cstdint>

#include "api.hpp"
#include "direct_map.hpp"
#include "flush/npt.hpp"
#include "formats/npt.hpp"
#include "neutral_entry.hpp"
#include "page_table64.hpp"
#include "word.hpp"

namespace twinwalk {

// An entry in neutral words.
template <int Level>
using NPTEntry = NeutralEntry<Npt, Level>;

struct NestedPageTableMetadata {
  using Format = Npt;
  using Carrier = NoCarrier;

  static constexpr int LEVELS = Format::levels;
  static constexpr int PA_MAX_BITS = 52;
  static constexpr int VA_MAX_BITS = Format::address_bits;
  static constexpr std::uint64_t PA_MAX_ADDR = mask(PA_MAX_BITS - 1, 0);

  // Whether any machine has such an address; what this one has is in its options.
  static constexpr bool paddr_is_valid(PhysAddr address) { return address.value <= PA_MAX_ADDR; }
  static constexpr bool vaddr_is_valid(VirtAddr address) {
    return Format::canonical(address.value);
  }
};

template <PagingHandler H>
using NestedPageTable = PageTable64<NestedPageTableMetadata, NPTEntry, H>;

}  // namespace twinwalk
