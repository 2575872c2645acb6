// Objections that the machine models raise themselves, each belonging to one oracle.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

// The first finding of one of these kinds.
template <class World, class... Kinds>
std::optional<Complaint> first_machine_finding(World const& world, Kinds... kinds) {
  if (world.machine.findings().empty()) return std::nullopt;
  for (models::Finding const& finding : world.machine.findings().list()) {
    if (!((finding.kind == kinds) || ...)) continue;
    return Complaint{std::string(models::name(finding.kind)) + " at physical " +
                         hex(finding.where) + " (" + hex(finding.detail) + ")",
                     0};
  }
  return std::nullopt;
}

}  // namespace twinwalk::fuzz
