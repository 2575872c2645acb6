// Hardware that sets accessed or dirty in the midst of a call, and how the flat map learns of it.
//
// The flat map executes a call in one step, so each hit is told either before the call or after it.
// A hit that found the very leaf that stood there before the call happened before; any other found
// what the call had already written. A leaf that a call splits and then removes can be hit between
// the two: then the removed piece carries the bits out, and what the visitor must see is amended.
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
  void arm(World& world, Op const& op) {
    auto const& space = world.spaces[op.space];
    if (!space.exists() || count_armed_ == armed_.size()) return;
    models::HardwareEvent event;
    event.before_store = op.moment == Moment::before_store;
    event.at = op.count;
    event.space = space.id;
    event.virt = op.va.value;
    event.write = op.access == AccessKind::write;
    world.machine.arm(event);
    armed_[count_armed_++] = {event, op.space, 0, 0, false};
  }
  void disarm() { count_armed_ = 0; }

  // Notes the leaves that stand before the call.
  void before_call(World& world) {
    for (std::size_t i = 0; i < count_armed_; ++i) {
      Armed& armed = armed_[i];
      armed.slot = 0;
      if (!Spec::canonical(armed.event.virt)) continue;
      auto const found = world.machine.translate(armed.event.space, armed.event.virt);
      if (!found.found()) continue;
      armed.slot = found.slot();
      armed.entry = found.entry;
    }
    count_ = 0;
  }

  void tell_before(World& world) {
    for (auto const& hit : world.machine.hits()) {
      if (!hit.found) continue;
      ++count_;
      Armed* const armed = armed_for(hit);
      if (armed == nullptr || !happened_before(*armed, hit)) continue;
      tell(world, *armed, hit);
      // The next hit on the same leaf finds these bits set.
      for (std::size_t i = 0; i < count_armed_; ++i) {
        if (armed_[i].slot == hit.slot) armed_[i].entry |= hit.bits_set;
      }
      armed->told = true;
    }
  }

  void tell_after(World& world, Step& step) {
    for (auto const& hit : world.machine.hits()) {
      Armed* const armed = hit.found ? armed_for(hit) : nullptr;
      if (armed == nullptr || armed->told) continue;
      // A leaf in a table that is no longer linked is nobody's but a visitor's.
      if (!hit.unlinked) tell(world, *armed, hit);
      amend(step.model_leaves, hit);
    }
    for (std::size_t i = 0; i < count_armed_; ++i) armed_[i].told = false;
  }

  std::size_t count() const { return count_; }

 private:
  struct Armed {
    models::HardwareEvent event;
    std::uint8_t space = 0;
    std::uint64_t slot = 0;    // of the leaf before the call
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
  static bool accessed(models::HardwareHit const& hit) {
    return (hit.bits_set & Spec::accessed_mask(hit.level)) != 0;
  }
  static bool dirty(models::HardwareHit const& hit) {
    return (hit.bits_set & Spec::dirty_mask(hit.level)) != 0;
  }

  void tell(World& world, Armed const& armed, models::HardwareHit const& hit) {
    auto& map = world.spaces[armed.space].map;
    if (accessed(hit)) map.set_hardware_accessed(VirtAddr(hit.event.virt));
    if (dirty(hit)) map.set_hardware_dirty(VirtAddr(hit.event.virt));
  }

  // The leaf that contains the address, among those handed to a visitor, gets the bits.
  void amend(LeafRuns& leaves, models::HardwareHit const& hit) {
    scratch_.assign(leaves.all().begin(), leaves.all().end());
    leaves.clear();
    std::uint64_t const va = hit.event.virt;
    for (models::Extent const& run : scratch_) {
      if (!run.contains(va)) {
        leaves.add(run);
        continue;
      }
      Leaf const at = run.leaf_at(va);
      std::uint64_t const last = at.virt.value + bytes(at.size) - 1;
      if (at.virt.value != run.virt) leaves.add(run.touched_by(run.virt, at.virt.value - 1));
      models::Extent amended = run.touched_by(at.virt.value, last);
      amended.accessed |= accessed(hit);
      amended.dirty |= dirty(hit);
      leaves.add(amended);
      if (last != run.last()) leaves.add(run.touched_by(last + 1, run.last()));
    }
  }

  std::array<Armed, 8> armed_{};
  std::size_t count_armed_ = 0;
  std::size_t count_ = 0;
  std::vector<models::Extent> scratch_;
};

}  // namespace twinwalk::fuzz
