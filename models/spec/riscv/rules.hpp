// What a hart does with a path: which accesses it allows, the exception otherwise, and which bits
// hardware sets. The RISC-V Instruction Set Manual, volume II, "Virtual Address Translation
// Process" and, for the second stage, "Guest Physical Address Translation".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/riscv/reading.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// Of a hart's own addresses (S and VS), or of a guest's physical ones (G).
enum class RiscvStage : std::uint8_t { first, second };

template <RiscvStage Stage>
struct RiscvRules : RiscvReading {
  static constexpr bool second = Stage == RiscvStage::second;

  // ---- What depends on the stage ----

  // Every access of the second stage is a user's: where U is 0 nothing is granted.
  template <class Word>
  static constexpr Word usable(RightsOver<Word> const& rights) {
    return second ? rights.user : Word(1);
  }
  // Which fetches rights allow, a bit for each kind of fetch that the processor tells apart.
  template <class Word>
  static constexpr Word fetches(SettingsOver<Word> const& /*settings*/,
                                RightsOver<Word> const& rights) {
    return rights.executable & usable(rights);
  }
  // Whether the translation is global; in the second stage the bit is ignored.
  template <class Word>
  static constexpr Word global(SettingsOver<Word> const& /*settings*/, int /*level*/, Word entry) {
    return second ? Word(0) : bit(entry, riscv::global_bit);
  }

  // ---- The machine ----

  // The settings of a machine as a kernel runs it: SUM and MXR off, no NAPOT, bits 60:59 reserved.
  static constexpr Settings settings(MachineOptions const& options) {
    bool const updates = options.hardware_updates == HardwareUpdates::accessed_and_dirty;
    return Settings({.physical_mask = mask(physical_bits(options) - 1, 0),
                     .svpbmt = options.page_memory_types ? 1U : 0U,
                     .updates = updates ? 1U : 0U});
  }
  // The width of the memory that there is: an entry has room for 56 bits.
  static constexpr int physical_bits(MachineOptions const& options) {
    return options.physical_bits < 56 ? options.physical_bits : 56;
  }

  // ---- Accesses ----

  // What of an access the leaf's rights forbid. Only loads that the guest itself makes are helped
  // by MXR, not what its walks read.
  template <class Word>
  static constexpr Denial<Word> denial(SettingsOver<Word> const& settings, Access const& access,
                                       RightsOver<Word> const& rights, int /*level*/,
                                       Word /*leaf*/) {
    Word const mxr = access.guest_walk ? Word(0) : settings.control.mxr;
    Word const loads = rights.readable | (rights.executable & mxr);
    Word const granted = access.kind == AccessKind::read    ? loads
                         : access.kind == AccessKind::write ? rights.writable
                                                            : rights.executable;
    return {flip<Word>(granted & user_allows(settings, access, rights)), Word(0)};
  }

  // The exception of an access that ended in `refusal` at `level`; whatever the reason, it is the
  // page fault, or guest-page fault, of the access; of a guest's walk, of the one it is made for.
  static constexpr Fault fault(Settings const& /*settings*/, Access const& access, Refusal refusal,
                               int level, Denial<std::uint64_t> const& /*denied*/) {
    constexpr std::array<std::string_view, 3> page{"PF-LOAD", "PF-STORE", "PF-FETCH"};
    constexpr std::array<std::string_view, 3> guest{"GPF-LOAD", "GPF-STORE", "GPF-FETCH"};
    constexpr std::array<std::uint64_t, 3> causes{13, 15, 12};
    auto const kind = static_cast<std::size_t>(access.guest_walk ? access.on_behalf : access.kind);
    if (second) return {refusal, guest[kind], causes[kind] + 8, 0, level};
    return {refusal, page[kind], causes[kind], 0, level};
  }

  // The bits that hardware sets in an entry it used for an access that succeeded: with Svadu, A and
  // for a store D of the leaf. Nothing is ever set in a pointer.
  static constexpr std::uint64_t hardware_sets(Settings const& settings, Access const& access,
                                               int level, bool leaf) {
    if (!leaf || settings.machine().updates == 0) return 0;
    return accessed_mask(level) | (access.kind == AccessKind::write ? dirty_mask(level) : 0);
  }
  // Whether software must set a bit before the access can succeed: with Svade, always.
  static constexpr Refusal software_must_set(Settings const& settings, Access const& access,
                                             int level, std::uint64_t leaf) {
    if (settings.machine().updates != 0) return Refusal::none;
    if (accessed(level, leaf) == 0) return Refusal::accessed_clear;
    if (access.kind == AccessKind::write && dirty(level, leaf) == 0) return Refusal::dirty_clear;
    return Refusal::none;
  }

 private:
  // User mode needs U; the supervisor fetches from no user page and uses its data with SUM.
  template <class Word>
  static constexpr Word user_allows(SettingsOver<Word> const& settings, Access const& access,
                                    RightsOver<Word> const& rights) {
    if (second || access.user) return rights.user;
    if (access.kind == AccessKind::fetch) return flip<Word>(rights.user);
    return flip<Word>(rights.user) | settings.control.sum;
  }
};

}  // namespace twinwalk::models
