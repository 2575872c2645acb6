// The flush carriers of AArch64: turn a FlushScope into TLBI and its barriers.
// docs/invalidation.md, tables 2.4, 2.5 and 3.5; Arm Architecture Reference Manual for A-profile,
// "TLB maintenance instructions" and "Ordering and completion of TLB maintenance instructions".
//
// What they rely on:
//  * The instructions are broadcast: every processor of the inner shareable domain is reached, and
//    nobody need interrupt another.
//  * A root is loaded under one ASID or VMID at a time, and one that is given to another root is
//    invalidated first. Then what any processor holds of a root that is loaded here is tagged with
//    the space in the root register or is global; of any other root the space is not the engine's
//    to know.
//  * The caller stays on this processor while one runs; of a guest's, in EL2 with HCR_EL2.TGE 0.
#pragma once

#include <concepts>
#include <cstdint>

#include "../api.hpp"
#include "../word.hpp"
#include "pages.hpp"

namespace twinwalk::aarch64 {

// TTBR0_EL1, TTBR1_EL1, TTBR0_EL2 or VTTBR_EL2: a root, and the ASID or VMID that it is used under
// (in EL2 there is none). What TCR_ELx.A1 selects is to hold the ASID.
class RootRegister {
 public:
  constexpr explicit RootRegister(std::uint64_t bits) : bits_(bits) {}
  constexpr RootRegister(PhysAddr root, std::uint64_t space)
      : bits_((space << 48) | (root.value & address_field)) {}

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr PhysAddr root() const { return PhysAddr(bits_ & address_field); }
  constexpr std::uint64_t space() const { return bits_ >> 48; }

 private:
  static constexpr std::uint64_t address_field = mask(47, 1);

  std::uint64_t bits_;
};

// The instructions that both carriers are made of. Tests run them on recording fakes.
template <class I>
concept Barriers = requires(I& cpu) {
  // TTBR0_EL1 or its like.
  { cpu.root_register() } -> std::convertible_to<std::uint64_t>;
  cpu.dsb_stores();  // DSB ISHST: walks see what was stored
  cpu.dsb();         // DSB ISH: what was invalidated is
  cpu.isb();
};

// Carries out a scope whose invalidations, if it demands any, are what `invalidate()` does.
template <Barriers I, class Invalidate>
constexpr void between_barriers(I& cpu, FlushScope const& scope, Invalidate invalidate) {
  if (!scope.demands_invalidation() && !scope.barrier) return;
  cpu.dsb_stores();
  if (scope.demands_invalidation()) {
    invalidate();
    cpu.dsb();
  }
  cpu.isb();
}

// TLBI takes an address as the number of its page.
constexpr std::uint64_t page_operand(std::uint64_t address) {
  return (address >> 12) & mask(43, 0);
}

// More pages than this and forgetting a whole space is cheaper: Linux takes whole spaces from as
// many pages as a table has entries.
inline constexpr std::uint64_t pages_max = 511;

// ---- Stage 1 ----

template <class I>
concept Stage1Instructions = Barriers<I> && requires(I& cpu, std::uint64_t word, bool last_level) {
  // Of one page in the space of the operand, or in every one; globals too. `last_level`: entries
  // for tables may stay.
  cpu.tlbi_page(word, last_level);
  cpu.tlbi_page_in_every_space(word, last_level);
  // Of one space, globals excepted; and everything.
  cpu.tlbi_space(word);
  cpu.tlbi_all();
};

template <Stage1Instructions I>
class Stage1Carrier {
 public:
  constexpr explicit Stage1Carrier(I& cpu) : cpu_(cpu) {}

  // When it returns, no processor uses anything that the scope covers, and walks see what is new.
  constexpr void carry_out(FlushScope const& scope) {
    between_barriers(cpu_, scope, [&] { invalidate(scope); });
  }

 private:
  constexpr void invalidate(FlushScope const& scope) {
    RootRegister const loaded(cpu_.root_register());
    bool const one_space = loaded.root().value == scope.root && !scope.every_space && !scope.global;
    std::uint64_t const space = loaded.space() << 48;
    if (scope.everything || page_count(scope) > pages_max) {
      if (one_space) {
        cpu_.tlbi_space(space);
      } else {
        cpu_.tlbi_all();
      }
      return;
    }
    for_each_page(scope, [&](std::uint64_t address) {
      std::uint64_t const page = page_operand(address);
      if (one_space) {
        cpu_.tlbi_page(space | page, !scope.table_changed);
      } else {
        cpu_.tlbi_page_in_every_space(page, !scope.table_changed);
      }
    });
  }

  I& cpu_;
};

// ---- Stage 2 ----

template <class I>
concept Stage2Instructions = Barriers<I> && requires(I& cpu, std::uint64_t word, bool last_level) {
  // Of one page of guest addresses in the current VMID; what was combined with stage 1 stays.
  cpu.tlbi_guest_page(word, last_level);
  // Of the current VMID: what was combined; both stages; and everything of every VMID.
  cpu.tlbi_combined();
  cpu.tlbi_guest();
  cpu.tlbi_every_guest();
};

template <Stage2Instructions I>
class Stage2Carrier {
 public:
  constexpr explicit Stage2Carrier(I& cpu) : cpu_(cpu) {}

