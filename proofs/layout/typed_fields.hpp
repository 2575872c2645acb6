// The fields of the typed entries by name, with the bits that the field tables give each: what
// typed-entries-agree is proved with.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proofs/layout.hpp"
#include "proofs/layout/readings.hpp"
// The engine's formats come after the engine's assertions were made claims.
#include "engine/formats/x86_64.hpp"
#include "engine/formats/x86_64_entries.hpp"

namespace twinwalk::proofs {

// The typed entries of a format over symbols; a test of the proofs puts broken ones here.
template <class Format>
struct TypedEntriesOf {
  template <int Level>
  using Table = x86::BasicTableEntry<Level, SymWord>;
  template <int Level>
  using Page = x86::BasicPageEntry<Geometry<Format>::page_size(Level), SymWord>;
  template <int Level>
  using Either = x86::BasicEitherEntry<Level, Geometry<Format>::page_size(Level), SymWord>;
};

// One field in its five forms; those that may refuse say whether they did not.
template <class Entry>
struct TypedField {
  std::string_view name;
  std::uint64_t bits;  // where the field tables have it
  SymWord (*get)(Entry const&);
  void (*set)(Entry&, SymWord const&);
  bool (*set_checked)(Entry&, SymWord const&);
  SymWord (*with)(Entry const&, SymWord const&);
  bool (*with_checked)(Entry const&, SymWord const&, SymWord& made);

  int lo() const { return std::countr_zero(bits); }
  SymWord read(SymWord const& word) const { return (word & SymWord(bits)) >> lo(); }
};

// Five names from one, as in engine/formats/x86_64_fields.hpp.
#define TWINWALK_TYPED_FIELD(name, bits_of_field)                                                 \
  TypedField<Entry> {                                                                             \
    #name, bits_of_field, [](Entry const& entry) { return entry.name(); },                        \
        [](Entry& entry, SymWord const& value) { entry.set_##name(value); },                      \
        [](Entry& entry, SymWord const& value) { return entry.set_##name##_checked(value); },     \
        [](Entry const& entry, SymWord const& value) { return entry.with_##name(value).bits(); }, \
        [](Entry const& entry, SymWord const& value, SymWord& made) {                             \
          auto const changed = entry.with_##name##_checked(value);                                \
          if (changed) made = changed->bits();                                                    \
          return static_cast<bool>(changed);                                                      \
        }                                                                                         \
  }

// The fields that every entry has, at the places of one level and kind.
template <class S, class Entry>
std::vector<TypedField<Entry>> common_fields(int level, models::EntryKind kind) {
  using models::Role;
  auto const bits = [&](Role role) { return role_mask<S>(level, kind, role); };
  std::uint64_t const above = models::mask(63, 52);  // the address ends at bit 51
  std::uint64_t const software = bits(Role::software);
  // In an entry for a table the key's place is ignored.
  bool const leaf = kind == models::EntryKind::leaf;
  std::uint64_t const key = leaf ? bits(Role::key) : bits(Role::ignored) & above;
  return {TWINWALK_TYPED_FIELD(no_execute, bits(Role::not_executable)),
          TWINWALK_TYPED_FIELD(protection_key, key),
          TWINWALK_TYPED_FIELD(os_available_high, software & above),
          TWINWALK_TYPED_FIELD(os_available_low, software & ~above),
          TWINWALK_TYPED_FIELD(accessed, bits(Role::accessed)),
          TWINWALK_TYPED_FIELD(cache_disable, bits(Role::cache_disable)),
          TWINWALK_TYPED_FIELD(write_through, bits(Role::write_through)),
          TWINWALK_TYPED_FIELD(user, bits(Role::user)),
          TWINWALK_TYPED_FIELD(writable, bits(Role::writable)),
          TWINWALK_TYPED_FIELD(present, bits(Role::present))};
}
// Those that only a page has.
template <class S, class Entry>
std::vector<TypedField<Entry>> page_fields(int level) {
  using models::Role;
  return {TWINWALK_TYPED_FIELD(pat, leaf_mask<S>(level, Role::memory_type)),
          TWINWALK_TYPED_FIELD(global, leaf_mask<S>(level, Role::global)),
          TWINWALK_TYPED_FIELD(dirty, leaf_mask<S>(level, Role::dirty))};
}
// PS: the bit that says that it is a page, where there is a choice.
template <class S>
constexpr std::uint64_t size_mask(int level) {
  return leaf_mask<S>(level, models::Role::page_size) |
         leaf_mask<S>(level, models::Role::page_size_optional);
}
template <class S, class Entry>
TypedField<Entry> size_field(int level) {
  return TWINWALK_TYPED_FIELD(large_page, size_mask<S>(level));
}

#undef TWINWALK_TYPED_FIELD

}  // namespace twinwalk::proofs
