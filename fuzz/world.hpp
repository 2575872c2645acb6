// Everything one run of a sequence touches: the machine, and for each address space the engine's
// table beside the flat map that says what it must hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/api.hpp"
#include "engine/flush_plan.hpp"
#include "fuzz/op.hpp"
#include "fuzz/sequence.hpp"
#include "fuzz/step.hpp"
#include "models/flat_map.hpp"
#include "models/machine.hpp"
#include "models/walker.hpp"

namespace twinwalk::fuzz {

// The machine that an engine runs on: the models', unless the engine brings one made of it.
template <class Engine, class Spec>
struct MachineOf {
  using type = models::Machine<Spec>;
};
template <class Engine, class Spec>
  requires requires { typename Engine::Machine; }
struct MachineOf<Engine, Spec> {
  using type = typename Engine::Machine;
};

// `Engine` is the page table under test on a machine of `SpecT`; it has the operations of
// PageTable.
template <class Engine, class SpecT>
struct World {
  using Spec = SpecT;
  using Machine = typename MachineOf<Engine, Spec>::type;
  using Plan = FlushPlan<Machine>;
  using Map = models::FlatMap<Spec>;
  using Translation = models::Translation<Spec>;

  struct Space {
    std::optional<Engine> table;
    Map map;
    int id = -1;  // the machine's number for it; -1 while there is none

    bool exists() const { return table.has_value(); }
  };

  // A place where tables and flat map are compared after an operation.
  struct Probe {
    std::uint8_t space = 0;
    std::uint64_t va = 0;
    Translation translation;
    std::optional<Leaf> leaf;
  };

  Machine machine{frame_count_max};
  std::array<Space, space_count_max> spaces;
  std::vector<Plan> pending;               // oldest first
  std::vector<FlushScope> pending_scopes;  // the same plans' scopes, side by side
  std::vector<Probe> probes;               // refilled after every operation
  MachineOptions options;

  World() {
    pending.reserve(64);
    pending_scopes.reserve(64);
    probes.reserve(64);
  }

  void carry_out_pending(std::size_t count) {
    for (std::size_t i = 0; i < count && i < pending.size(); ++i) pending[i].carry_out();
    count = count < pending.size() ? count : pending.size();
    auto const n = static_cast<std::ptrdiff_t>(count);
    pending.erase(pending.begin(), pending.begin() + n);
    pending_scopes.erase(pending_scopes.begin(), pending_scopes.begin() + n);
  }
};

}  // namespace twinwalk::fuzz
