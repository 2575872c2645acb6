// A refused call has written nothing that an MMU could have seen, and owes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/step.hpp"
#include "fuzz/words.hpp"

namespace twinwalk::fuzz {

struct RefusalChangesNothing {
  static constexpr std::string_view name = "refusal-changes-nothing";
  static constexpr std::string_view statement =
      "A refused call stores to no slot that a root reaches and owes no flush.";

  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const& step) {
    if (!step.is_contract() || !step.engine.failure) return std::nullopt;
    auto const& writes = world.machine.writes();
    if (writes.count() != 0) {
      auto const& first = writes.list().front();
      return Complaint{"refused with " + words(step.engine.failure) + ", yet slot " +
                           hex(first.slot) + " went from " + hex(first.old) + " to " +
                           hex(first.now),
                       step.op.va.value};
    }
    if (world.machine.counts().invalidations != 0) {
      return Complaint{"refused, yet it called for an invalidation", step.op.va.value};
    }
    return std::nullopt;
  }
};

}  // namespace twinwalk::fuzz
