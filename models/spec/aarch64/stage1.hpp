// What a path of stage 1 grants: the pseudocode's S1ApplyTablePerms, S1ApplyOutputPerms and
// S1DirectBasePermissions.
#pragma once

#include <concepts>
#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/aarch64/rules.hpp"
#include "models/spec/access.hpp"
#include "models/spec/neutral.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

// The leaf's fields and what its tables take away, each 0 or 1.
template <class Word>
struct BasicAarch64Stage1Rights {
  Word user{0};                   // AP[1]
  Word write_open{0};             // AP[2] clear
  Word write_managed{0};          // DBM
  Word not_executable{0};         // PXN, or XN
  Word not_executable_user{0};    // UXN
  Word no_user_below{0};          // APTable[0]
  Word no_write_below{0};         // APTable[1]
  Word no_execute_below{0};       // PXNTable, or XNTable
  Word no_execute_user_below{0};  // UXNTable

  friend bool operator==(BasicAarch64Stage1Rights const&, BasicAarch64Stage1Rights const&)
    requires std::same_as<Word, std::uint64_t>
  = default;
};

template <Aarch64Stage Stage>
struct Aarch64Stage1 : Aarch64Rules<Stage> {
  using Rules = Aarch64Rules<Stage>;
  static constexpr bool has_user = Rules::has_user;

  template <class Word>
  using SettingsOver = typename Rules::template SettingsOver<Word>;
  template <class Word>
  using RightsOver = BasicAarch64Stage1Rights<Word>;
  using Rights = RightsOver<std::uint64_t>;

  // AttrIndx as neutral flags name it, with MAIR_ELx as a kernel here sets it: Device-nGnRE,
  // Normal Write-Back, Normal Non-cacheable. Any other index is its own name.
  static constexpr std::uint64_t device_type = 0;
  static constexpr std::uint64_t ordinary_type = 1;
  static constexpr std::uint64_t uncached_type = 2;
  static constexpr bool has_global = has_user;  // what has no EL0 has no ASID either
  static constexpr bool takes_user = has_user;
  static constexpr bool holds_user = has_user;

  template <class Word>
  static constexpr Truth<Word> is_type(Word type) {
    return bit(type, 3) == Word(0);
  }

  // ---- Rights ----

  template <class Word>
  static constexpr RightsOver<Word> combine(RightsOver<Word> const& above, int level, Word entry) {
    Truth<Word> const leaf = Rules::has_leaf_shape(level, entry);
    auto const of_leaf = [&](int at) { return select(leaf, bit(entry, at), Word(0)); };
    auto const with_table = [&](Word const& kept, int at) {
      return select(leaf, kept, kept | bit(entry, at));
    };
    RightsOver<Word> rights;
    rights.write_open = select(leaf, Rules::is_write_open(entry), Word(0));
    rights.write_managed = of_leaf(Rules::write_managed_bit);
    rights.not_executable = of_leaf(not_executable_bit);
    rights.no_write_below = with_table(above.no_write_below, no_write_table_bit);
    if constexpr (has_user) {
      rights.user = of_leaf(Rules::position(Role::user));
      rights.not_executable_user = of_leaf(Rules::position(Role::not_executable_user));
      rights.no_user_below = with_table(above.no_user_below, no_user_table_bit);
      rights.no_execute_below = with_table(above.no_execute_below, no_kernel_execute_table_bit);
      rights.no_execute_user_below = with_table(above.no_execute_user_below, no_execute_table_bit);
    } else {
      rights.no_execute_below = with_table(above.no_execute_below, no_execute_table_bit);
    }
    return rights;
  }
  // The rights of a descriptor alone.
  template <class Word>
  static constexpr RightsOver<Word> own_rights(int level, Word entry) {
    return combine(RightsOver<Word>{}, level, entry);
  }

  // Which fetches rights allow, a bit for each kind that the processor tells apart: the kernel's,
  // and EL0's.
  template <class Word>
  static constexpr Word fetches(SettingsOver<Word> const& settings,
                                RightsOver<Word> const& rights) {
    Base<Word> const base = base_of(settings, rights);
    return base.kernel_executes | (base.user_executes << 1);
  }
  // Whether the translation is in the TLB for every ASID; without ASIDs there is no such thing.
  template <class Word>
  static constexpr Word global(SettingsOver<Word> const& /*settings*/, int /*level*/, Word entry) {
    if constexpr (!has_user)
      return Word(0);
    else
      return flip<Word>(bit(entry, Rules::position(Role::not_global)));
  }

  // ---- Accesses ----

  // What of an access the rights forbid. What faults for its Access flag is not denied yet.
  template <class Word>
  static constexpr Denial<Word> denial(SettingsOver<Word> const& settings, Access const& access,
                                       RightsOver<Word> const& rights, int level, Word leaf) {
    Base<Word> const base = base_of(settings, rights);
    Word const granted = access.user && has_user ? of_user(settings, base, access.kind)
                                                 : of_kernel(settings, base, access.kind);
    // A managed page that is closed is not denied: it is clean.
    Word const clean = access.kind == AccessKind::write
                           ? rights.write_managed & writes_below(settings, rights) &
                                 reaches(settings, base, access)
                           : Word(0);
    return {flip<Word>(granted | clean | Rules::raises_access_flag(settings, level, leaf)),
            Word(0)};
  }

