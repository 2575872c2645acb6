// What a processor does with a page: which accesses it allows, and the exception otherwise.
// LoongArch Reference Manual, volume 1, "TLB-based Translation of Virtual Addresses to Physical
// Addresses" and "TLB-related Exceptions".
//
// A walk here is one that a TLB refill makes and the access that follows it, so it says nothing of
// the refill itself. With a hardware walker P stands for V and W for D; it sets both (QEMU's
// loongarch_ptw; the manual says that the two are "used during the page walking").
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/loongarch64/reading.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

struct LoongArchRules : LoongArchReading {
  // ---- The machine ----

  // A walker in hardware sets both, or there is none. Kernels run at level 0 and DWPL is 0.
  static constexpr HardwareUpdates hardware_updates(MachineOptions const& options) {
    return options.hardware_updates == HardwareUpdates::accessed_and_dirty
               ? HardwareUpdates::accessed_and_dirty
               : HardwareUpdates::none;
  }
  static constexpr Settings settings(MachineOptions const& options) {
    bool const walks = hardware_updates(options) != HardwareUpdates::none;
    return Settings({.hardware_walks = walks ? 1U : 0U, .void_entry = options.void_frame.value});
  }
  // PALEN: an entry has room for 48 bits here, and what stands above them is ignored.
  static constexpr int physical_bits(MachineOptions const& options) {
    return options.physical_bits < 48 ? options.physical_bits : 48;
  }

  // ---- Accesses ----

  // What of an access the rights forbid. A page that is not valid raises its exception first, and
  // one that is clean the last of all: neither is denied.
  template <class Word>
  static constexpr Denial<Word> denial(SettingsOver<Word> const& settings, Access const& access,
                                       RightsOver<Word> const& rights, int level, Word leaf) {
    Word const usable = accessed(level, leaf) | settings.machine().hardware_walks;
    Word const wrong = illegal_level(level_of(settings, access), rights) | forbids(access, rights) |
                       unmanaged_write(settings, access, rights);
    return {usable & wrong, Word(0), told(settings, access, rights)};
  }

  // Which exception a denied access raises, by the order in which the wrongs are looked for:
  // `granted` of the denial has a bit for each wrong there is.
  static constexpr Fault fault(Settings const& settings, Access const& access, Refusal refusal,
                               int level, Denial<std::uint64_t> const& denied) {
    auto const with = [&](std::string_view name, std::uint64_t code) {
      return Fault{refusal, name, code, 0, level};
    };
    bool const fetch = access.kind == AccessKind::fetch;
    bool const store = access.kind == AccessKind::write;
    switch (refusal) {
      case Refusal::non_canonical:
        return with(fetch ? "ADEF" : "ADEM", 8);
      case Refusal::denied:
        return with_first_wrong(settings, refusal, level, denied.granted);
      case Refusal::dirty_clear:
        return with("PME", 4);
      default:
        return with(fetch ? "PIF" : store ? "PIS" : "PIL", fetch ? 3 : store ? 2 : 1);
    }
  }

  // V and for a write D, by a hardware walker alone; D of a page that is writable.
  static constexpr std::uint64_t hardware_sets(Settings const& settings, Access const& access,
                                               int level, bool leaf) {
    if (!leaf || settings.machine().hardware_walks == 0) return 0;
    return accessed_mask(level) | (access.kind == AccessKind::write ? dirty_mask(level) : 0);
  }
  // Without one, software sets both: a page with V = 0 and P = 1 is there and was not used; D = 0
  // denies writes, but those of kernel levels that MISC.DWPL excepts.
  static constexpr Refusal software_must_set(Settings const& settings, Access const& access,
                                             int level, std::uint64_t leaf) {
    if (settings.machine().hardware_walks != 0) return Refusal::none;
    if (accessed(level, leaf) == 0) return Refusal::accessed_clear;
    bool const clean = bit(leaf, loongarch64::writes_bit) == 0;
    bool const asked = access.kind == AccessKind::write && may_write_clean(settings, access) == 0;
    return asked && clean ? Refusal::dirty_clear : Refusal::none;
  }
  // Whether a processor of privilege level `now` is none that may use the page: 0 or 1. Levels have
  // two bits.
  template <class Word>
  static constexpr Word illegal_level(Word now, RightsOver<Word> const& rights) {
    Word const above = bit(rights.level - now, 63);
    Word const other = as_word<Word>(now != rights.level);
    return select(truth<Word>(rights.that_level_alone), other, above);
  }
  // What lets a processor write that holds the page: W with a hardware walker, else D.
  template <class Word>
  static constexpr Word lets_write(SettingsOver<Word> const& settings,
                                   RightsOver<Word> const& rights) {
    return select(truth<Word>(settings.machine().hardware_walks), rights.writable, rights.writes);
  }

