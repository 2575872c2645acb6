// Extended page tables as one type: the geometry of 4 and of 5 levels, on top of everything that
// reading, rules, flags and cache say for both.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/api.hpp"
#include "models/spec/ept/cache.hpp"
#include "models/spec/ept/tables.hpp"
#include "models/spec/field.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

class EptVectors;

// Every member of a spec is static. A walker, a flat map and an oracle are templates over a type
// such as this one; the members of the bases are part of it.
template <int Levels>
struct EptSpec : EptCache {
  static_assert(Levels == 4 || Levels == 5);

  static constexpr std::string_view name = Levels == 4 ? "ept-4" : "ept-5";
  static constexpr std::string_view arch = "ept";  // the name of its sheet and vector table

  // ---- Geometry ----

  // The root's entries are of level `levels`, the last table's of level 1.
  static constexpr int levels = Levels;
  static constexpr int index_bits = 9;
  static constexpr int root_bits = 12;  // log2 of the root table's bytes, and of its alignment
  static constexpr int page_shift = 12;
  static constexpr int address_bits = page_shift + index_bits * Levels;

  // log2 of the bytes that one entry of a level spans.
  static constexpr int level_shift(int level) { return page_shift + index_bits * (level - 1); }

  // Which entry of its table an address selects, 0 to 511.
  template <class Word>
  static constexpr Word index(int level, Word address) {
    return extract(address, level_shift(level) + index_bits - 1, level_shift(level));
  }
  // The physical address of that entry, 8 bytes.
  template <class Word>
  static constexpr Word slot(Word table, int level, Word address) {
    return table | (index(level, address) << 3);
  }
  // The first table, from the value of the EPT pointer.
  template <class Word>
  static constexpr Word root_table(Word root) {
    return root & Word(mask_of(ept::eptp, Role::address));
  }

  // ---- Which addresses there are ----

  // A guest-physical address has no sign: whether no bit above the translated ones is set.
  template <class Word>
  static constexpr Truth<Word> canonical(Word address) {
    return extract(address, 63, address_bits) == Word(0);
  }
  // The canonical address with these low bits.
  template <class Word>
  static constexpr Word sign_extend(Word address) {
    return address & Word(mask(address_bits - 1, 0));
  }
  // Whether every address from `first` to `last` is canonical, without a wrap.
  static constexpr bool virtual_range_fits(std::uint64_t first, std::uint64_t last) {
    return first <= last && canonical(last);
  }

  // ---- What there is to print ----

  // The field tables of this format's entries, top level first, and of its root register.
  static constexpr std::span<FieldTable const> field_tables() {
    return std::span<FieldTable const>(ept::tables).subspan(Levels == 5 ? 0 : 1);
  }
  static constexpr std::span<FieldTable const> root_tables() { return ept::root_tables; }

  // ---- What its vector tables mean ----

  using Vectors = EptVectors;
};

}  // namespace twinwalk::models