  // When it returns, no processor uses anything that the scope covers, and walks see what is new.
  constexpr void carry_out(FlushScope const& scope) {
    between_barriers(cpu_, scope, [&] { invalidate(scope); });
  }

 private:
  constexpr void invalidate(FlushScope const& scope) {
    bool const current = RootRegister(cpu_.root_register()).root().value == scope.root;
    if (!current || scope.every_space) {
      cpu_.tlbi_every_guest();
      return;
    }
    if (scope.everything || page_count(scope) > pages_max) {
      cpu_.tlbi_guest();
      return;
    }
    for_each_page(scope, [&](std::uint64_t address) {
      cpu_.tlbi_guest_page(page_operand(address), !scope.table_changed);
    });
    // Combined entries are known by the guest's own addresses, which nobody can tell from here; and
    // they go only once those that they could be made of again are gone.
    cpu_.dsb();
    cpu_.tlbi_combined();
  }

  I& cpu_;
};

#if defined(__aarch64__)

struct LocalBarriers {
  static void dsb_stores() { asm volatile("dsb ishst" : : : "memory"); }
  static void dsb() { asm volatile("dsb ish" : : : "memory"); }
  static void isb() { asm volatile("isb" : : : "memory"); }
};

// The processor this runs on, in EL1: the lower range, or the upper one.
struct LocalKernel : LocalBarriers {
  static void tlbi_page(std::uint64_t operand, bool last_level) {
    if (last_level) {
      asm volatile("tlbi vale1is, %0" : : "r"(operand) : "memory");
    } else {
      asm volatile("tlbi vae1is, %0" : : "r"(operand) : "memory");
    }
  }
  static void tlbi_page_in_every_space(std::uint64_t operand, bool last_level) {
    if (last_level) {
      asm volatile("tlbi vaale1is, %0" : : "r"(operand) : "memory");
    } else {
      asm volatile("tlbi vaae1is, %0" : : "r"(operand) : "memory");
    }
  }
  static void tlbi_space(std::uint64_t operand) {
    asm volatile("tlbi aside1is, %0" : : "r"(operand) : "memory");
  }
  static void tlbi_all() { asm volatile("tlbi vmalle1is" : : : "memory"); }
};
struct LocalLowerRange : LocalKernel {
  static std::uint64_t root_register() {
    std::uint64_t value = 0;
    asm volatile("mrs %0, ttbr0_el1" : "=r"(value));
    return value;
  }
};
struct LocalUpperRange : LocalKernel {
  static std::uint64_t root_register() {
    std::uint64_t value = 0;
    asm volatile("mrs %0, ttbr1_el1" : "=r"(value));
    return value;
  }
};

// In EL2, whose own translations have no space.
struct LocalEl2 : LocalBarriers {
  static std::uint64_t root_register() {
    std::uint64_t value = 0;
    asm volatile("mrs %0, ttbr0_el2" : "=r"(value));
    return value;
  }
  static void tlbi_page(std::uint64_t operand, bool last_level) {
    tlbi_page_in_every_space(operand & mask(43, 0), last_level);
  }
  static void tlbi_page_in_every_space(std::uint64_t operand, bool last_level) {
    if (last_level) {
      asm volatile("tlbi vale2is, %0" : : "r"(operand) : "memory");
    } else {
      asm volatile("tlbi vae2is, %0" : : "r"(operand) : "memory");
    }
  }
  static void tlbi_space(std::uint64_t /*operand*/) { tlbi_all(); }
  static void tlbi_all() { asm volatile("tlbi alle2is" : : : "memory"); }
};

// In EL2, for guests.
struct LocalHypervisor : LocalBarriers {
  static std::uint64_t root_register() {
    std::uint64_t value = 0;
    asm volatile("mrs %0, vttbr_el2" : "=r"(value));
    return value;
  }
  static void tlbi_guest_page(std::uint64_t operand, bool last_level) {
    if (last_level) {
      asm volatile("tlbi ipas2le1is, %0" : : "r"(operand) : "memory");
    } else {
      asm volatile("tlbi ipas2e1is, %0" : : "r"(operand) : "memory");
    }
  }
  static void tlbi_combined() { asm volatile("tlbi vmalle1is" : : : "memory"); }
  static void tlbi_guest() { asm volatile("tlbi vmalls12e1is" : : : "memory"); }
  static void tlbi_every_guest() { asm volatile("tlbi alle1is" : : : "memory"); }
};

// The carriers that DirectMap uses where the user says nothing.
template <class Cpu>
struct LocalStage1Carrier {
  static void carry_out(FlushScope const& scope) {
    Cpu cpu;
    Stage1Carrier<Cpu>(cpu).carry_out(scope);
  }
};
struct LocalStage2Carrier {
  static void carry_out(FlushScope const& scope) {
    LocalHypervisor cpu;
    Stage2Carrier<LocalHypervisor>(cpu).carry_out(scope);
  }
};

#endif

}  // namespace twinwalk::aarch64