  // ---- Neutral flags ----

  // Whether rights are none that a leaf can have: something for EL0 to read or to fetch, for the
  // kernel to read; WRITE only with READ.
  template <class Word>
  static constexpr Word wrong_rights(BasicMappingFlags<Word> flags) {
    Word const readable = neutral::has(flags, Flag::READ);
    Word const of_user = has_user ? neutral::has(flags, Flag::USER) : Word(0);
    Word const fetched = neutral::has(flags, Flag::EXECUTE) & of_user;
    return flip<Word>(readable | fetched) |
           (neutral::has(flags, Flag::WRITE) & flip<Word>(readable));
  }

  // A page is the user's where EL0 reads it or fetches from it, and its rights are then EL0's; what
  // the kernel may do besides has no name. A managed page is writable.
  template <class Word>
  static constexpr Word neutral_rights(RightsOver<Word> const& rights, int /*level*/, Word entry) {
    Word const user_reads = rights.user & flip<Word>(rights.no_user_below);
    Word const user_fetches =
        has_user ? flip<Word>(rights.not_executable_user | rights.no_execute_user_below) : Word(0);
    Word const user = user_reads | user_fetches;
    Word const readable = user_reads | flip<Word>(user);
    Word const writable =
        (rights.write_open | rights.write_managed) & flip<Word>(rights.no_write_below) & readable;
    Word const kernel_fetches = flip<Word>(rights.not_executable | rights.no_execute_below);
    Word const executable = select(truth<Word>(user), user_fetches, kernel_fetches);
    Word global(0);
    if constexpr (has_user) global = flip<Word>(bit(entry, Rules::position(Role::not_global)));
    return neutral::place(readable, Flag::READ) | neutral::place(writable, Flag::WRITE) |
           neutral::place(executable, Flag::EXECUTE) | neutral::place(user, Flag::USER) |
           neutral::place(global, Flag::GLOBAL);
  }

 private:
  static constexpr int not_executable_bit = Rules::position(Role::not_executable);
  // Of a table descriptor.
  static constexpr int no_write_table_bit = 62;
  static constexpr int no_user_table_bit = 61;
  static constexpr int no_execute_table_bit = 60;         // UXNTable, or XNTable
  static constexpr int no_kernel_execute_table_bit = 59;  // PXNTable

  // The base permissions, before PAN and WXN.
  template <class Word>
  struct Base {
    Word kernel_writes;
    Word kernel_executes;
    Word user_reads;
    Word user_writes;
    Word user_executes;
  };
  // Whether the tables above leave writes.
  template <class Word>
  static constexpr Word writes_below(SettingsOver<Word> const& settings,
                                     RightsOver<Word> const& rights) {
    return settings.control.no_hierarchy | flip<Word>(rights.no_write_below);
  }
  template <class Word>
  static constexpr Base<Word> base_of(SettingsOver<Word> const& settings,
                                      RightsOver<Word> const& rights) {
    Word const hierarchy = flip<Word>(settings.control.no_hierarchy);
    Word const writes =
        (rights.write_open | (rights.write_managed & Rules::manages_dirty(settings))) &
        writes_below(settings, rights);
    Word const user_reads = rights.user & flip<Word>(rights.no_user_below & hierarchy);
    Word const user_writes = user_reads & writes;
    Word const kernel_executes =
        flip<Word>(rights.not_executable | (rights.no_execute_below & hierarchy) | user_writes);
    Word const user_executes =
        has_user
            ? flip<Word>(rights.not_executable_user | (rights.no_execute_user_below & hierarchy))
            : Word(0);
    return {writes, kernel_executes, user_reads, user_writes, user_executes};
  }
  // Whether PAN keeps the kernel from the data of a page.
  template <class Word>
  static constexpr Word is_kept_from(SettingsOver<Word> const& settings, Base<Word> const& base) {
    if constexpr (!has_user) return Word(0);
    return settings.control.pan &
           (base.user_reads | base.user_writes | (settings.control.epan & base.user_executes));
  }
  // Whether an access gets at the page's data at all.
  template <class Word>
  static constexpr Word reaches(SettingsOver<Word> const& settings, Base<Word> const& base,
                                Access const& access) {
    if (access.user && has_user) return base.user_reads;
    return flip<Word>(is_kept_from(settings, base));
  }
  template <class Word>
  static constexpr Word of_user(SettingsOver<Word> const& settings, Base<Word> const& base,
                                AccessKind kind) {
    if (kind == AccessKind::read) return base.user_reads;
    if (kind == AccessKind::write) return base.user_writes;
    return base.user_executes & flip<Word>(settings.control.wxn & base.user_writes);
  }
  template <class Word>
  static constexpr Word of_kernel(SettingsOver<Word> const& settings, Base<Word> const& base,
                                  AccessKind kind) {
    Word const reads = flip<Word>(is_kept_from(settings, base));
    Word const writes = reads & base.kernel_writes;
    if (kind == AccessKind::read) return reads;
    if (kind == AccessKind::write) return writes;
    return base.kernel_executes & flip<Word>(settings.control.wxn & writes);
  }
};

}  // namespace twinwalk::models
