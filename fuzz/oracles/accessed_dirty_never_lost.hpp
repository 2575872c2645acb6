// What hardware set in accessed and dirty is there, or was handed out, until somebody clears it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/step.hpp"
#include "fuzz/words.hpp"

namespace twinwalk::fuzz {

struct AccessedDirtyNeverLost {
  static constexpr std::string_view name = "accessed-dirty-never-lost";
  static constexpr std::string_view statement =
      "Accessed and dirty of each leaf are as hardware and the calls left them.";

  template <class World>
  static std::optional<Complaint> after_operation(World const& world, Step const&) {
    for (auto const& probe : world.probes) {
      if (!probe.translation.found() || !probe.leaf) continue;
      bool const accessed = probe.leaf->accessed != 0;
      bool const dirty = probe.leaf->dirty != 0;
      if (probe.translation.accessed == accessed && probe.translation.dirty == dirty) continue;
      return Complaint{"the entry has " +
                           bits(probe.translation.accessed, probe.translation.dirty) +
                           "; flat map: " + bits(accessed, dirty),
                       probe.va, probe.space};
    }
    return std::nullopt;
  }

 private:
  static std::string bits(bool accessed, bool dirty) {
    return std::string(accessed ? "A=1" : "A=0") + (dirty ? " D=1" : " D=0");
  }
};

}  // namespace twinwalk::fuzz
