// Size and translation never change in one store (docs/contract.md, "Building and breaking").
#pragma once

#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct BreakBeforeMake : MachineObjection<models::FindingKind::forbidden_in_one_store,
                                          models::FindingKind::changed_under_stale_size,
                                          models::FindingKind::made_beside_other_size> {
  static constexpr std::string_view name = "break-before-make";
  static constexpr std::string_view statement =
      "No store changes what must be broken first, no piece of a split leaf before the flush, and "
      "makes no page valid where a processor may hold one of another size that it must not meet.";
};

}  // namespace twinwalk::fuzz
