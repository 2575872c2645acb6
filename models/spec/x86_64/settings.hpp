// The state of an x86-64 processor that a walk depends on, as words: 0 and 1 on a real machine, and
// free where a solver leaves them open.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/api.hpp"
#include "models/spec/field.hpp"
#include "models/spec/word.hpp"
#include "models/spec/x86_64/tables.hpp"

namespace twinwalk::models {

namespace x86_64 {

inline constexpr int level_max = 5;
inline constexpr int physical_bits_max = 52;

// The bits of one level and kind whose meaning depends on the machine.
struct Masks {
  std::uint64_t reserved;
  std::uint64_t address;
  std::uint64_t not_executable;
  std::uint64_t optional_size;
  std::uint64_t reserved_on_amd;
};

constexpr std::array<Masks, level_max + 1> masks_of(EntryKind kind) {
  std::array<Masks, level_max + 1> result{};
  for (int level = 1; level <= level_max; ++level) {
    std::span<Field const> const fields = fields_of(level, kind);
    result[static_cast<std::size_t>(level)] = {
        mask_of(fields, Role::reserved), mask_of(fields, Role::address),
        mask_of(fields, Role::not_executable), mask_of(fields, Role::page_size_optional),
        mask_of(fields, Role::reserved_on_amd)};
  }
  return result;
}
inline constexpr auto table_masks = masks_of(EntryKind::table);
inline constexpr auto leaf_masks = masks_of(EntryKind::leaf);

}  // namespace x86_64

// What the processor is.
template <class Word>
struct BasicX86_64Machine {
  Word physical_mask;      // bits M-1:0 for MAXPHYADDR M, 32..52
  Word no_execute{1};      // EFER.NXE
  Word gigabyte_pages{1};  // CPUID.80000001H:EDX.Page1GB
  Word amd{0};             // AMD reserves bit 8 of PML5E and PML4E
};

// What its control registers hold.
template <class Word>
struct BasicX86_64Control {
  Word write_protect{1};    // CR0.WP
  Word smep{0};             // CR4.SMEP: no supervisor fetch from user addresses
  Word smap{0};             // CR4.SMAP: no supervisor data access to user addresses
  Word alignment_check{0};  // EFLAGS.AC: suspends SMAP for explicit accesses
  Word user_keys{0};        // CR4.PKE
  Word pkru{0};             // 2 bits a key: AD below, WD above
  Word supervisor_keys{0};  // CR4.PKS
  Word pkrs{0};             // IA32_PKRS, like PKRU
  Word global_pages{0};     // CR4.PGE
};

// Both, with the reserved bits of every level computed once. Built by value; the machine of a
// settings value never changes, its control state may.
template <class Word>
class BasicX86_64Settings {
 public:
  constexpr explicit BasicX86_64Settings(BasicX86_64Machine<Word> const& machine,
                                         BasicX86_64Control<Word> const& state = {})
      : control(state),
        machine_(machine),
        in_table_(reserved(x86_64::table_masks, std::make_index_sequence<x86_64::level_max + 1>{})),
        in_leaf_(reserved(x86_64::leaf_masks, std::make_index_sequence<x86_64::level_max + 1>{})) {}

  constexpr BasicX86_64Machine<Word> const& machine() const { return machine_; }

  // Bits that must be zero in a present entry of this level that refers to a table, or maps a page.
  constexpr Word const& reserved_in_table(int level) const {
    return in_table_[static_cast<std::size_t>(level)];
  }
  constexpr Word const& reserved_in_leaf(int level) const {
    return in_leaf_[static_cast<std::size_t>(level)];
  }

  BasicX86_64Control<Word> control;

 private:
  using PerLevel = std::array<Word, x86_64::level_max + 1>;
  using PerLevelMasks = std::array<x86_64::Masks, x86_64::level_max + 1>;

  constexpr Word reserved(x86_64::Masks const& masks) const {
    return Word(masks.reserved) | (Word(masks.address) & ~machine_.physical_mask) |
           (Word(masks.not_executable) & ~spread<Word>(machine_.no_execute)) |
           (Word(masks.optional_size) & ~spread<Word>(machine_.gigabyte_pages)) |
           (Word(masks.reserved_on_amd) & spread<Word>(machine_.amd));
  }
  template <std::size_t... Level>
  constexpr PerLevel reserved(PerLevelMasks const& masks, std::index_sequence<Level...>) const {
    return PerLevel{reserved(masks[Level])...};
  }

  BasicX86_64Machine<Word> machine_;
  PerLevel in_table_;
  PerLevel in_leaf_;
};

using X86_64Machine = BasicX86_64Machine<std::uint64_t>;
using X86_64Control = BasicX86_64Control<std::uint64_t>;
using X86_64Settings = BasicX86_64Settings<std::uint64_t>;

}  // namespace twinwalk::models
