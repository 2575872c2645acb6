// The flush carrier of x86-64: turns a FlushScope into INVLPG, MOV CR3, INVPCID and a toggle of
// CR4.PGE on the processor it runs on. docs/invalidation.md, tables 2.1 and 3.2; Intel SDM vol. 3A,
// section 4.10.4 "Invalidation of TLBs and Paging-Structure Caches".
//
// What it relies on:
//  * The caller stays on this processor (no preemption, no migration) while it runs.
//  * A root is loaded under one PCID at a time on each processor. A PCID that is given to another
//    root, and a root that changes its PCID, are flushed when loaded (bit 63 of the new CR3 clear).
//    Then what this processor holds of the root in CR3 is tagged with the PCID in CR3 or global.
//  * Which PCID another root had is not the engine's to know: with PCIDs on, its plan empties every
//    context. Who knows more, or has more than one processor, gives DirectMap an `invalidate`.
#pragma once

#include <concepts>
#include <cstdint>

#include "../api.hpp"
#include "../word.hpp"
#include "pages.hpp"

namespace twinwalk::x86 {

// What INVPCID drops (Intel SDM vol. 2A, "INVPCID").
enum class Invpcid : std::uint64_t {
  address = 0,                   // one address in one PCID, globals excepted
  context = 1,                   // one PCID, globals excepted
  every_context_and_global = 2,  // everything
  every_context = 3,             // every PCID, globals excepted
};

// The instructions a carrier is made of. Tests run it on a recording fake.
template <class I>
concept Instructions = requires(I& cpu, std::uint64_t word, Invpcid type) {
  { cpu.read_cr3() } -> std::convertible_to<std::uint64_t>;
  { cpu.read_cr4() } -> std::convertible_to<std::uint64_t>;
  cpu.write_cr3(word);
  cpu.write_cr4(word);
  cpu.invlpg(word);
  // CPUID.(EAX=7,ECX=0):EBX bit 10.
  { cpu.has_invpcid() } -> std::convertible_to<bool>;
  // invpcid(type, pcid, address)
  cpu.invpcid(type, word, word);
};

template <Instructions I>
class Carrier {
 public:
  // More pages than this and forgetting everything is cheaper: an INVLPG costs on the order of a
  // hundred cycles, refilling a flushed TLB some thousands.
  static constexpr std::uint64_t pages_max = 32;

  constexpr explicit Carrier(I& cpu) : cpu_(cpu) {}

  // When it returns, this processor uses nothing that the scope covers.
  constexpr void carry_out(FlushScope const& scope) {
    // Nothing is cached of what was not present, and INVLPG and its kin are their own barriers.
    if (!scope.demands_invalidation()) return;
    switch (reach_of(scope)) {
      case Reach::nothing:
        return;
      case Reach::this_context:
        if (scope.everything || page_count(scope) > pages_max) {
          forget_this_context(scope.global);
        } else {
          forget_pages(scope);
        }
        return;
      case Reach::every_context:
        forget_every_context(scope.global);
        return;
    }
  }

 private:
  static constexpr std::uint64_t root_field = mask(51, 12);
  static constexpr std::uint64_t no_flush = bit(63);      // in CR3, with PCIDs on
  static constexpr std::uint64_t global_enable = bit(7);  // CR4.PGE
  static constexpr std::uint64_t pcid_enable = bit(17);   // CR4.PCIDE

  // Which of this processor's translations a scope can concern.
  enum class Reach : std::uint8_t { nothing, this_context, every_context };

  // Without PCIDs, loading another root dropped all but globals, so a plan for a root that is not
  // loaded has only those to drop, and what is held belongs to the one context there is. With
  // PCIDs, INVLPG and MOV CR3 reach one context: what others may hold takes all of them.
  constexpr Reach reach_of(FlushScope const& scope) {
    bool const loaded = (cpu_.read_cr3() & root_field) == (scope.root & root_field);
    if ((cpu_.read_cr4() & pcid_enable) != 0) {
      return loaded && !scope.every_space ? Reach::this_context : Reach::every_context;
    }
    return loaded || scope.every_space || scope.global ? Reach::this_context : Reach::nothing;
  }

