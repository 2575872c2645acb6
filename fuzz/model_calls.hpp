// One operation of the contract, asked of the flat map.
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "fuzz/op.hpp"
#include "fuzz/step.hpp"
#include "models/extents.hpp"
#include "models/outcome.hpp"

namespace twinwalk::fuzz {

// Predicts, changes the flat map and puts the prediction into step.model. `allocations` is how many
// will succeed.
template <class World>
void call_model(World& world, Op const& op, std::uint64_t allocations, Step& step) {
  auto& map = world.spaces[op.space].map;
  models::Outcome& outcome = step.model;
  switch (op.kind) {
    case OpKind::map:
      outcome = map.map(op.va, op.pa, op.size, op.flags, allocations);
      break;
    case OpKind::unmap:
      outcome = map.unmap(op.va);
      break;
    case OpKind::protect:
      outcome = map.protect(op.va, op.flags);
      break;
    case OpKind::remap:
      outcome = map.remap(op.va, op.pa, op.flags);
      break;
    case OpKind::query:
      outcome = map.query(op.va);
      break;
    case OpKind::map_region:
      outcome = map.map_region(op.va, op.pa, op.length, op.flags, op.size, allocations);
      break;
    case OpKind::unmap_region:
      outcome = map.unmap_region(op.va, op.length, allocations, [&](models::Extent const& run) {
        if (op.visit) step.model_leaves.add(run);
      });
      break;
    case OpKind::protect_region:
      outcome = map.protect_region(op.va, op.length, op.flags, allocations);
      break;
    case OpKind::clear_accessed:
      outcome = map.clear_accessed(op.va);
      break;
    case OpKind::clear_dirty:
      outcome = map.clear_dirty(op.va);
      break;
    case OpKind::set_accessed:
      outcome = map.set_accessed(op.va);
      break;
    case OpKind::set_dirty:
      outcome = map.set_dirty(op.va);
      break;
    case OpKind::share:
      outcome = map.share_root_entries(world.spaces[op.owner].map, op.va, op.length, allocations);
      break;
    case OpKind::walk: {
      std::uint64_t left = op.count;
      outcome = map.walk(op.va, op.length, [&](models::Extent run) {
        if (op.count != 0 && run.count > left) run.count = left;
        left -= run.count;
        step.model_leaves.add(run);
        return op.count == 0 || left != 0;
      });
      break;
    }
    default:
      break;
  }
}

}  // namespace twinwalk::fuzz
