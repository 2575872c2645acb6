// What an x86-64 processor does with a path of entries: which addresses have a translation, which
// accesses the path's rights allow, how the exception is encoded, and which bits hardware sets.
// Intel SDM vol. 3A, sections 4.5 to 4.8 (chapter 5 in editions since 2024).
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/reading.hpp"

namespace twinwalk::models {

// The bits of a page-fault error code (SDM vol. 3A, section 4.7) that ordinary paging sets.
namespace x86_64::page_fault {
inline constexpr std::uint64_t present = std::uint64_t{1} << 0;   // denied or reserved, not absent
inline constexpr std::uint64_t write = std::uint64_t{1} << 1;     // the access was a write
inline constexpr std::uint64_t user = std::uint64_t{1} << 2;      // … and made in user mode
inline constexpr std::uint64_t reserved = std::uint64_t{1} << 3;  // a reserved bit was set
inline constexpr std::uint64_t instruction = std::uint64_t{1}
                                             << 4;           // a fetch, where it is reported
inline constexpr std::uint64_t key = std::uint64_t{1} << 5;  // a protection key denied it
}  // namespace x86_64::page_fault

struct X86_64Rules : X86_64Reading {
  // The settings of a machine as a kernel runs it: WP and PGE on; keys on where the options have
  // them, with every key allowing everything; SMEP and SMAP off. `amd` also reserves what only AMD
  // reserves, which no engine may set.
  static constexpr Settings settings(MachineOptions const& options, bool amd = false) {
    X86_64Control control;
    control.global_pages = 1;
    control.user_keys = options.protection_keys ? 1 : 0;
    control.supervisor_keys = control.user_keys;
    return Settings({.physical_mask = mask(physical_bits(options) - 1, 0),
                     .no_execute = options.no_execute ? 1U : 0U,
                     .gigabyte_pages = options.gigabyte_pages ? 1U : 0U,
                     .amd = amd ? 1U : 0U},
                    control);
  }

  // MAXPHYADDR: no entry holds an address of more bits.
  static constexpr int physical_bits(MachineOptions const& options) {
    return options.physical_bits < x86_64::physical_bits_max ? options.physical_bits
                                                             : x86_64::physical_bits_max;
  }

  // Whether the access counts as one of user mode: what the processor does for itself never does.
  static constexpr bool is_user(Access const& access) { return access.user && !access.implicit; }

  // What of an access the path's rights and the leaf's key forbid (SDM 4.6). Judged only after the
  // whole walk succeeded.
  template <class Word>
  static constexpr Denial<Word> denial(SettingsOver<Word> const& settings, Access const& access,
                                       RightsOver<Word> const& rights, int level, Word leaf) {
    return {right_denied(settings, access, rights),
            key_denied(settings, access, rights, key(level, leaf))};
  }

  // The exception of an access that ended in `refusal` at `level`; `denied` matters when it was
  // denied. Which of two reasons for a denial is reported differs between processors: the key's bit
  // is then unspecified.
  static constexpr Fault fault(Settings const& settings, Access const& access, Refusal refusal,
                               int level, Denial<std::uint64_t> const& denied) {
    namespace pf = x86_64::page_fault;
    if (refusal == Refusal::non_canonical) return {refusal, "GP", 0, 0, 0};

    std::uint64_t code = 0;
    if (refusal != Refusal::not_present) code |= pf::present;
    if (refusal == Refusal::malformed) code |= pf::reserved;
    if (access.kind == AccessKind::write) code |= pf::write;
    if (is_user(access)) code |= pf::user;
    if (access.kind == AccessKind::fetch && reports_fetch(settings)) code |= pf::instruction;
    std::uint64_t unspecified = 0;
    if (refusal == Refusal::denied && denied.key != 0) {
      code |= pf::key;
      if (denied.right != 0) unspecified = pf::key;
    }
    return {refusal, "PF", code, unspecified, level};
  }

  // The bits that hardware sets in an entry it used for an access that succeeded, whether they are
  // set already or not: A everywhere, D in a leaf that was written. Every x86-64 processor does.
  static constexpr std::uint64_t hardware_sets(Settings const& /*settings*/, Access const& access,
                                               int level, bool leaf) {
    bool const dirties = leaf && access.kind == AccessKind::write;
    return accessed_mask(level) | (dirties ? dirty_mask(level) : 0);
  }
  // Whether software must set a bit before the access can succeed; never on this architecture.
  static constexpr Refusal software_must_set(Settings const& /*settings*/, Access const& /*access*/,
                                             int /*level*/, std::uint64_t /*leaf*/) {
    return Refusal::none;
  }

 private:
  // Fetches are told apart in the error code only where a fetch can be denied on its own. CR4.PAE
  // is 1 whenever these tables are used.
  static constexpr bool reports_fetch(Settings const& settings) {
    return (settings.control.smep | settings.machine().no_execute) != 0;
  }

  template <class Word>
  static constexpr Word right_denied(SettingsOver<Word> const& settings, Access const& access,
                                     RightsOver<Word> const& rights) {
    BasicX86_64Control<Word> const& control = settings.control;
    bool const write = access.kind == AccessKind::write;
    bool const fetch = access.kind == AccessKind::fetch;
    Word denied = fetch ? rights.not_executable : Word(0);
    if (write)
      denied = denied |
               (flip<Word>(rights.writable) & (is_user(access) ? Word(1) : control.write_protect));
    if (is_user(access)) return denied | flip<Word>(rights.user);
    if (fetch) return denied | (rights.user & control.smep);
    Word const suspended = access.implicit ? Word(0) : control.alignment_check;
    return denied | (rights.user & control.smap & flip<Word>(suspended));
  }

  // Keys are consulted for data only; PKRU guards user addresses and PKRS supervisor addresses.
  template <class Word>
  static constexpr Word key_denied(SettingsOver<Word> const& settings, Access const& access,
                                   RightsOver<Word> const& rights, Word key) {
    if (access.kind == AccessKind::fetch) return Word(0);
    BasicX86_64Control<Word> const& control = settings.control;
    Word const by_user = spread<Word>(rights.user & control.user_keys) & control.pkru;
    Word const by_supervisor =
        spread<Word>(flip<Word>(rights.user) & control.supervisor_keys) & control.pkrs;
    Word const pair = shift_right(by_user | by_supervisor, key << 1);
    Word denied = bit(pair, 0);
    if (access.kind == AccessKind::write) {
      denied = denied | (bit(pair, 1) & (is_user(access) ? Word(1) : control.write_protect));
    }
    return denied;
  }
};

}  // namespace twinwalk::models
