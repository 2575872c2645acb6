// A plan asks for no more than the call's stores made necessary: a flush costs every processor.
// That it asks for no less is tlb-never-stale's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/machine/counts.hpp"
#include "models/spec/access.hpp"
#include "models/spec/field.hpp"

namespace twinwalk::fuzz {

struct PlanIsExact {
  static constexpr std::string_view name = "plan-is-exact";
  static constexpr std::string_view statement =
      "A plan says whether a table entry changed or a new one owes a fence or barrier, and whether "
      "that concerns who borrowed the table, and asks for no flush that no store owes.";

  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const& step) {
    if (!step.is_contract()) return std::nullopt;
    FlushScope const& scope = step.engine.scope;
    char const* const wrong = objection(world, step, scope, Stores(world, step));
    if (wrong == nullptr) return std::nullopt;
    return Complaint{std::string(wrong) + "; the plan says " + words(scope), step.op.va.value};
  }

  // A destroyed table owes everything.
  template <class World>
  static std::optional<Complaint> at_lifetime(World const&, Lifetime const& life) {
    if (life.created || (life.scope.everything && life.scope.table_changed)) return std::nullopt;
    return Complaint{"destroy owes everything; the plan says " + words(life.scope)};
  }

 private:
  // What the stores of one call did. Where there were more than the log keeps, what it does not
  // show may have happened too.
  struct Stores {
    bool complete;
    bool table_changed = false;  // one was linked, split off or unlinked
    bool fresh = false;          // something was mapped or linked where there was a hole
    bool owe = false;            // something that a processor may hold became wrong
    bool global = false;         // … and is or was global, or nobody looked
    // The call's own range, every span of a table that it unlinked and every leaf that it split.
    std::uint64_t first;
    std::uint64_t last;

    template <class World>
    Stores(World const& world, Step const& step) {
      using Spec = typename World::Spec;
      auto const& log = world.machine.writes();
      complete = !log.overflowed();
      start_with_range_of(step);
      for (models::Write const& write : log.list()) add<Spec>(world, write);
    }

   private:
    void start_with_range_of(Step const& step) {
      Op const& op = step.op;
      first = op.va.value;
      last = first;
      if (info(op.kind).operands.has(Operand::length)) {
        if (op.length != 0) last = first + (op.length - 1);
      } else if (op.kind == OpKind::map) {
        last = first + (bytes(op.size) - 1);
      } else if (step.model.leaf) {
        hold(step.model.leaf->virt.value, bytes(step.model.leaf->size));
      }
    }
    void hold(std::uint64_t start, std::uint64_t length) {
      if (start < first) first = start;
      if (start + (length - 1) > last) last = start + (length - 1);
    }
    template <class Spec, class World>
    void add(World const& world, models::Write const& write) {
      using models::EntryKind;
      auto const& settings = world.machine.settings();
      int const level = write.level;
      EntryKind const was = Spec::classify(settings, level, write.old);
      EntryKind const is = Spec::classify(settings, level, write.now);
      bool const was_table = was == EntryKind::table;
      bool const is_table = is == EntryKind::table;
      bool const same_table =
          was_table && is_table &&
          Spec::table_address(level, write.old) == Spec::table_address(level, write.now);
      if ((was_table || is_table) && !same_table) {
        table_changed = true;
        if (was != EntryKind::hole) {
          hold(Spec::sign_extend(write.input), std::uint64_t{1} << Spec::level_shift(level));
        }
      }
      fresh |= was == EntryKind::hole && is != EntryKind::hole;
      global |= write.drops_leaves;
      bool renamed = false;
      if (was == EntryKind::leaf) {
        bool const was_global = is_global<Spec>(world, level, write.old);
        bool const is_global_now =
            is == EntryKind::leaf && is_global<Spec>(world, level, write.now);
        global |= was_global || is_global_now;
        renamed = was_global != is_global_now;
      }
      owe |= renamed || Spec::stale_effect(settings, level, write.old, write.now).effect ==
                            models::StaleEffect::must_invalidate;
    }
    template <class Spec, class World>
    static bool is_global(World const& world, int level, std::uint64_t leaf) {
      return Spec::template flags_of_leaf<std::uint64_t>(world.options, level, leaf)
          .has(Flag::GLOBAL);
    }
  };

  template <class World>
  static char const* objection(World const& world, Step const& step, FlushScope const& scope,
                               Stores const& stores) {
    using Spec = typename World::Spec;
    bool const flushes = scope.demands_invalidation();
    if (scope.everything) return "only destroy owes everything";
    if (scope.range_count > 1) return "one call has one range";
    if (scope.barrier && !Spec::new_entries_owe_barrier) return "no barrier is ever owed";
    if (scope.fence && !Spec::new_entries_owe_fence) return "no fence is ever owed";
    if (Spec::new_entries_owe_fence && stores.fresh && !scope.fence) {
      return "new entries owe a fence";
    }
    if (Spec::new_entries_owe_barrier && stores.fresh && !scope.barrier) {
      return "new entries owe a barrier";
    }
    if (flushes && scope.root != world.spaces[step.op.space].table->root().value) {
      return "it is for another root";
    }
    bool const shared = (flushes || scope.fence || scope.barrier) && meets_pinned_slot(world, step);
    if (scope.every_space && !shared) return "no flush of a shared table is owed";
    if (!scope.every_space && shared) return "who borrowed is not concerned";
    if (stores.table_changed && !scope.table_changed) return "a table entry changed";
    if (!stores.complete) return nullptr;
    if (scope.table_changed && !stores.table_changed) return "no table entry changed";
    if (flushes && !stores.owe) return "no store owes a flush";
    if (scope.fence && !stores.fresh) return "no new entry owes a fence";
    if (scope.barrier && !stores.fresh) return "no new entry owes a barrier";
    if (scope.global && !stores.global) return "no leaf that changed is or was global";
    for (int i = 0; i < scope.range_count; ++i) {
      FlushRange const& range = scope.ranges[i];
      if (range.first < stores.first || range.last > stores.last) {
        return "its range exceeds what the call touched";
      }
    }
    return nullptr;
  }

  // Whether the call's range lies in some slot that its table lends.
  template <class World>
  static bool meets_pinned_slot(World const& world, Step const& step) {
    using Spec = typename World::Spec;
    auto const& map = world.spaces[step.op.space].map;
    bool const ranged = info(step.op.kind).operands.has(Operand::length);
    std::uint64_t const first = step.op.va.value;
    std::uint64_t const last = ranged && step.op.length != 0 ? first + (step.op.length - 1) : first;
    std::uint64_t const slot = std::uint64_t{1} << Spec::level_shift(Spec::levels);
    for (std::uint64_t at = first & ~(slot - 1);; at += slot) {
      if (map.pins(VirtAddr(at))) return true;
      if (last - at < slot) return false;
    }
  }
};

}  // namespace twinwalk::fuzz
