// No entry on a walk sets a bit that the manual reserves.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/walker.hpp"

namespace twinwalk::fuzz {

struct NoReservedBit {
  static constexpr std::string_view name = "no-reserved-bit";
  static constexpr std::string_view statement =
      "No present entry sets a bit that the manual reserves on this machine.";

  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const&) {
    for (auto const& probe : world.probes) {
      if (probe.translation.refusal != models::Refusal::malformed) continue;
      auto const& last = probe.translation.path.last();
      return Complaint{
          "the entry of level " + std::to_string(last.level) + " is malformed: " + hex(last.entry),
          probe.va, probe.space};
    }
    return std::nullopt;
  }
};

}  // namespace twinwalk::fuzz
