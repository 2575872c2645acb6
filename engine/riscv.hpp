// Everything for RISC-V in one header: Sv39PageTable<H>, Sv48PageTable<H> and Sv57PageTable<H>, and
// for the guests of a hypervisor Sv39x4PageTable<H> and so on, over a handler of three static
// functions (a second stage also takes one for frames of 16K, its roots); their entries; and
// riscv::RootRegister, which makes satp and hgatp. What a second stage maps are guest-physical
// addresses; a VirtAddr holds them.
//
// Installed as <twinwalk/riscv.hpp>.
#pragma once

#include <type_traits>

#include "api.hpp"
#include "direct_map.hpp"
#include "flush/riscv.hpp"
#include "formats/riscv.hpp"
#include "neutral_entry.hpp"
#include "page_table64.hpp"

namespace twinwalk {

// An entry in neutral words; the format is the same with 3, 4 and 5 levels.
template <int Level>
using Rv64PTE = NeutralEntry<Riscv<5>, Level>;
template <int Level>
using Rv64GuestPTE = NeutralEntry<Riscv<5, RiscvStage::second>, Level>;

template <int Levels, RiscvStage Stage>
struct RiscvMetaData : PagingMetaDataOf<Riscv<Levels, Stage>> {
#if defined(__riscv) && __riscv_xlen == 64
  using Hart =
      std::conditional_t<Stage == RiscvStage::second, riscv::LocalHypervisor, riscv::LocalHart>;
  using Carrier = riscv::LocalCarrier<Hart>;

  // Makes this hart forget the page that holds `address`, in every space.
  static void flush_tlb(VirtAddr address) { Hart::fence_page(address.value); }
  // Makes it forget everything.
  static void flush_tlb() { Hart::fence(); }
#endif
};
using Sv39MetaData = RiscvMetaData<3, RiscvStage::first>;
using Sv48MetaData = RiscvMetaData<4, RiscvStage::first>;
using Sv57MetaData = RiscvMetaData<5, RiscvStage::first>;
using Sv39x4MetaData = RiscvMetaData<3, RiscvStage::second>;
using Sv48x4MetaData = RiscvMetaData<4, RiscvStage::second>;
using Sv57x4MetaData = RiscvMetaData<5, RiscvStage::second>;

template <PagingHandler H>
using Sv39PageTable = PageTable64<Sv39MetaData, Rv64PTE, H>;
template <PagingHandler H>
using Sv48PageTable = PageTable64<Sv48MetaData, Rv64PTE, H>;
template <PagingHandler H>
using Sv57PageTable = PageTable64<Sv57MetaData, Rv64PTE, H>;
template <PagingHandler H>
using Sv39x4PageTable = PageTable64<Sv39x4MetaData, Rv64GuestPTE, H>;
template <PagingHandler H>
using Sv48x4PageTable = PageTable64<Sv48x4MetaData, Rv64GuestPTE, H>;
template <PagingHandler H>
using Sv57x4PageTable = PageTable64<Sv57x4MetaData, Rv64GuestPTE, H>;

}  // namespace twinwalk
