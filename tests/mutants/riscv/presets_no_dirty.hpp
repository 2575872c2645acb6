#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct PresetsNoDirty : Sv39 {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B36: a first write that faults, or never does",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "presets no dirty on a machine that sets none",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return {Format::encode(options, flags).bits & ~bit(7)};
  }
};

}  // namespace twinwalk::mutants::riscv
