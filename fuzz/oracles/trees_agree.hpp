// Every leaf of every tree is in the flat map, and every leaf of the flat map in the tree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "fuzz/leaf_runs.hpp"
#include "fuzz/step.hpp"
#include "fuzz/tree_scan.hpp"
#include "fuzz/words.hpp"
#include "models/extents.hpp"

namespace twinwalk::fuzz {

struct TreesAgree {
  static constexpr std::string_view name = "trees-agree";
  static constexpr std::string_view statement =
      "The whole tree, read by the manual's tables, holds exactly the leaves of the flat map.";

  template <class World>
  static std::optional<Complaint> at_checkpoint(World& world) {
    for (std::uint8_t i = 0; i < world.spaces.size(); ++i) {
      if (!world.spaces[i].exists()) continue;
      if (auto complaint = compare(world, i)) return complaint;
    }
    return std::nullopt;
  }

 private:
  struct Sink {
    LeafRuns leaves;
    std::optional<Complaint> complaint;

    void leaf(Leaf const& leaf) { leaves.add(leaf); }
    void table(std::uint64_t, int, std::uint64_t, std::uint64_t) {}
    void malformed(std::uint64_t entry, int level, std::uint64_t va) {
      if (complaint) return;
      complaint =
          Complaint{"malformed entry of level " + std::to_string(level) + ": " + hex(entry), va};
    }
  };

  template <class World>
  static std::optional<Complaint> compare(World& world, std::uint8_t index) {
    auto const& space = world.spaces[index];
    Sink tree;
    TreeScan(world.machine, tree).run(space.table->root().value);
    if (tree.complaint) {
      tree.complaint->space = index;
      return tree.complaint;
    }
    LeafRuns map;
    auto const add = [&](models::Extent const& run) {
      map.add(run);
      return true;
    };
    for (auto const& [first, length] : halves<typename World::Spec>()) {
      space.map.walk(VirtAddr(first), length, add);
    }
    if (tree.leaves == map) return std::nullopt;
    auto const engine = tree.leaves.all();
    auto const model = map.all();
    std::size_t i = 0;
    while (i < engine.size() && i < model.size() && engine[i] == model[i]) ++i;
    bool const in_tree = i < engine.size();
    bool const in_map = i < model.size();
    return Complaint{"tree: " + (in_tree ? words(engine[i]) : "no more leaves") +
                         "; flat map: " + (in_map ? words(model[i]) : "no more leaves"),
                     in_tree ? engine[i].virt : model[i].virt, index};
  }

  struct Half {
    std::uint64_t first;
    std::uint64_t length;
  };
  // The two halves of the addresses there are, lower first.
  template <class Spec>
  static std::array<Half, 2> halves() {
    std::uint64_t const length = std::uint64_t{1} << (Spec::address_bits - 1);
    return {{{Spec::sign_extend(std::uint64_t{0}), length}, {Spec::sign_extend(length), length}}};
  }
};

}  // namespace twinwalk::fuzz
