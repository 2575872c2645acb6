// Objections that the machine models raise themselves, each belonging to one oracle.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

// The first finding of one of these kinds, which are known by a physical address: `va` is what the
// call was about.
template <class World, class... Kinds>
std::optional<Complaint> first_machine_finding(World const& world, std::uint64_t va,
                                               Kinds... kinds) {
  if (world.machine.findings().empty()) return std::nullopt;
  for (models::Finding const& finding : world.machine.findings().list()) {
    if (!((finding.kind == kinds) || ...)) continue;
    return Complaint{std::string(models::name(finding.kind)) + " at physical " +
                         hex(finding.where) + " (" + hex(finding.detail) + ")",
                     va};
  }
  return std::nullopt;
}

// An oracle that passes such findings on: it says nothing of its own.
template <models::FindingKind... kinds>
struct MachineObjection {
  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const& step) {
    return first_machine_finding(world, step.op.va.value, kinds...);
  }
  template <class World>
  static std::optional<Complaint> at_end(World const& world) {
    return first_machine_finding(world, 0, kinds...);
  }
};

}  // namespace twinwalk::fuzz
