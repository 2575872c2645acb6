// No table stays without an entry, and the engine's live counts are the truth.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "engine/table_metadata.hpp"
#include "fuzz/step.hpp"
#include "fuzz/tree_scan.hpp"
#include "fuzz/words.hpp"

namespace twinwalk::fuzz {

struct NoEmptyTable {
  static constexpr std::string_view name = "no-empty-table";
  static constexpr std::string_view statement =
      "Only roots and pinned tables may be empty, and each live count is the number of entries.";

  template <class World>
  static std::optional<Complaint> at_checkpoint(World& world) {
    for (std::uint8_t i = 0; i < world.spaces.size(); ++i) {
      if (!world.spaces[i].exists()) continue;
      Sink<World> sink{world, i, std::nullopt};
      TreeScan(world.machine, sink).run(world.spaces[i].table->root().value);
      if (sink.complaint) return sink.complaint;
    }
    return std::nullopt;
  }

 private:
  template <class World>
  struct Sink {
    World& world;
    std::uint8_t space;
    std::optional<Complaint> complaint;

    void leaf(Leaf const&) {}
    void malformed(std::uint64_t, int, std::uint64_t) {}
    void table(std::uint64_t address, int level, std::uint64_t va, std::uint64_t live) {
      if (complaint) return;
      auto const& map = world.spaces[space].map;
      bool const root = level == World::Spec::levels;
      bool const may_be_empty = root || (level == World::Spec::levels - 1 &&
                                         (map.pins(VirtAddr(va)) || map.borrows(VirtAddr(va))));
      if (live == 0 && !may_be_empty) {
        complaint =
            Complaint{"the table of level " + std::to_string(level) + " is empty", va, space};
      }
      std::uint64_t const counted = count_of<std::uint64_t>(world.machine.live_count(address));
      if (counted != live) {
        complaint =
            Complaint{"the live count of the table of level " + std::to_string(level) + " says " +
                          std::to_string(counted) + ", it has " + std::to_string(live),
                      va, space};
      }
    }
  };
};

}  // namespace twinwalk::fuzz
