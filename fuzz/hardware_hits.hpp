// Hardware that sets accessed or dirty in the midst of a call, and how the flat map learns of it.
//
// The flat map executes a call in one step, so each hit is told either before the call or after it.
// A hit that found the very leaf that stood there before the call happened before; any other found
// what the call had already written, and so found it whole: whatever the call made of that leaf
// later on has its bits. A piece of a split leaf can be split again and removed again, so after the
// call all leaves within its span get the bits, those that stand and those handed to a visitor.
//
// Hardware strikes while the engine works, from the beginning of a call until it returns its plan.
// Before that and after it, an `access` says the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/api.hpp"
#include "fuzz/op.hpp"
#include "fuzz/step.hpp"
#include "models/machine/hardware.hpp"

namespace twinwalk::fuzz {

template <class World>
class HardwareHits {
 public:
  using Spec = typename World::Spec;

  // Arms a `hardware` operation for the next call.
  void arm(World const& world, Op const& op) {
    auto const& space = world.spaces[op.space];
    if (!space.exists() || count_armed_ == armed_.size()) return;
    models::HardwareEvent event;
    event.before_store = op.moment == Moment::before_store;
    event.at = op.count;
    event.space = space.id;
    event.virt = op.va.value;
    event.write = op.access == AccessKind::write;
    armed_[count_armed_++] = {event, op.space, 0, 0, false};
  }
  void disarm() { count_armed_ = 0; }

  // Notes the leaves that stand before the call, and lets hardware loose.
  void before_call(World& world) {
    for (std::size_t i = 0; i < count_armed_; ++i) {
      Armed& armed = armed_[i];
      world.machine.arm(armed.event);
      armed.slot = 0;
      if (!Spec::canonical(armed.event.virt)) continue;
      auto const found = world.machine.translate(armed.event.space, armed.event.virt);
      if (!found.found()) continue;
      armed.slot = found.slot();
      armed.entry = found.entry;
    }
    count_ = 0;
  }

  // The call has returned: hardware rests, and what it did is told.
  void tell_before(World& world, Step const& step) {
    world.machine.disarm_hardware();
    for (auto const& hit : world.machine.hits()) {
      if (!hit.found) continue;
      ++count_;
      Armed* const armed = armed_for(hit);
      if (armed == nullptr || !happened_before(*armed, hit)) continue;
      if (was_visited_before(step, hit)) continue;
      tell(world, *armed, hit, hit.event.virt);
      // The next hit on the same leaf finds these bits set.
      for (std::size_t i = 0; i < count_armed_; ++i) {
        if (armed_[i].slot == hit.slot) armed_[i].entry ^= hit.changed;
      }
      armed->told = true;
    }
  }

  void tell_after(World& world, Step& step) {
    for (auto const& hit : world.machine.hits()) {
      Armed* const armed = hit.found ? armed_for(hit) : nullptr;
      if (armed == nullptr || armed->told) continue;
      // A leaf in a table that is no longer linked is nobody's but a visitor's.
      if (!hit.unlinked) tell_all(world, *armed, hit);
      if (step.op.kind != OpKind::walk) amend(step.model_leaves, hit);
    }
    for (std::size_t i = 0; i < count_armed_; ++i) armed_[i].told = false;
  }

  std::size_t count() const { return count_; }

 private:
  struct Armed {
    models::HardwareEvent event;
    std::uint8_t space = 0;
    std::uint64_t slot = 0;  // of the leaf before the call
    std::uint64_t entry = 0;
    bool told = false;
  };

  Armed* armed_for(models::HardwareHit const& hit) {
    for (std::size_t i = 0; i < count_armed_; ++i) {
      models::HardwareEvent const& e = armed_[i].event;
      if (e.virt == hit.event.virt && e.space == hit.event.space && e.at == hit.event.at &&
          e.before_store == hit.event.before_store && e.write == hit.event.write) {
        return &armed_[i];
      }
    }
    return nullptr;
  }
  static bool happened_before(Armed const& armed, models::HardwareHit const& hit) {
    return armed.slot == hit.slot && armed.entry == hit.leaf;
  }
  // A walk changes nothing, so only what it reported says whether it had come by already.
  static bool was_visited_before(Step const& step, models::HardwareHit const& hit) {
    if (step.op.kind != OpKind::walk) return false;
    for (models::Extent const& run : step.engine_leaves.all()) {
      if (!run.contains(hit.event.virt)) continue;
      return (accessed(hit) && !run.accessed) || (dirty(hit) && !run.dirty);
    }
    return false;
  }
  static bool accessed(models::HardwareHit const& hit) {
    return (hit.changed & Spec::accessed_mask(hit.level)) != 0;
  }
  static bool dirty(models::HardwareHit const& hit) {
    return (hit.changed & Spec::dirty_mask(hit.level)) != 0;
  }

  // The addresses of the leaf that was hit.
  static std::uint64_t first_of(models::HardwareHit const& hit) {
    return hit.event.virt >> Spec::level_shift(hit.level) << Spec::level_shift(hit.level);
  }
  static std::uint64_t last_of(models::HardwareHit const& hit) {
    return first_of(hit) + ((std::uint64_t{1} << Spec::level_shift(hit.level)) - 1);
  }

  void tell(World& world, Armed const& armed, models::HardwareHit const& hit, std::uint64_t va) {
    auto& map = world.spaces[armed.space].map;
    if (accessed(hit)) map.set_hardware_accessed(VirtAddr(va));
    if (dirty(hit)) map.set_hardware_dirty(VirtAddr(va));
  }
  // Tells it of every leaf in the span of the one that was hit.
  void tell_all(World& world, Armed const& armed, models::HardwareHit const& hit) {
    auto const& map = world.spaces[armed.space].map;
    std::uint64_t const last = last_of(hit);
    for (std::uint64_t at = first_of(hit);;) {
      auto const leaf = map.leaf_at(VirtAddr(at));
      if (leaf) tell(world, armed, hit, at);
      std::uint64_t const end = at | (bytes(leaf ? leaf->size : PageSize::Size4K) - 1);
      if (end >= last) return;
      at = end + 1;
    }
  }

  // The leaves in the span of the one that was hit, among those handed to a visitor, get the bits.
  void amend(LeafRuns& leaves, models::HardwareHit const& hit) {
    scratch_.assign(leaves.all().begin(), leaves.all().end());
    leaves.clear();
    std::uint64_t const first = first_of(hit);
    std::uint64_t const last = last_of(hit);
    for (models::Extent const& run : scratch_) {
      if (run.last() < first || last < run.virt) {
        leaves.add(run);
        continue;
      }
      models::Extent amended = run.touched_by(first, last);
      amended.accessed |= accessed(hit);
      amended.dirty |= dirty(hit);
      if (run.virt < amended.virt) leaves.add(run.touched_by(run.virt, amended.virt - 1));
      leaves.add(amended);
      if (amended.last() < run.last()) leaves.add(run.touched_by(amended.last() + 1, run.last()));
    }
  }

  std::array<Armed, 8> armed_{};
  std::size_t count_armed_ = 0;
  std::size_t count_ = 0;
  std::vector<models::Extent> scratch_;
};

}  // namespace twinwalk::fuzz
