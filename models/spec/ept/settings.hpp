// What a walk of extended page tables depends on, as words: 0 and 1 on a real machine, and free
// where a solver leaves them open.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "models/spec/ept/tables.hpp"
#include "models/spec/field.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

namespace ept {

inline constexpr int level_max = 5;
inline constexpr int physical_bits_max = 52;

// The bits of one level and kind whose meaning depends on the machine.
struct Masks {
  std::uint64_t reserved;
  std::uint64_t address;
  std::uint64_t optional_size;
};

constexpr std::array<Masks, level_max + 1> masks_of(EntryKind kind) {
  std::array<Masks, level_max + 1> result{};
  for (int level = 1; level <= level_max; ++level) {
    std::span<Field const> const fields = fields_of(level, kind);
    result[static_cast<std::size_t>(level)] = {mask_of(fields, Role::reserved),
                                               mask_of(fields, Role::address),
                                               mask_of(fields, Role::page_size_optional)};
  }
  return result;
}
inline constexpr auto table_masks = masks_of(EntryKind::table);
inline constexpr auto leaf_masks = masks_of(EntryKind::leaf);

}  // namespace ept

// What the processor is, and which VM-execution controls are on.
template <class Word>
struct BasicEptMachine {
  Word physical_mask;          // bits M-1:0 for MAXPHYADDR M, 32..52
  Word gigabyte_pages{1};      // IA32_VMX_EPT_VPID_CAP bit 17
  Word execute_only{1};        // IA32_VMX_EPT_VPID_CAP bit 0
  Word mode_based_execute{0};  // "mode-based execute control for EPT"
  Word accessed_dirty{1};      // EPTP bit 6
};

// The same with the reserved bits of every level computed once; it never changes.
template <class Word>
class BasicEptSettings {
 public:
  constexpr explicit BasicEptSettings(BasicEptMachine<Word> const& machine)
      : machine_(machine),
        in_table_(reserved(ept::table_masks, std::make_index_sequence<ept::level_max + 1>{})),
        in_leaf_(reserved(ept::leaf_masks, std::make_index_sequence<ept::level_max + 1>{})) {}

  constexpr BasicEptMachine<Word> const& machine() const { return machine_; }

  // Bits that must be zero in a present entry of this level that refers to a table, or maps a page.
  constexpr Word const& reserved_in_table(int level) const {
    return in_table_[static_cast<std::size_t>(level)];
  }
  constexpr Word const& reserved_in_leaf(int level) const {
    return in_leaf_[static_cast<std::size_t>(level)];
  }

 private:
  using PerLevel = std::array<Word, ept::level_max + 1>;
  using PerLevelMasks = std::array<ept::Masks, ept::level_max + 1>;

  constexpr Word reserved(ept::Masks const& masks) const {
    return Word(masks.reserved) | (Word(masks.address) & ~machine_.physical_mask) |
           (Word(masks.optional_size) & ~spread<Word>(machine_.gigabyte_pages));
  }
  template <std::size_t... Level>
  constexpr PerLevel reserved(PerLevelMasks const& masks, std::index_sequence<Level...>) const {
    return PerLevel{reserved(masks[Level])...};
  }

  BasicEptMachine<Word> machine_;
  PerLevel in_table_;
  PerLevel in_leaf_;
};

using EptMachine = BasicEptMachine<std::uint64_t>;
using EptSettings = BasicEptSettings<std::uint64_t>;

}  // namespace twinwalk::models
