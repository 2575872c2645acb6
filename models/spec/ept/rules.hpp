// What a processor does with a path of extended page tables: which accesses the path's rights
// allow, how the VM exit says so, and which bits are set. Intel SDM vol. 3C, "EPT Translation
// Mechanism", "EPT-Induced VM Exits" and "Accessed and Dirty Flags for EPT".
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/ept/reading.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// Bits of the exit qualification of an EPT violation (SDM vol. 3C, table "Exit Qualification for
// EPT Violations").
namespace ept::violation {
inline constexpr std::uint64_t read = std::uint64_t{1} << 0;
inline constexpr std::uint64_t write = std::uint64_t{1} << 1;
inline constexpr std::uint64_t fetch = std::uint64_t{1} << 2;
inline constexpr int granted_lo = 3;  // what the entries used grant: R, W, X, XU in bits 3 to 6
inline constexpr std::uint64_t granted_user = std::uint64_t{1} << 6;
inline constexpr std::uint64_t linear = std::uint64_t{1} << 7;  // a guest linear address is known
inline constexpr std::uint64_t final_access = std::uint64_t{1} << 8;  // … and this is its access
}  // namespace ept::violation

struct EptRules : EptReading {
  // Whether a fetch is one of user mode goes by the guest's page, not by the processor's mode.
  static constexpr bool user_is_said_by_page = true;

  // The settings of a machine: which of A and D the processor sets is chosen with the EPT pointer,
  // for both at once.
  static constexpr Settings settings(MachineOptions const& options) {
    bool const both_set = options.hardware_updates == HardwareUpdates::accessed_and_dirty;
    return Settings({.physical_mask = mask(physical_bits(options) - 1, 0),
                     .gigabyte_pages = options.gigabyte_pages ? 1U : 0U,
                     .execute_only = options.execute_only ? 1U : 0U,
                     .mode_based_execute = options.mode_based_execute ? 1U : 0U,
                     .accessed_dirty = both_set ? 1U : 0U});
  }

  // MAXPHYADDR: no entry holds an address of more bits.
  static constexpr int physical_bits(MachineOptions const& options) {
    return options.physical_bits < ept::physical_bits_max ? options.physical_bits
                                                          : ept::physical_bits_max;
  }

  // What of an access the path's rights forbid, judged only after the whole walk succeeded: so a
  // misconfiguration further down comes before a right that is missing above.
  template <class Word>
  static constexpr Denial<Word> denial(SettingsOver<Word> const& settings, Access const& access,
                                       RightsOver<Word> const& rights, int /*level*/,
                                       Word /*leaf*/) {
    Word const granted = rights.readable | (rights.writable << 1) | (rights.executable << 2) |
                         (rights.executable_user << 3);
    return {right_denied(settings, access, rights), Word(0), granted};
  }

  // The VM exit of an access that ended in `refusal` at `level`: an EPT violation with its
  // qualification, or an EPT misconfiguration, which has none. A guest-physical address that no
  // entry selects is taken for one that nothing maps. What was granted is reported as nothing where
  // any entry was not present; bit 6 of it is undefined without mode-based execute control.
  static constexpr Fault fault(Settings const& settings, Access const& access, Refusal refusal,
                               int level, Denial<std::uint64_t> const& denied) {
    namespace v = ept::violation;
    if (refusal == Refusal::malformed) return {refusal, "MISCONFIG", 0, 0, level};
    std::uint64_t code = 0;
    if (asks_read(settings, access)) code |= v::read;
    if (asks_write(settings, access)) code |= v::write;
    if (access.kind == AccessKind::fetch) code |= v::fetch;
    code |= denied.granted << v::granted_lo;
    if (access.linear) code |= v::linear | (access.guest_walk ? 0 : v::final_access);
    bool const defined = settings.machine().mode_based_execute != 0;
    return {refusal, "VIOLATION", code, defined ? 0 : v::granted_user, level};
  }

  // The bits that the processor sets in an entry it used for an access that succeeded, whether they
  // are set already or not: none, or A everywhere and D in a leaf that was written, which every
  // access to a guest's own tables counts as.
  static constexpr std::uint64_t hardware_sets(Settings const& settings, Access const& access,
                                               int level, bool leaf) {
    if (settings.machine().accessed_dirty == 0) return 0;
    bool const dirties = leaf && (access.kind == AccessKind::write || access.guest_walk);
    return accessed_mask(level) | (dirties ? dirty_mask(level) : 0);
  }
  // Whether software must set a bit before the access can succeed; never on this architecture.
  static constexpr Refusal software_must_set(Settings const& /*settings*/, Access const& /*access*/,
                                             int /*level*/, std::uint64_t /*leaf*/) {
    return Refusal::none;
  }

 private:
  // With A/D flags a walk of the guest's tables for a linear address asks to read and to write;
  // without them it reads, and what sets the guest's own flags reads and writes.
  static constexpr bool asks_write(Settings const& settings, Access const& access) {
    if (access.kind == AccessKind::write) return true;
    return walks_writing(settings, access);
  }
  static constexpr bool asks_read(Settings const& settings, Access const& access) {
    if (access.kind == AccessKind::read || walks_writing(settings, access)) return true;
    return access.kind == AccessKind::write && access.guest_walk;
  }
  static constexpr bool walks_writing(Settings const& settings, Access const& access) {
    return access.guest_walk && access.linear && settings.machine().accessed_dirty != 0;
  }

  template <class Word>
  static constexpr Word right_denied(SettingsOver<Word> const& settings, Access const& access,
                                     RightsOver<Word> const& rights) {
    Word const tracked = settings.machine().accessed_dirty;
    Word const walks = Word(access.guest_walk && access.linear ? 1U : 0U) & tracked;
    Word const reads = Word(access.kind == AccessKind::read || access.guest_walk ? 1U : 0U);
    Word const writes = Word(access.kind == AccessKind::write ? 1U : 0U) | walks;
    Word const fetches = Word(access.kind == AccessKind::fetch ? 1U : 0U);
    Word const of_user = Word(access.user ? 1U : 0U) & settings.machine().mode_based_execute;
    Word const executable = select(truth<Word>(of_user), rights.executable_user, rights.executable);
    return (reads & flip<Word>(rights.readable)) | (writes & flip<Word>(rights.writable)) |
           (fetches & flip<Word>(executable));
  }
};

}  // namespace twinwalk::models
