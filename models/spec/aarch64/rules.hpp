// What a processor does at the end of a walk, in both stages alike: the faults and what hardware
// changes in a descriptor. The pseudocode's S1Translate and S2Translate, EncodeLDFSC, and "Hardware
// management of the Access flag and dirty state".
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/api.hpp"
#include "models/spec/aarch64/reading.hpp"
#include "models/spec/access.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

template <Aarch64Stage Stage>
struct Aarch64Rules : Aarch64Reading<Stage> {
  using Reading = Aarch64Reading<Stage>;
  using typename Reading::Settings;
  template <class Word>
  using SettingsOver = typename Reading::template SettingsOver<Word>;

  // ---- The machine ----

  // The settings of a machine as a kernel runs it: no PAN, no WXN, FEAT_XNX.
  static constexpr Settings settings(MachineOptions const& options) {
    HardwareUpdates const updates = hardware_updates(options);
    return Settings({.physical_mask = mask(physical_bits(options) - 1, 0),
                     .sets_accessed = updates != HardwareUpdates::none ? 1U : 0U,
                     .sets_dirty = updates == HardwareUpdates::accessed_and_dirty ? 1U : 0U});
  }
  // The width of an output address: a descriptor has room for 48 bits.
  static constexpr int physical_bits(MachineOptions const& options) {
    return options.physical_bits < 48 ? options.physical_bits : 48;
  }
  static constexpr HardwareUpdates hardware_updates(MachineOptions const& options) {
    return options.hardware_updates;
  }

  // ---- Accesses ----

  // Whether hardware turns a managed page writable when it is written.
  template <class Word>
  static constexpr Word manages_dirty(SettingsOver<Word> const& settings) {
    return settings.machine().sets_accessed & settings.machine().sets_dirty;
  }

  // An Access flag fault comes before any Permission fault.
  template <class Word>
  static constexpr Word raises_access_flag(SettingsOver<Word> const& settings, int level,
                                           Word leaf) {
    return flip<Word>(Reading::accessed(level, leaf) | settings.machine().sets_accessed);
  }

  // The fault of an access that ended in `refusal` at `level`, with the status that ESR_ELx gets:
  // kind and level, WnR, and S1PTW where a walk of stage 1 met it in stage 2.
  static constexpr Fault fault(Settings const& /*settings*/, Access const& access, Refusal refusal,
                               int level, Denial<std::uint64_t> const& /*denied*/) {
    struct Status {
      std::string_view name;
      std::uint64_t code;
    };
    Status const status = [&]() -> Status {
      switch (refusal) {
        case Refusal::malformed:
          return {"ADDRSIZE", 0};
        case Refusal::accessed_clear:
          return {"ACCESSFLAG", 2};
        case Refusal::denied:
        case Refusal::dirty_clear:
          return {"PERMISSION", 3};
        default:
          return {"TRANSLATION", 1};
      }
    }();
    std::uint64_t const written = access.kind == AccessKind::write ? 1U : 0U;
    std::uint64_t const by_walk = access.guest_walk ? 1U : 0U;
    return {refusal, status.name,
            (by_walk << 7) | (written << 6) | (status.code << 2) | manual_level(level), 0, level};
  }
  // The manual counts the other way; a fault before any descriptor was read is of its level 0.
  static constexpr std::uint64_t manual_level(int level) {
    return level == 0 ? 0 : static_cast<std::uint64_t>(aarch64::level_max - level);
  }

  // The bits that hardware changes in a descriptor it used for an access that succeeded: it sets
  // the Access flag, and opens a managed page that is written. Never in a table descriptor.
  static constexpr std::uint64_t hardware_changes(Settings const& settings, Access const& access,
                                                  int level, bool leaf, std::uint64_t entry) {
    if (!leaf || settings.machine().sets_accessed == 0) return 0;
    bool const opens = access.kind == AccessKind::write && manages_dirty(settings) != 0 &&
                       bit(entry, Reading::write_managed_bit) != 0 &&
                       Reading::is_write_open(entry) == 0;
    return (Reading::accessed_mask(level) & ~entry) | (opens ? Reading::dirty_mask(level) : 0);
  }
  // Whether software must set a bit before the access can succeed. A managed page that hardware
  // does not open is what software, which opens it then, means by clean.
  static constexpr Refusal software_must_set(Settings const& settings, Access const& access,
                                             int level, std::uint64_t leaf) {
    if (raises_access_flag(settings, level, leaf) != 0) return Refusal::accessed_clear;
    if (access.kind == AccessKind::write && manages_dirty(settings) == 0 &&
        Reading::is_write_open(leaf) == 0) {
      return Refusal::dirty_clear;
    }
    return Refusal::none;
  }
};

}  // namespace twinwalk::models
