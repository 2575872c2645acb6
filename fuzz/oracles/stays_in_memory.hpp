// The engine touches nothing but its own table frames.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "fuzz/step.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct StaysInMemory {
  static constexpr std::string_view name = "stays-in-memory";
  static constexpr std::string_view statement =
      "The engine reads and writes only frames that it holds, whole aligned words.";

  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const&) {
    return objection(world);
  }
  template <class World>
  static std::optional<Complaint> at_end(World const& world) {
    return objection(world);
  }

 private:
  template <class World>
  static std::optional<Complaint> objection(World const& world) {
    using enum models::FindingKind;
    return first_machine_finding(world, load_outside, store_outside, misaligned_slot);
  }
};

}  // namespace twinwalk::fuzz
