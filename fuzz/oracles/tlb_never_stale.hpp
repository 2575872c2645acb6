// No processor may hold what the tables no longer say, unless a pending plan covers it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "fuzz/op.hpp"
#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/machine/answers.hpp"

namespace twinwalk::fuzz {

struct TlbNeverStale {
  static constexpr std::string_view name = "tlb-never-stale";
  static constexpr std::string_view statement =
      "Once a plan is carried out, no processor may hold a translation or table it made wrong.";

  template <class World>
  static std::optional<Complaint> after_operation(World& world, Step const& step) {
    if (auto stale = objection(world, step.engine.scope)) return stale;
    if (!step.executed || step.op.kind != OpKind::access || !world.pending.empty()) {
      return std::nullopt;
    }
    return judge(step);
  }
  // What is pending then are the plans of `destroy`, and no space is left to be right about.
  template <class World>
  static std::optional<Complaint> at_destroyed(World& world) {
    return objection(world, FlushScope{});
  }
  template <class World>
  static std::optional<Complaint> at_end(World& world) {
    return objection(world, FlushScope{});
  }

 private:
  template <class World>
  static std::optional<Complaint> objection(World& world, FlushScope const& scope) {
    auto const stale = world.machine.tlb().stale_beyond(world.pending_scopes);
    if (!stale) return std::nullopt;
    std::uint64_t const va = World::Spec::sign_extend(stale->first);
    return Complaint{"a processor may still hold the entry of level " +
                         std::to_string(stale->level) + " for " + hex(va) + ": " +
                         hex(stale->value) + "; the plan named " + words(scope),
                     va};
  }

  // An access with no plan pending: what succeeds is what the tables say, and what they allow may
  // fault once at most.
  static std::optional<Complaint> judge(Step const& step) {
    Touch const& touch = step.touch;
    for (models::Answer const& answer : touch.answers.all()) {
      // Who holds the leaf from before accessed was cleared uses it: the hint is one too few.
      bool const granted = touch.allowed || touch.accessed_clear;
      if (answer.fault || (granted && answer.phys == touch.physical)) continue;
      return Complaint{"an access may reach " + hex(answer.phys) + "; the tables say " +
                           (touch.allowed ? hex(touch.physical) : "fault"),
                       step.op.va.value};
    }
    if (!touch.retried.may_fault()) return std::nullopt;
    return Complaint{"an access that the tables allow faults again", step.op.va.value};
  }
};

}  // namespace twinwalk::fuzz
