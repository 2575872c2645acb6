// A table frame is given back only after the flush that makes every processor forget it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/oracles/machine_findings.hpp"
#include "fuzz/step.hpp"
#include "models/finding.hpp"

namespace twinwalk::fuzz {

struct FreedWhileCached {
  static constexpr std::string_view name = "freed-while-cached";
  static constexpr std::string_view statement =
      "A frame is freed only when no root reaches it and no processor may hold a pointer to it.";

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
    return first_machine_finding(world, freed_while_cached, freed_while_linked);
  }
};

}  // namespace twinwalk::fuzz
