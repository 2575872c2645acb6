// Everything for AMD's nested page tables in one header: NestedPageTable<H> over a handler of three
// static functions, whose `invalidate` stores npt::tlb_control(plan) into the VMCBs that run on the
// tree. Addresses that are mapped are guest-physical; a VirtAddr holds them. The nested CR3 of a
// VMCB is the root's address.
//
// Installed as <twinwalk/npt.hpp>.
#pragma once

#include "flush/npt.hpp"
#include "formats/npt.hpp"
#include "neutral_entry.hpp"
#include "page_table64.hpp"

namespace twinwalk {

// An entry in neutral words.
template <int Level>
using NPTEntry = NeutralEntry<Npt, Level>;

using NestedPageTableMetadata = PagingMetaDataOf<Npt>;

template <PagingHandler H>
using NestedPageTable = PageTable64<NestedPageTableMetadata, NPTEntry, H>;

}  // namespace twinwalk
