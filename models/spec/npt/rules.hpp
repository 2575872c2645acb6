// What a nested walk reads in an entry and makes of a path: that of the host, every access being a
// user's. AMD APM vol. 2, section 15.25 "Nested Paging"; the exit codes are those that
// kvm-unit-tests (`svm_npt.c`) expects of processors.
#pragma once

#include <cstdint>
#include <span>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/npt/tables.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/reading.hpp"

namespace twinwalk::models {

// EXITINFO1 of a nested page fault: below bit 32 like the error code of a page fault.
namespace npt::exit_info {
inline constexpr std::uint64_t present = std::uint64_t{1} << 0;
inline constexpr std::uint64_t write = std::uint64_t{1} << 1;
inline constexpr std::uint64_t user = std::uint64_t{1} << 2;  // always
inline constexpr std::uint64_t reserved = std::uint64_t{1} << 3;
inline constexpr std::uint64_t fetch = std::uint64_t{1} << 4;  // where the host has NXE
inline constexpr std::uint64_t final_address = std::uint64_t{1} << 32;
inline constexpr std::uint64_t guest_table = std::uint64_t{1} << 33;
}  // namespace npt::exit_info

struct NptRules : X86_64Reading {
  // ---- What an entry says ----

  // The field table that an entry is printed by.
  static constexpr std::span<Field const> fields(int level, std::uint64_t entry) {
    if (bit(entry, x86_64::present_bit) == 0) return npt::fields_of(level, EntryKind::hole);
    return npt::fields_of(level, has_leaf_shape(level, entry) ? EntryKind::leaf : EntryKind::table);
  }
  // Where U/S is 0 nothing is granted, whatever else the path says.
  template <class Word>
  static constexpr Word fetches(SettingsOver<Word> const& /*settings*/,
                                RightsOver<Word> const& rights) {
    return rights.user & flip<Word>(rights.not_executable);
  }
  // There are no protection keys,
  template <class Word>
  static constexpr Word key(int /*level*/, Word /*entry*/) {
    return Word(0);
  }
  // and no global translations.
  template <class Word>
  static constexpr Word global(SettingsOver<Word> const& /*settings*/, int /*level*/,
                               Word /*entry*/) {
    return Word(0);
  }

  // ---- The machine ----

  // The settings of a machine: NXE and the address width are the host's.
  static constexpr Settings settings(MachineOptions const& options) {
    return Settings({.physical_mask = mask(physical_bits(options) - 1, 0),
                     .no_execute = options.no_execute ? 1U : 0U,
                     .gigabyte_pages = options.gigabyte_pages ? 1U : 0U,
                     .amd = 1U});
  }
  // MAXPHYADDR: no entry holds an address of more bits.
  static constexpr int physical_bits(MachineOptions const& options) {
    return options.physical_bits < x86_64::physical_bits_max ? options.physical_bits
                                                             : x86_64::physical_bits_max;
  }

  // ---- Accesses ----

  // What of an access the path's rights forbid. The guest's CR0.WP does not help; whatever a walk
  // of the guest's own tables wants, it counts as a write.
  template <class Word>
  static constexpr Denial<Word> denial(SettingsOver<Word> const& /*settings*/, Access const& access,
                                       RightsOver<Word> const& rights, int /*level*/,
                                       Word /*leaf*/) {
    Word denied = flip<Word>(rights.user);
    if (writes(access)) denied = denied | flip<Word>(rights.writable);
    if (fetches_code(access)) denied = denied | rights.not_executable;
    return {denied, Word(0)};
  }

  // The exit of an access that ended in `refusal` at `level`. A guest-physical address that no
  // entry selects is taken for one that nothing maps.
  static constexpr Fault fault(Settings const& settings, Access const& access, Refusal refusal,
                               int level, Denial<std::uint64_t> const& /*denied*/) {
    namespace info = npt::exit_info;
    std::uint64_t code = info::user;
    bool const found = refusal != Refusal::not_present && refusal != Refusal::non_canonical;
    if (found) code |= info::present;
    if (refusal == Refusal::malformed) code |= info::reserved;
    if (writes(access)) code |= info::write;
    if (fetches_code(access) && settings.machine().no_execute != 0) code |= info::fetch;
    code |= access.guest_walk ? info::guest_table : info::final_address;
    return {refusal, "NPF", code, 0, level};
  }

  // The bits that the processor sets in an entry it used for an access that succeeded, whether they
  // are set already or not.
  static constexpr std::uint64_t hardware_sets(Settings const& /*settings*/, Access const& access,
                                               int level, bool leaf) {
    return accessed_mask(level) | (leaf && writes(access) ? dirty_mask(level) : 0);
  }
  // Whether software must set a bit before the access can succeed; never on this architecture.
  static constexpr Refusal software_must_set(Settings const& /*settings*/, Access const& /*access*/,
                                             int /*level*/, std::uint64_t /*leaf*/) {
    return Refusal::none;
  }

 private:
  static constexpr bool writes(Access const& access) {
    return access.guest_walk || access.kind == AccessKind::write;
  }
  static constexpr bool fetches_code(Access const& access) {
    return !access.guest_walk && access.kind == AccessKind::fetch;
  }
};

}  // namespace twinwalk::models
