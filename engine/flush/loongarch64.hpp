// The flush carrier of LoongArch64: turns a FlushScope into INVTLB on the processor it runs on.
// docs/invalidation.md, tables 2.7 and 3.7; LoongArch Reference Manual, volume 1, "INVTLB".
//
// What it relies on:
//  * The caller stays on this processor while it runs. INVTLB concerns this one alone: who has more
//    gives DirectMap an `invalidate` that asks the others to run it, too.
//  * A root is loaded under one ASID at a time, in PGDL, PGDH or both, and one that is given to
//    another root is invalidated first. Then what this processor holds of a root that is loaded is
//    tagged with the ASID in CSR.ASID or is global. Of any other root the ASID is not the engine's
//    to know, and no INVTLB takes an address and every ASID.
#pragma once

#include <concepts>
#include <cstdint>

#include "../api.hpp"
#include "../word.hpp"
#include "pages.hpp"

namespace twinwalk::loongarch64 {

// The instructions a carrier is made of. Tests run it on a recording fake.
template <class I>
concept Instructions = requires(I& cpu, std::uint64_t word) {
  { cpu.low_root() } -> std::convertible_to<std::uint64_t>;   // CSR.PGDL
  { cpu.high_root() } -> std::convertible_to<std::uint64_t>;  // CSR.PGDH
  { cpu.space() } -> std::convertible_to<std::uint64_t>;      // CSR.ASID
  // DBAR 0: what was stored comes before the refills to come.
  cpu.barrier();
  // INVTLB 0: everything.
  cpu.forget();
  // forget_space(asid), INVTLB 4: every address, globals excepted.
  cpu.forget_space(word);
  // forget_page(asid, address), INVTLB 5: the page and its other half, globals excepted.
  cpu.forget_page(word, word);
  // forget_page_or_global(asid, address), INVTLB 6: the same with globals.
  cpu.forget_page_or_global(word, word);
};

// Who walks the tables: a walker in hardware may hold directory entries, and under no ASID;
// software holds none.
enum class Walks : bool { software, hardware };

template <Instructions I, Walks By = Walks::hardware>
class Carrier {
 public:
  // More pages than this and forgetting a whole space is cheaper.
  static constexpr std::uint64_t pages_max = 64;

  constexpr explicit Carrier(I& cpu) : cpu_(cpu) {}

  // When it returns, this processor uses nothing that the scope covers, and sees what is new.
  constexpr void carry_out(FlushScope const& scope) {
    if (!scope.demands_invalidation() && !scope.fence) return;
    cpu_.barrier();
    bool const loaded = cpu_.low_root() == scope.root || cpu_.high_root() == scope.root;
    bool const tables =
        By == Walks::hardware && scope.table_changed && scope.demands_invalidation();
    if (!loaded || scope.every_space || tables) {
      cpu_.forget();
      return;
    }
    // Which pages are paired with new ones a plan does not say.
    bool const every_address =
        scope.everything || scope.table_changed || scope.fence || page_count(scope) > pages_max;
    if (!every_address) {
      forget_pages(scope);
    } else if (scope.global) {
      cpu_.forget();
    } else {
      cpu_.forget_space(cpu_.space());
    }
  }

 private:
  constexpr void forget_pages(FlushScope const& scope) {
    std::uint64_t const space = cpu_.space();
    for_each_page(scope, [&](std::uint64_t address) {
      if (scope.global) {
        cpu_.forget_page_or_global(space, address);
      } else {
        cpu_.forget_page(space, address);
      }
    });
  }

  I& cpu_;
};

#if defined(__loongarch64)

// The processor this runs on, at privilege level 0.
struct LocalCpu {
  static std::uint64_t low_root() { return read<0x19>(); }
  static std::uint64_t high_root() { return read<0x1a>(); }
  static std::uint64_t space() { return read<0x18>() & mask(9, 0); }
  static void barrier() { asm volatile("dbar 0" : : : "memory"); }
  static void forget() { asm volatile("invtlb 0x0, $zero, $zero" : : : "memory"); }
  static void forget_space(std::uint64_t space) {
    asm volatile("invtlb 0x4, %0, $zero" : : "r"(space) : "memory");
  }
  static void forget_page(std::uint64_t space, std::uint64_t address) {
    asm volatile("invtlb 0x5, %0, %1" : : "r"(space), "r"(address) : "memory");
  }
  static void forget_page_or_global(std::uint64_t space, std::uint64_t address) {
    asm volatile("invtlb 0x6, %0, %1" : : "r"(space), "r"(address) : "memory");
  }

 private:
  template <int Csr>
  static std::uint64_t read() {
    std::uint64_t value = 0;
    asm volatile("csrrd %0, %1" : "=r"(value) : "i"(Csr) : "memory");
    return value;
  }
};

// The carrier that DirectMap uses where the user says nothing.
struct LocalCarrier {
  static void carry_out(FlushScope const& scope) {
    LocalCpu cpu;
    Carrier<LocalCpu>(cpu).carry_out(scope);
  }
};

#endif

}  // namespace twinwalk::loongarch64
