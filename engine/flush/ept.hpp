// The flush carrier of EPT: turns a FlushScope into INVEPT on the processor it runs on.
// docs/invalidation.md, tables 2.2 and 3.3; Intel SDM vol. 3C, "INVEPT".
//
// There is no INVEPT by address, and INVVPID and INVLPG do not reach guest-physical mappings. So
// whatever a plan names, all of its tree is forgotten, or every tree where it concerns more than
// one. Every logical processor that may have used the tree must run it: who has more than one gives
// DirectMap an `invalidate` of his own.
#pragma once

#include <concepts>
#include <cstdint>

#include "../api.hpp"
#include "../word.hpp"

namespace twinwalk::ept {

// What INVEPT drops.
enum class Invept : std::uint64_t {
  single_context = 1,  // what was made of the tree of one EPT pointer
  all_context = 2,     // everything
};

// Bits of IA32_VMX_EPT_VPID_CAP (MSR 48CH; Intel SDM vol. 3D, appendix A.10).
namespace capability {
inline constexpr std::uint64_t execute_only = bit(0);
inline constexpr std::uint64_t walk_of_4 = bit(6);
inline constexpr std::uint64_t walk_of_5 = bit(7);
inline constexpr std::uint64_t uncacheable = bit(8);
inline constexpr std::uint64_t write_back = bit(14);
inline constexpr std::uint64_t pages_of_2m = bit(16);
inline constexpr std::uint64_t pages_of_1g = bit(17);
inline constexpr std::uint64_t invept = bit(20);
inline constexpr std::uint64_t accessed_dirty = bit(21);
inline constexpr std::uint64_t shadow_stack = bit(23);
inline constexpr std::uint64_t invept_single_context = bit(25);
inline constexpr std::uint64_t invept_all_context = bit(26);
}  // namespace capability

// The instructions a carrier is made of. Tests run it on a recording fake.
template <class I>
concept Instructions = requires(I& cpu, std::uint64_t word, Invept type) {
  // IA32_VMX_EPT_VPID_CAP.
  { cpu.capabilities() } -> std::convertible_to<std::uint64_t>;
  // invept(type, EPT pointer): whether the processor took it.
  { cpu.invept(type, word) } -> std::convertible_to<bool>;
};

// `Levels` is the length of the walk of the trees it is for.
template <Instructions I, int Levels>
class Carrier {
 public:
  constexpr explicit Carrier(I& cpu) : cpu_(cpu) {}

  // When it returns, this processor uses nothing that the scope covers.
  constexpr void carry_out(FlushScope const& scope) {
    // An entry that was not present, or was misconfigured, is never cached.
    if (!scope.demands_invalidation()) return;
    std::uint64_t const known = cpu_.capabilities();
    bool const one_tree = !scope.every_space && (known & capability::invept_single_context) != 0;
    if (one_tree && cpu_.invept(Invept::single_context, pointer_to(scope.root, known))) return;
    cpu_.invept(Invept::all_context, 0);
  }

 private:
  // Only bits 51:12 say which tree is meant, but the instruction fails unless the others could be
  // those of a VM entry: a memory type that there is, and no A/D, which need not be there.
  static constexpr std::uint64_t pointer_to(std::uint64_t root, std::uint64_t known) {
    std::uint64_t const type = (known & capability::write_back) != 0 ? 6 : 0;
    return (root & mask(51, 12)) | (std::uint64_t{Levels - 1} << 3) | type;
  }

  I& cpu_;
};

#if defined(__x86_64__)

// The processor this runs on, in VMX root operation at privilege level 0.
struct LocalProcessor {
  static std::uint64_t capabilities() {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0x48c));
    return (std::uint64_t{high} << 32) | low;
  }
  static bool invept(Invept type, std::uint64_t pointer) {
    struct {
      std::uint64_t pointer, reserved;
    } const descriptor{pointer, 0};
    bool failed = false;
    asm volatile("invept %1, %2" : "=@ccbe"(failed) : "m"(descriptor), "r"(type) : "memory");
    return !failed;
  }
};

// The carrier that DirectMap uses where the user says nothing.
template <int Levels>
struct LocalCarrier {
  static void carry_out(FlushScope const& scope) {
    LocalProcessor cpu;
    Carrier<LocalProcessor, Levels>(cpu).carry_out(scope);
  }
};

#endif

}  // namespace twinwalk::ept
