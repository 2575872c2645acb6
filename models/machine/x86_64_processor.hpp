// What the instructions of an x86-64 processor that invalidate take from what it may hold
// (docs/invalidation.md, 3.2; Intel SDM vol. 3A, 4.10.4.1), over the stale facts of the TLB model.
//
// Each drops the least that the manuals promise: INVLPG the translations of one address and, as on
// AMD with EFER.TCE, the table entries that lead there, MOV CR3 one context.
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/machine/stale_fact.hpp"

namespace twinwalk::models {

// One processor, as the `Instructions` of a flush carrier see it. With PCIDs on, each address space
// has the PCID of its number plus one; with PCIDs off there is one context, and what it holds is
// the loaded space's, for loading another root dropped the rest.
template <class Tlb>
class X86_64Processor {
 public:
  struct Features {
    bool pcid = false;
    bool invpcid = false;
  };

  void reset(Tlb& tlb, int number, Features features) {
    tlb_ = &tlb;
    number_ = number;
    features_ = features;
    cr3_ = 0;
    cr4_ = global_enable | (features.pcid ? pcid_enable : 0);
    loaded_ = none;
  }

  // ---- What the kernel does beside flushing ----------------------------------------------------

  // Loads the root of a space, as cheaply as its PCID allows.
  void load(int space, std::uint64_t root) {
    if (space == loaded_) return;
    loaded_ = space;
    write_cr3(root | (features_.pcid ? pcid_of(space) | no_flush : 0));
  }
  // Loads a root of the kernel's own, that is no space's.
  void unload() {
    loaded_ = none;
    write_cr3(features_.pcid ? no_flush : 0);
  }
  int loaded() const { return loaded_; }
  // Without PCIDs nothing that was read for a space that is not loaded is held.
  void drop_what_is_not_loaded() {
    if (features_.pcid) return;
    forget_everything(loaded_ == none ? all_spaces : all_spaces & ~(1U << loaded_), false);
  }

  // ---- Instructions ----------------------------------------------------------------------------

  std::uint64_t read_cr3() const { return cr3_; }
  std::uint64_t read_cr4() const { return cr4_; }
  bool has_invpcid() const { return features_.invpcid; }

  void write_cr3(std::uint64_t value) {
    cr3_ = value & ~no_flush;
    if (features_.pcid && (value & no_flush) != 0) return;
    forget_everything(context(cr3_ & pcid_field), false);
  }
  void write_cr4(std::uint64_t value) {
    if (((value ^ cr4_) & global_enable) != 0) forget_everything(all_spaces, true);
    cr4_ = value;
  }
  void invlpg(std::uint64_t address) { forget_address(address, context(cr3_ & pcid_field), true); }
  template <class Type>
  void invpcid(Type type, std::uint64_t pcid, std::uint64_t address) {
    switch (static_cast<int>(type)) {
      case 0:
        return forget_address(address, context(pcid), false);
      case 1:
        return forget_everything(context(pcid), false);
      case 2:
        return forget_everything(all_spaces, true);
      default:
        return forget_everything(all_spaces, false);
    }
  }

 private:
  static constexpr std::uint64_t no_flush = std::uint64_t{1} << 63;      // in CR3, with PCIDs on
  static constexpr std::uint64_t pcid_field = 0xfff;                     // of CR3
  static constexpr std::uint64_t global_enable = std::uint64_t{1} << 7;  // CR4.PGE
  static constexpr std::uint64_t pcid_enable = std::uint64_t{1} << 17;   // CR4.PCIDE
  static constexpr std::uint32_t all_spaces = (1U << spaces_max) - 1;
  static constexpr int none = -1;

  static std::uint64_t pcid_of(int space) { return static_cast<std::uint64_t>(space) + 1; }
  // The spaces whose entries bear a PCID.
  std::uint32_t context(std::uint64_t pcid) const {
    if (!features_.pcid) return all_spaces;
    return pcid == 0 || pcid > spaces_max ? 0 : 1U << (pcid - 1);
  }

  void forget_address(std::uint64_t address, std::uint32_t spaces, bool global) {
    FlushScope scope;
    scope.table_changed = true;
    scope.global = global;
    scope.range_count = 1;
    scope.ranges[0] = {address, address, PageSize::Size4K};
    forget(scope, spaces);
  }
  void forget_everything(std::uint32_t spaces, bool global) {
    FlushScope scope;
    scope.everything = true;
    scope.global = global;
    forget(scope, spaces);
  }
  void forget(FlushScope const& scope, std::uint32_t spaces) {
    std::uint32_t const me = 1U << number_;
    tlb_->forget(scope, holders(me, spaces), holders(me, all_spaces));
  }

  Tlb* tlb_ = nullptr;
  int number_ = 0;
  Features features_;
  std::uint64_t cr3_ = 0;
  std::uint64_t cr4_ = 0;
  int loaded_ = none;
};

}  // namespace twinwalk::models
