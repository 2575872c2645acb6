// What AMD's processors are told to forget of nested page tables: the TLB_CONTROL field of a VMCB.
// docs/invalidation.md, tables 2.3 and 3.4; AMD APM vol. 2, 15.16.
//
// No instruction names a guest-physical address, and INVLPGA and TLB_CONTROL 7 leave what a guest
// calls global. So whatever a plan names, all of the guest's ASID is forgotten by the next VMRUN of
// each processor that ran it. Which VMCBs those are is the hypervisor's to know: his `invalidate`
// stores this into each of them, takes their processors out of the guest, and only then returns.
#pragma once

#include <cstdint>

#include "../api.hpp"

namespace twinwalk::npt {

enum class TlbControl : std::uint8_t {
  nothing = 0,
  everything = 1,  // of every ASID
  this_asid = 3,   // takes CPUID Fn8000_000A EDX bit 6, FlushByAsid
};

// What a plan demands of the guests that run on its tree. A plan for more than one tree concerns
// guests that the hypervisor may not know of here: everything is forgotten.
constexpr TlbControl tlb_control(FlushScope const& scope, bool flush_by_asid) {
  // An entry with P = 0 is never cached.
  if (!scope.demands_invalidation()) return TlbControl::nothing;
  return scope.every_space || !flush_by_asid ? TlbControl::everything : TlbControl::this_asid;
}

}  // namespace twinwalk::npt
