// Size and translation never change in one store (docs/contract.md, "Building and breaking").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "fuzz/step.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct BreakBeforeMake {
  static constexpr std::string_view name = "break-before-make";
  static constexpr std::string_view statement =
      "No store changes what must be broken first, and no piece of a split leaf before the flush.";

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
    return first_machine_finding(world, forbidden_in_one_store, changed_under_stale_size);
  }
};

}  // namespace twinwalk::fuzz
