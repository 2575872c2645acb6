#pragma once

#include "tests/mutants/ept/base.hpp"

namespace twinwalk::mutants::ept {

struct TakesExecuteOnlyEverywhere : Ept4 {
  static constexpr Info info{.kind = Kind::misconfiguration,
                             .origin = "B29: Linux 0780516a",
                             .oracle = "result-agrees",
                             .summary = "takes EXECUTE alone where the processor has no such pages",
                             .ops_max = 3};

  bool representable(Options const& options, MappingFlags flags) override {
    MappingFlags const readable = flags.has(Flag::EXECUTE) ? flags | Flag::READ : flags;
    return Format::representable(options, readable);
  }
};

}  // namespace twinwalk::mutants::ept
