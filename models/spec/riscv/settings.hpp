// What a RISC-V walk depends on, as words: 0 and 1 on a real machine, and free where a solver
// leaves them open.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "models/spec/field.hpp"
#include "models/spec/riscv/tables.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

namespace riscv {

// The bits of one level and kind whose meaning depends on the machine.
struct Masks {
  std::uint64_t reserved;
  std::uint64_t address;
  std::uint64_t memory_type;
  std::uint64_t contiguous;
  std::uint64_t software_optional;
};

constexpr std::array<Masks, level_max + 1> masks_of(EntryKind kind) {
  std::array<Masks, level_max + 1> result{};
  for (int level = 1; level <= level_max; ++level) {
    std::span<Field const> const fields = fields_of(level, kind);
    result[static_cast<std::size_t>(level)] = {
        mask_of(fields, Role::reserved), mask_of(fields, Role::address),
        mask_of(fields, Role::memory_type), mask_of(fields, Role::contiguous),
        mask_of(fields, Role::software_optional)};
  }
  return result;
}
inline constexpr auto table_masks = masks_of(EntryKind::table);
inline constexpr auto leaf_masks = masks_of(EntryKind::leaf);

}  // namespace riscv

// What the hart is.
template <class Word>
struct BasicRiscvMachine {
  Word physical_mask;  // the physical addresses that there are, at most 56 bits
  Word svpbmt{0};      // … and menvcfg.PBMTE or henvcfg.PBMTE
  Word svnapot{0};
  Word svrsw60t59b{0};  // bits 60:59 are software's
  Word updates{0};      // Svadu and ADUE: it sets A and D itself; else it faults
};

// What its control registers hold.
template <class Word>
struct BasicRiscvControl {
  Word sum{0};  // the supervisor may use user pages for data
  Word mxr{0};  // loads may use what is executable alone
};

// Both, with the reserved bits of every level computed once; the machine never changes.
template <class Word>
class BasicRiscvSettings {
 public:
  constexpr explicit BasicRiscvSettings(BasicRiscvMachine<Word> const& machine,
                                        BasicRiscvControl<Word> const& state = {})
      : control(state),
        machine_(machine),
        in_table_(reserved(riscv::table_masks, std::make_index_sequence<riscv::level_max + 1>{})),
        in_leaf_(reserved(riscv::leaf_masks, std::make_index_sequence<riscv::level_max + 1>{})) {}

  constexpr BasicRiscvMachine<Word> const& machine() const { return machine_; }

  // Bits that must be zero in a valid entry of this level that refers to a table, or maps a page.
  constexpr Word const& reserved_in_table(int level) const {
    return in_table_[static_cast<std::size_t>(level)];
  }
  constexpr Word const& reserved_in_leaf(int level) const {
    return in_leaf_[static_cast<std::size_t>(level)];
  }

  BasicRiscvControl<Word> control;

 private:
  using PerLevel = std::array<Word, riscv::level_max + 1>;
  using PerLevelMasks = std::array<riscv::Masks, riscv::level_max + 1>;

  // A PPN beyond the memory that there is ends in an access fault where it is used: no walk comes
  // out of it either way, and these models tell it like a reserved bit.
  constexpr Word reserved(riscv::Masks const& masks) const {
    return Word(masks.reserved) | (Word(masks.address) & ~(machine_.physical_mask >> 2)) |
           (Word(masks.memory_type) & ~spread<Word>(machine_.svpbmt)) |
           (Word(masks.contiguous) & ~spread<Word>(machine_.svnapot)) |
           (Word(masks.software_optional) & ~spread<Word>(machine_.svrsw60t59b));
  }
  template <std::size_t... Level>
  constexpr PerLevel reserved(PerLevelMasks const& masks, std::index_sequence<Level...>) const {
    return PerLevel{reserved(masks[Level])...};
  }

  BasicRiscvMachine<Word> machine_;
  PerLevel in_table_;
  PerLevel in_leaf_;
};

using RiscvMachine = BasicRiscvMachine<std::uint64_t>;
using RiscvControl = BasicRiscvControl<std::uint64_t>;
using RiscvSettings = BasicRiscvSettings<std::uint64_t>;

}  // namespace twinwalk::models
