// RISC-V paging as one type: the geometry of Sv39, Sv48 and Sv57 and of their second stages.
#pragma once

#include <span>
#include <string_view>
#include <type_traits>

#include "engine/api.hpp"
#include "models/spec/field.hpp"
#include "models/spec/radix.hpp"
#include "models/spec/riscv/cache.hpp"
#include "models/spec/riscv/tables.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

class RiscvVectors;

namespace riscv {

// A guest's physical addresses have two bits more than its own, all in a larger root, and no sign.
template <int Levels, RiscvStage Stage>
using Geometry = std::conditional_t<Stage == RiscvStage::first, SignedAddresses<Radix<Levels>>,
                                    UnsignedAddresses<Radix<Levels, 11>>>;

constexpr std::string_view name_of(int levels, RiscvStage stage) {
  constexpr std::string_view first[] = {"sv39", "sv48", "sv57"};
  constexpr std::string_view second[] = {"sv39x4", "sv48x4", "sv57x4"};
  return (stage == RiscvStage::first ? first : second)[levels - 3];
}

}  // namespace riscv

template <int Levels, RiscvStage Stage>
struct RiscvSpec : RiscvCache<Stage>, riscv::Geometry<Levels, Stage> {
  static_assert(Levels >= 3 && Levels <= riscv::level_max);

  static constexpr std::string_view name = riscv::name_of(Levels, Stage);
  static constexpr std::string_view arch = "riscv";  // the name of its sheet and vector table

  // Any level may hold leaves.
  static constexpr int largest_leaf_level = Levels;
  static constexpr bool supports(MachineOptions const& /*options*/, PageSize size) {
    for (int level = 1; level <= Levels; ++level) {
      if (RiscvReading::page_size(level) == size) return true;
    }
    return false;
  }

  // The first table, from its address: satp and hgatp hold the number of its page.
  template <class Word>
  static constexpr Word root_table(Word root) {
    return root & Word(mask(55, RiscvSpec::root_bits));
  }

  // The field tables of this format's entries, top level first, and of its root register.
  static constexpr std::span<FieldTable const> field_tables() {
    return std::span<FieldTable const>(riscv::tables).subspan(2 * (riscv::level_max - Levels));
  }
  static constexpr std::span<FieldTable const> root_tables() {
    if constexpr (Stage == RiscvStage::first) return riscv::satp_tables;
    return riscv::hgatp_tables;
  }

  using Vectors = RiscvVectors;
};

}  // namespace twinwalk::models