  // INVLPG drops the translations of the page that holds the address, global ones and all fragments
  // of a large page among them (the manual promises the fragments while the tables map the large
  // page; kernels rely on it just after, too), and the paging-structure entries of the current
  // context: all of them, or on AMD with EFER.TCE those on the way to the address. As an unlinked
  // table's whole span is in the range, either will do.
  constexpr void forget_pages(FlushScope const& scope) {
    for_each_page(scope, [this](std::uint64_t address) { cpu_.invlpg(address); });
  }

  // MOV CR3 drops the current context; globals survive it.
  constexpr void forget_this_context(bool global) {
    if (global) {
      forget_all();
    } else {
      cpu_.write_cr3(cpu_.read_cr3() & ~no_flush);
    }
  }

  constexpr void forget_every_context(bool global) {
    if (!global && cpu_.has_invpcid()) {
      cpu_.invpcid(Invpcid::every_context, 0, 0);
    } else {
      forget_all();
    }
  }

  // Any change of CR4.PGE drops everything, of every PCID, on processors without INVPCID too.
  constexpr void forget_all() {
    if (cpu_.has_invpcid()) {
      cpu_.invpcid(Invpcid::every_context_and_global, 0, 0);
      return;
    }
    std::uint64_t const cr4 = cpu_.read_cr4();
    cpu_.write_cr4(cr4 ^ global_enable);
    cpu_.write_cr4(cr4);
  }

  I& cpu_;
};

#if defined(__x86_64__)

// The processor this runs on; every instruction but CPUID demands privilege level 0.
struct LocalProcessor {
  static std::uint64_t read_cr3() {
    std::uint64_t value = 0;
    asm volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
    return value;
  }
  static void write_cr3(std::uint64_t value) {
    asm volatile("mov %0, %%cr3" : : "r"(value) : "memory");
  }
  static std::uint64_t read_cr4() {
    std::uint64_t value = 0;
    asm volatile("mov %%cr4, %0" : "=r"(value) : : "memory");
    return value;
  }
  static void write_cr4(std::uint64_t value) {
    asm volatile("mov %0, %%cr4" : : "r"(value) : "memory");
  }
  static void invlpg(std::uint64_t address) {
    asm volatile("invlpg (%0)" : : "r"(address) : "memory");
  }
  static void invpcid(Invpcid type, std::uint64_t pcid, std::uint64_t address) {
    struct {
      std::uint64_t pcid, address;
    } const descriptor{pcid, address};
    asm volatile("invpcid %0, %1" : : "m"(descriptor), "r"(type) : "memory");
  }
  static bool has_invpcid() {
    // CPUID leaves the guest where there is one, so it is asked once.
    static constinit int known = unknown;
    int state = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (state == unknown) {
      state = (cpuid_7_ebx() & bit(10)) != 0 ? present : absent;
      __atomic_store_n(&known, state, __ATOMIC_RELAXED);
    }
    return state == present;
  }

 private:
  static constexpr int unknown = 0;
  static constexpr int absent = 1;
  static constexpr int present = 2;

  static std::uint64_t cpuid_7_ebx() {
    std::uint32_t eax = 0;
    std::uint32_t ebx = 0;
    std::uint32_t ecx = 0;
    std::uint32_t edx = 0;
    asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    if (eax < 7) return 0;
    eax = 7;
    ecx = 0;
    asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return ebx;
  }
};

// The carrier that DirectMap uses where the user says nothing.
struct LocalCarrier {
  static void carry_out(FlushScope const& scope) {
    LocalProcessor cpu;
    Carrier<LocalProcessor>(cpu).carry_out(scope);
  }
};

#endif

}  // namespace twinwalk::x86
