// A plan that carries the frame of an unlinked table names that table's whole span: a processor may
// hold pointers to it for any address that it served.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/frames.hpp"

namespace twinwalk::fuzz {

struct PlansSpanTables {
  static constexpr std::string_view name = "plans-span-tables";
  static constexpr std::string_view statement =
      "The whole span of each unlinked table is in a range of the plan that carries its frame.";

  // Frames that await a flush are those of pending plans: the others were freed with theirs.
  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const& step) {
    using Spec = typename World::Spec;
    auto const& frames = world.machine.frames();
    if (frames.in_state(models::FrameState::awaiting_flush) == 0) return std::nullopt;
    for (std::size_t i = 0; i < frames.used_end(); ++i) {
      models::FrameRecord const& frame = frames[i];
      if (frame.state != models::FrameState::awaiting_flush || frame.size_log2 == 0) continue;
      std::uint64_t const first = Spec::sign_extend(frame.prefix);
      std::uint64_t const length = std::uint64_t{1} << Spec::level_shift(frame.level + 1);
      if (is_named(world, first, first + (length - 1))) continue;
      return Complaint{"no pending plan names the span of the unlinked table of level " +
                           std::to_string(frame.level) + " at " + hex(first) +
                           "; this call's names " + words(step.engine.scope),
                       first};
    }
    return std::nullopt;
  }

 private:
  template <class World>
  static bool is_named(World const& world, std::uint64_t first, std::uint64_t last) {
    for (FlushScope const& scope : world.pending_scopes) {
      if (!scope.table_changed && !scope.everything) continue;
      if (scope.everything) return true;
      for (int i = 0; i < scope.range_count; ++i) {
        if (scope.ranges[i].first <= first && last <= scope.ranges[i].last) return true;
      }
    }
    return false;
  }
};

}  // namespace twinwalk::fuzz
