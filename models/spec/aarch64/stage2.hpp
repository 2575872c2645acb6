// What a path of stage 2 grants: the pseudocode's S2ApplyOutputPerms, S2DirectBasePermissions and
// S2CheckPermissions. Its tables take nothing from what lies below.
#pragma once

#include <concepts>
#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/aarch64/rules.hpp"
#include "models/spec/access.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// The leaf's fields, each 0 or 1.
template <class Word>
struct BasicAarch64Stage2Rights {
  Word readable{1};
  Word write_open{1};        // S2AP[1]
  Word write_managed{0};     // DBM
  Word not_executable{0};    // XN[1]
  Word not_as_the_other{0};  // XN[0]: EL1 and EL0 differ

  friend bool operator==(BasicAarch64Stage2Rights const&, BasicAarch64Stage2Rights const&)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

struct Aarch64Stage2 : Aarch64Rules<Aarch64Stage::second> {
  using Rules = Aarch64Rules<Aarch64Stage::second>;
  template <class Word>
  using RightsOver = BasicAarch64Stage2Rights<Word>;
  using Rights = RightsOver<std::uint64_t>;

  // MemAttr as neutral flags name it, without FEAT_S2FWB: Device-nGnRE, Normal Write-Back and
  // Normal Non-cacheable, outer and inner alike. Any other is its own name, but for those reserved.
  static constexpr std::uint64_t device_type = 0b0001;
  static constexpr std::uint64_t uncached_type = 0b0101;
  static constexpr std::uint64_t ordinary_type = 0b1111;
  static constexpr bool has_global = false;
  static constexpr bool takes_user = true;
  static constexpr bool holds_user = false;

  // An inner cacheability goes with an outer one.
  template <class Word>
  static constexpr Truth<Word> is_type(Word type) {
    return either(extract(type, 3, 2) == Word(0), extract(type, 1, 0) != Word(0));
  }

  // ---- Rights ----

  template <class Word>
  static constexpr RightsOver<Word> combine(RightsOver<Word> const& above, int level, Word entry) {
    Truth<Word> const leaf = has_leaf_shape(level, entry);
    auto const take = [&](Word const& kept, int at) { return select(leaf, bit(entry, at), kept); };
    return {take(above.readable, position(Role::readable)), take(above.write_open, write_bit),
            take(above.write_managed, write_managed_bit),
            take(above.not_executable, position(Role::not_executable)),
            take(above.not_as_the_other, position(Role::not_executable_user))};
  }
  // The rights of a descriptor alone.
  template <class Word>
  static constexpr RightsOver<Word> own_rights(int level, Word entry) {
    return combine(RightsOver<Word>{}, level, entry);
  }

  // Which fetches rights allow, a bit for each kind that the processor tells apart: EL1's and
  // EL0's. Neither needs the right to read.
  template <class Word>
  static constexpr Word fetches(SettingsOver<Word> const& settings,
                                RightsOver<Word> const& rights) {
    Word const differ = rights.not_as_the_other & settings.control.execute_by_level;
    Word const user = flip<Word>(rights.not_executable);
    return (user ^ differ) | (user << 1);
  }
  // Whether a translation is global, stage 1 says.
  template <class Word>
  static constexpr Word global(SettingsOver<Word> const& /*settings*/, int /*level*/,
                               Word /*entry*/) {
    return Word(0);
  }

  // ---- Accesses ----

  // What of an access the rights forbid. What faults for its Access flag is not denied yet. With
  // HCR_EL2.PTW no walk of the guest's goes through Device memory.
  template <class Word>
  static constexpr Denial<Word> denial(SettingsOver<Word> const& settings, Access const& access,
                                       RightsOver<Word> const& rights, int level, Word leaf) {
    Word const fetched = bit(fetches(settings, rights), access.user ? 1 : 0);
    Word const granted = access.kind == AccessKind::read ? rights.readable
                         : access.kind == AccessKind::write
                             ? rights.write_open | rights.write_managed
                             : fetched;
    Word const device = as_word<Word>(extract(memory_type(level, leaf), 3, 2) == Word(0));
    Word const guarded = access.guest_walk ? settings.control.protected_walks & device : Word(0);
    return {flip<Word>(raises_access_flag(settings, level, leaf)) & (flip<Word>(granted) | guarded),
            Word(0)};
  }

  // ---- Neutral flags ----

  // Any right alone will do, and one there must be.
  template <class Word>
  static constexpr Word wrong_rights(BasicMappingFlags<Word> flags) {
    return flip<Word>(neutral::has(flags, Flag::READ) | neutral::has(flags, Flag::WRITE) |
                      neutral::has(flags, Flag::EXECUTE));
  }

  // EXECUTE is the right of both levels. A managed page is writable.
  template <class Word>
  static constexpr Word neutral_rights(RightsOver<Word> const& rights, int /*level*/,
                                       Word /*entry*/) {
    return neutral::place(rights.readable, Flag::READ) |
           neutral::place(rights.write_open | rights.write_managed, Flag::WRITE) |
           neutral::place(flip<Word>(rights.not_executable | rights.not_as_the_other),
                          Flag::EXECUTE);
  }
};

}  // namespace twinwalk::models
