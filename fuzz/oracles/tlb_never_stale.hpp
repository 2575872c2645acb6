// No processor may hold what the tables no longer say, unless a pending plan covers it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/step.hpp"
#include "fuzz/words.hpp"

namespace twinwalk::fuzz {

struct TlbNeverStale {
  static constexpr std::string_view name = "tlb-never-stale";
  static constexpr std::string_view statement =
      "Once a plan is carried out, no processor may hold a translation or table it made wrong.";

  template <class World>
  static std::optional<Complaint> after_operation(World& world, Step const& step) {
    auto const stale = world.machine.tlb().stale_beyond(world.pending_scopes);
    if (!stale) return std::nullopt;
    std::uint64_t const va = World::Spec::sign_extend(stale->first);
    return Complaint{"a processor may still hold the entry of level " +
                         std::to_string(stale->level) + " for " + hex(va) + ": " +
                         hex(stale->value) + "; the plan named " + words(step.engine.scope),
                     va};
  }
};

}  // namespace twinwalk::fuzz
