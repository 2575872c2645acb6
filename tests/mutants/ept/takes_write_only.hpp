#pragma once

#include "tests/mutants/ept/base.hpp"

namespace twinwalk::mutants::ept {

struct TakesWriteOnly : Ept4 {
  static constexpr Info info{.kind = Kind::misconfiguration,
                             .origin = "B30: live in axaddrspace",
                             .oracle = "result-agrees",
                             .summary = "takes WRITE without READ, which is a misconfiguration",
                             .ops_max = 3};

  bool representable(Options const& options, MappingFlags flags) override {
    return Format::representable(options, flags.has(Flag::WRITE) ? flags | Flag::READ : flags);
  }
};

}  // namespace twinwalk::mutants::ept
