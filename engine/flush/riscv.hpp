// The flush carriers of RISC-V: turn a FlushScope into SFENCE.VMA, or for a second stage into
// HFENCE.GVMA, on the hart it runs on. docs/invalidation.md, tables 2.6 and 3.6; the RISC-V
// Instruction Set Manual, volume II, "Supervisor Memory-Management Fence Instruction" and
// "Hypervisor Memory-Management Fence Instructions".
//
// What it relies on:
//  * The caller stays on this hart while it runs. A fence concerns this hart alone: who has more
//    gives DirectMap an `invalidate` that asks the others to fence, too (SBI, "RFENCE").
//  * A root is loaded under one ASID or VMID at a time, and one that is given to another root is
//    fenced first. Then what this hart holds of the root that is loaded is tagged with the space in
//    the root register or is global. Of any other root the space is not the engine's to know.
//  * The fence follows the stores, which it orders before the walks to come; no other is needed.
#pragma once

#include <concepts>
#include <cstdint>

#include "../api.hpp"
#include "../word.hpp"
#include "pages.hpp"

namespace twinwalk::riscv {

// satp or hgatp: MODE, ASID or VMID, and the number of the root's first page.
class RootRegister {
 public:
  constexpr explicit RootRegister(std::uint64_t bits) : bits_(bits) {}
  // Of a tree of 3, 4 or 5 levels: Sv39, Sv48 or Sv57, or of a second stage Sv39x4, Sv48x4 or
  // Sv57x4, whose MODEs are the same. `space` is what the hart has bits for: at most 16 in satp, 14
  // in hgatp.
  constexpr RootRegister(PhysAddr root, int levels, std::uint64_t space)
      : bits_((static_cast<std::uint64_t>(levels + 5) << 60) | ((space << 44) & space_field) |
              ((root.value >> 12) & page_field)) {}

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr PhysAddr root() const { return PhysAddr((bits_ & page_field) << 12); }
  constexpr std::uint64_t space() const { return (bits_ & space_field) >> 44; }
  // Whether the hart walks this tree; with MODE 0 it walks none.
  constexpr bool walks(std::uint64_t root_address) const {
    return (bits_ >> 60) != 0 && root().value == root_address;
  }

 private:
  static constexpr std::uint64_t space_field = mask(59, 44);  // bits 59:58 of hgatp are 0
  static constexpr std::uint64_t page_field = mask(43, 0);

  std::uint64_t bits_;
};

// The instructions a carrier is made of. Tests run it on a recording fake.
template <class I>
concept Instructions = requires(I& hart, std::uint64_t word) {
  // satp; of a second stage hgatp.
  { hart.root_register() } -> std::convertible_to<std::uint64_t>;
  // Every address in every space, globals included.
  hart.fence();
  // fence_space(space): every address, globals excepted.
  hart.fence_space(word);
  // fence_page(address): in every space, globals included; entries for tables may stay.
  hart.fence_page(word);
  // fence_page_in(space, address): globals excepted; entries for tables may stay.
  hart.fence_page_in(word, word);
};

// With Svvptc a hart sees a new entry within a bounded time, and nobody need fence for it.
enum class NewEntries : bool { owe_a_fence, are_seen_in_time };

template <Instructions I, NewEntries Seen = NewEntries::owe_a_fence>
class Carrier {
 public:
  // More pages than this and forgetting a whole space is cheaper; Linux takes the same number.
  static constexpr std::uint64_t pages_max = 64;

  constexpr explicit Carrier(I& hart) : hart_(hart) {}

  // When it returns, this hart uses nothing that the scope covers, and sees what is new.
  constexpr void carry_out(FlushScope const& scope) {
    bool const fence = scope.fence && Seen == NewEntries::owe_a_fence;
    if (!scope.demands_invalidation() && !fence) return;
    RootRegister const loaded(hart_.root_register());
    bool const one_space = loaded.walks(scope.root) && !scope.every_space && !scope.global;
    // A fence for an address leaves entries for tables alone, and where the new ones are a plan
    // does not say.
    bool const every_address =
        scope.everything || scope.table_changed || fence || page_count(scope) > pages_max;
    if (every_address) {
      if (one_space) {
        hart_.fence_space(loaded.space());
      } else {
        hart_.fence();
      }
      return;
    }
    for_each_page(scope, [&](std::uint64_t address) {
      if (one_space) {
        hart_.fence_page_in(loaded.space(), address);
      } else {
        hart_.fence_page(address);
      }
    });
  }

 private:
  I& hart_;
};

#if defined(__riscv) && __riscv_xlen == 64

// The hart this runs on, in supervisor mode.
struct LocalHart {
  static std::uint64_t root_register() {
    std::uint64_t value = 0;
    asm volatile("csrr %0, satp" : "=r"(value) : : "memory");
    return value;
  }
  static void fence() { asm volatile("sfence.vma" : : : "memory"); }
  static void fence_space(std::uint64_t space) {
    asm volatile("sfence.vma zero, %0" : : "r"(space) : "memory");
  }
  static void fence_page(std::uint64_t address) {
    asm volatile("sfence.vma %0" : : "r"(address) : "memory");
  }
  static void fence_page_in(std::uint64_t space, std::uint64_t address) {
    asm volatile("sfence.vma %0, %1" : : "r"(address), "r"(space) : "memory");
  }
};

// The same for guests, in HS-mode. HFENCE.GVMA takes addresses of guests without their two lowest
// bits; it is spelled by its fields, for an assembler may not have been told of the hypervisor
// extension. HFENCE.VVMA would leave everything of a second stage.
struct LocalHypervisor {
  static std::uint64_t root_register() {
    std::uint64_t value = 0;
    asm volatile("csrr %0, 0x680" : "=r"(value) : : "memory");  // hgatp
    return value;
  }
  static void fence() { asm volatile(".insn r 0x73, 0, 0x31, x0, x0, x0" : : : "memory"); }
  static void fence_space(std::uint64_t space) {
    asm volatile(".insn r 0x73, 0, 0x31, x0, x0, %0" : : "r"(space) : "memory");
  }
  static void fence_page(std::uint64_t address) {
    asm volatile(".insn r 0x73, 0, 0x31, x0, %0, x0" : : "r"(address >> 2) : "memory");
  }
  static void fence_page_in(std::uint64_t space, std::uint64_t address) {
    asm volatile(".insn r 0x73, 0, 0x31, x0, %0, %1" : : "r"(address >> 2), "r"(space) : "memory");
  }
};

// The carrier that DirectMap uses where the user says nothing.
template <class Hart>
struct LocalCarrier {
  static void carry_out(FlushScope const& scope) {
    Hart hart;
    Carrier<Hart>(hart).carry_out(scope);
  }
};

#endif

}  // namespace twinwalk::riscv
