// A table frame is given back only after the flush that makes every processor forget it.
#pragma once

#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct FreedWhileCached : MachineObjection<models::FindingKind::freed_while_cached,
                                           models::FindingKind::freed_while_linked> {
  static constexpr std::string_view name = "freed-while-cached";
  static constexpr std::string_view statement =
      "A frame is freed only when no root reaches it and no processor may hold a pointer to it.";
};

}  // namespace twinwalk::fuzz
