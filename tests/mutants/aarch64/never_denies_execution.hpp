#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct NeverDeniesExecution : Stage2 {
  static constexpr Info info{.kind = Kind::permissions,
                             .origin = "AXA weakness 23: live in axaddrspace",
                             .oracle = "walker-agrees",
                             .summary = "never sets XN",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return {Format::encode(options, flags).bits & ~mask(54, 53)};
  }
};

}  // namespace twinwalk::mutants::aarch64
