// The engine touches nothing but its own table frames.
#pragma once

#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct StaysInMemory
    : MachineObjection<models::FindingKind::load_outside, models::FindingKind::store_outside,
                       models::FindingKind::misaligned_slot> {
  static constexpr std::string_view name = "stays-in-memory";
  static constexpr std::string_view statement =
      "The engine reads and writes only frames that it holds, whole aligned words.";
};

}  // namespace twinwalk::fuzz
