// The engine leaves nothing in a hole: bits there are an address for speculation to use.
#pragma once

#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct HolesAreClean : MachineObjection<models::FindingKind::unclean_hole> {
  static constexpr std::string_view name = "holes-are-clean";
  static constexpr std::string_view statement =
      "Each hole that the engine writes or links is the format's own word for one.";
};

}  // namespace twinwalk::fuzz