  static constexpr std::uint64_t accessed_mask(int /*level*/) {
    return std::uint64_t{1} << loongarch64::valid_bit;
  }
  static constexpr std::uint64_t dirty_mask(int /*level*/) {
    return std::uint64_t{1} << loongarch64::writes_bit;
  }
  // The bits that say whether a page was used: V, and P, which keeps it where V is gone.
  static constexpr std::uint64_t accessed_field(int level) {
    return accessed_mask(level) | std::uint64_t{1} << loongarch64::present_bit;
  }
  // The bits that say whether it was written, and who may.
  static constexpr std::uint64_t dirty_field(int level) {
    return dirty_mask(level) | std::uint64_t{1} << loongarch64::writable_bit |
           mask_of(loongarch64::page_4k, Role::dirty_kept);
  }

  // ---- In neutral words ----

  static constexpr std::uint64_t device_type = 0;    // strongly-ordered uncached
  static constexpr std::uint64_t ordinary_type = 1;  // coherent cached
  static constexpr std::uint64_t uncached_type = 2;  // weakly-ordered uncached
  static constexpr bool has_global = true;
  static constexpr bool takes_user = true;
  static constexpr bool holds_user = true;

  template <class Word>
  static constexpr Truth<Word> is_type(Word type) {
    return either(type == Word(0), either(type == Word(1), type == Word(2)));
  }
  // Any right at all is a page.
  template <class Word>
  static constexpr Word wrong_rights(BasicMappingFlags<Word> flags) {
    return flip<Word>(neutral::has(flags, Flag::READ) | neutral::has(flags, Flag::WRITE) |
                      neutral::has(flags, Flag::EXECUTE));
  }
  // USER where level 3 may use the page.
  template <class Word>
  static constexpr Word neutral_rights(RightsOver<Word> const& rights, int level, Word entry) {
    Word const user = as_word<Word>(rights.level == Word(3));
    Word const global = bit(entry, global_bit(level));
    return neutral::place(flip<Word>(rights.not_readable), Flag::READ) |
           neutral::place(rights.writes | rights.writable, Flag::WRITE) |
           neutral::place(flip<Word>(rights.not_executable), Flag::EXECUTE) |
           neutral::place(user, Flag::USER) | neutral::place(global, Flag::GLOBAL);
  }

 private:
  static constexpr std::uint64_t wrong_fetch = 1;
  static constexpr std::uint64_t wrong_level = 2;
  static constexpr std::uint64_t wrong_read = 4;

  template <class Word>
  static constexpr Word level_of(SettingsOver<Word> const& settings, Access const& access) {
    return access.user ? Word(3) : settings.control.kernel_level;
  }
  template <class Word>
  static constexpr Word forbids(Access const& access, RightsOver<Word> const& rights) {
    if (access.kind == AccessKind::fetch) return rights.not_executable;
    return access.kind == AccessKind::read ? rights.not_readable : Word(0);
  }
  // A hardware walker takes W for the right to write. To software a page with W alone is one that
  // is clean, and without both it is none to write to, but where MISC.DWPL says otherwise.
  template <class Word>
  static constexpr Word unmanaged_write(SettingsOver<Word> const& settings, Access const& access,
                                        RightsOver<Word> const& rights) {
    if (access.kind != AccessKind::write) return Word(0);
    Word const software = flip<Word>(settings.machine().hardware_walks);
    Word const by_software = rights.writes | may_write_clean(settings, access);
    return flip<Word>(rights.writable | (software & by_software));
  }
  template <class Word>
  static constexpr Word told(SettingsOver<Word> const& settings, Access const& access,
                             RightsOver<Word> const& rights) {
    Word const here = forbids(access, rights);
    Word const fetch = access.kind == AccessKind::fetch ? here : Word(0);
    Word const read = access.kind == AccessKind::read ? here : Word(0);
    return fetch | (illegal_level(level_of(settings, access), rights) << 1) | (read << 2);
  }
  // Whether MISC.DWPL lets the processor write where D is 0: 0 or 1. It has no bit for level 3.
  template <class Word>
  static constexpr Word may_write_clean(SettingsOver<Word> const& settings, Access const& access) {
    if (access.user) return Word(0);
    return bit(shift_right(settings.control.writes_unasked, settings.control.kernel_level), 0);
  }
  static constexpr Fault with_first_wrong(Settings const& settings, Refusal refusal, int level,
                                          std::uint64_t wrong) {
    using enum LoongArchOrder;
    LoongArchOrder const order = settings.control.order;
    bool const level_first = order == prose || (order == pseudocode && (wrong & wrong_fetch) == 0);
    bool const level_wrong = (wrong & wrong_level) != 0;
    bool const other_wrong = (wrong & (wrong_fetch | wrong_read)) != 0;
    if (level_wrong && (level_first || !other_wrong)) return {refusal, "PPI", 7, 0, level};
    if ((wrong & wrong_fetch) != 0) return {refusal, "PNX", 6, 0, level};
    if ((wrong & wrong_read) != 0) return {refusal, "PNR", 5, 0, level};
    return {refusal, "PME", 4, 0, level};
  }
};

}  // namespace twinwalk::models
