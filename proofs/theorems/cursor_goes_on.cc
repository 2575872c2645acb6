#include <fmt/core.h>

#include <memory>

#include "proofs/explore.hpp"
#include "proofs/invariant.hpp"

namespace twinwalk::proofs {
namespace {

constexpr std::string_view theorem = "cursor-goes-on";

Refutation explain(z3::model const& /*model*/) { return {}; }

// What both walks end with: the same level, entry and tables.
SymBool same_end(Spec const& spec, Outcome const& a, Outcome const& b) {
  SymBool same_tables(true);
  for (int level = a.position.lowest; level <= spec.levels(); ++level) {
    auto const at = static_cast<std::size_t>(level);
    same_tables = both(same_tables, a.position.tables[at] == b.position.tables[at]);
  }
  return both(both(SymBool(a.position.lowest == b.position.lowest), a.where == b.where),
              same_tables);
}

Explored explore_seek(Prover& prover, Explorer& explorer, Spec const& spec, Engine const& engine) {
  double const start = thread_seconds();
  int paths = 0;
  for (int lowest = 1; lowest <= spec.levels(); ++lowest) {
    Explorer::Case const scope(explorer);
    explorer.assume(spec.machine().is_a_machine());
    Inputs const in{.root = free_word("root", 40, 12),
                    .va = spec.sign_extend(free_word("va")),
                    .pa = {},
                    .flags = {},
                    .borrower = {}};
    explorer.assume((in.root & ~spec.machine().physical_mask) == SymWord(0));
    Machine first(explorer, spec, prover.options().pruning);
    Walk const from = walk_at(first, 0, in.root, spec.sign_extend(free_word("from")));
    assume_invariant(first, from);
    explorer.assume(from[lowest].reached, Topic::whereabouts);
    Walk const there = walk_at(first, 0, in.root, in.va);
    assume_invariant(first, there);
    paths += explorer.run([&] {
      std::unique_ptr<Machine> const machine = engine.machine(first);
      machine->hold_still();
      auto const ends = engine.seek(*machine, in, from, lowest);
      prover.count_path(theorem);
      prover.prove(theorem, fmt::format("from level {}", lowest), same_end(spec, ends[0], ends[1]),
                   explain);
    });
  }
  return {"seek", paths, thread_seconds() - start};
}

}  // namespace

FoundationTheorem const cursor_goes_on{"cursor-goes-on",
                                       "A walk of the engine's own that goes on from tables that a "
                                       "cursor remembers ends where one from "
                                       "the root does, with the same tables; so what is proved of "
                                       "a call from the root holds for every "
                                       "cursor.",
                                       explore_seek};

}  // namespace twinwalk::proofs
