// One operation of the contract, asked of the engine.
#pragma once

#include <utility>

#include "engine/api.hpp"
#include "fuzz/op.hpp"
#include "fuzz/step.hpp"

namespace twinwalk::fuzz {

// Calls the engine, puts its answer into step.engine and returns the plan it owes.
template <class World>
typename World::Plan call_engine(World& world, Op const& op, Step& step) {
  using Plan = typename World::Plan;
  auto& table = *world.spaces[op.space].table;
  Answer& answer = step.engine;

  auto const plain = [&](auto result) -> Plan {
    if (!result) {
      answer.failure = result.failure();
      return {};
    }
    return std::move(*result);
  };
  auto const removed = [&](auto result) -> Plan {
    if (!result) {
      answer.failure = result.failure();
      return {};
    }
    answer.leaf = result->leaf;
    return std::move(result->plan);
  };
  auto const region = [&](auto result) -> Plan {
    if (!result) {
      answer.failure = result.failure();
      return {};
    }
    answer.mapped_bytes = result->mapped_bytes;
    return std::move(result->plan);
  };

  switch (op.kind) {
    case OpKind::map:
      return plain(table.map(op.va, op.pa, op.size, op.flags));
    case OpKind::unmap:
      return removed(table.unmap(op.va));
    case OpKind::protect:
      return plain(table.protect(op.va, op.flags));
    case OpKind::remap:
      return removed(table.remap(op.va, op.pa, op.flags));
    case OpKind::query: {
      auto result = table.query(op.va);
      if (result) {
        answer.leaf = *result;
      } else {
        answer.failure = result.failure();
      }
      return {};
    }
    case OpKind::map_region:
      return plain(table.map_region(op.va, op.pa, op.length, op.flags, op.size));
    case OpKind::unmap_region:
      if (!op.visit) return region(table.unmap_region(op.va, op.length));
      return region(table.unmap_region(op.va, op.length,
                                       [&](Leaf const& leaf) { step.engine_leaves.add(leaf); }));
    case OpKind::protect_region:
      return region(table.protect_region(op.va, op.length, op.flags));
    case OpKind::clear_accessed:
      return plain(table.clear_accessed(op.va));
    case OpKind::clear_dirty:
      return plain(table.clear_dirty(op.va));
    case OpKind::set_accessed:
      return plain(table.set_accessed(op.va));
    case OpKind::set_dirty:
      return plain(table.set_dirty(op.va));
    case OpKind::share:
      return plain(table.share_root_entries(*world.spaces[op.owner].table, op.va, op.length));
    case OpKind::walk: {
      std::uint32_t left = op.count;
      auto result = table.walk(op.va, op.length, [&](Leaf const& leaf) {
        step.engine_leaves.add(leaf);
        return op.count == 0 || --left != 0;
      });
      if (!result) answer.failure = result.failure();
      return {};
    }
    default:
      return {};
  }
}

}  // namespace twinwalk::fuzz
