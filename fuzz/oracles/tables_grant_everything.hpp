// Rights and attributes live in leaves (docs/contract.md, "Table entries").
#pragma once

#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct TablesGrantEverything : MachineObjection<models::FindingKind::table_restricts> {
  static constexpr std::string_view name = "tables-grant-everything";
  static constexpr std::string_view statement =
      "Each entry to a table grants everything the format allows and carries no attribute.";
};

}  // namespace twinwalk::fuzz
