// What the flags, accessed and dirty of a leaf become. No addresses here.
#pragma once

#include "engine/api.hpp"
#include "models/extents.hpp"

namespace twinwalk::models {

template <class Spec>
struct LeafRules {
  MachineOptions const& options;

  // Accessed and dirty start clear, but for what the machine does not update by itself.
  void start(Extent& leaf, MappingFlags normalised) const {
    leaf.flags = normalised;
    leaf.accessed = Spec::hardware_updates(options) == HardwareUpdates::none;
    leaf.dirty = presets_dirty() && normalised.has(Flag::WRITE);
  }
  // New rights, type, key and GLOBAL; software bits, accessed and dirty survive.
  void grant(Extent& leaf, MappingFlags normalised) const {
    bool const newly_writable = normalised.has(Flag::WRITE) && !leaf.flags.has(Flag::WRITE);
    leaf.flags = normalised | software_of(leaf.flags);
    if (newly_writable && presets_dirty()) leaf.dirty = true;
  }
  // Everything new but the software bits.
  void restart(Extent& leaf, MappingFlags normalised) const {
    start(leaf, normalised | software_of(leaf.flags));
  }

  // Software bits are the owner's own: they are no part of what protect compares or replaces.
  static MappingFlags software_of(MappingFlags flags) {
    return MappingFlags().with_software(flags.software());
  }

 private:
  bool presets_dirty() const {
    return Spec::hardware_updates(options) != HardwareUpdates::accessed_and_dirty;
  }
};

}  // namespace twinwalk::models
