// What an MMU makes of the bytes is what the flat map holds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "fuzz/step.hpp"
#include "fuzz/words.hpp"
#include "models/spec/access.hpp"

namespace twinwalk::fuzz {

struct WalkerAgrees {
  static constexpr std::string_view name = "walker-agrees";
  static constexpr std::string_view statement =
      "The hardware walk of the real bytes gives address, size, rights and type as predicted.";

  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const&) {
    for (auto const& probe : world.probes) {
      if (agrees(world, probe)) continue;
      std::string const flat_map = words(probe.leaf);
      return Complaint{"walker: " + hardware(world, probe) + "; flat map: " + flat_map, probe.va,
                       probe.space};
    }
    return std::nullopt;
  }

 private:
  template <class World, class Probe>
  static bool agrees(World const& world, Probe const& probe) {
    auto const& walked = probe.translation;
    if (walked.found() != probe.leaf.has_value()) return false;
    if (!walked.found()) return true;
    Leaf const& leaf = *probe.leaf;
    return walked.size == leaf.size && walked.frame() == leaf.phys.value &&
           walked.physical - walked.frame() == probe.va - leaf.virt.value &&
           walked.leaf_flags(world.options) == leaf.flags &&
           walked.effective_flags(world.options) == leaf.flags;
  }

  template <class World, class Probe>
  static std::string hardware(World const& world, Probe const& probe) {
    auto const& walked = probe.translation;
    if (!walked.found()) return std::string(models::refusal_name(walked.refusal));
    Leaf leaf;
    leaf.virt = VirtAddr(probe.va - (walked.physical - walked.frame()));
    leaf.phys = PhysAddr(walked.frame());
    leaf.size = walked.size;
    leaf.flags = walked.effective_flags(world.options);
    return words(leaf);
  }
};

}  // namespace twinwalk::fuzz
