#include "proofs/explore.hpp"

#include <memory>

#include "proofs/invariant.hpp"

namespace twinwalk::proofs {
namespace {

constexpr std::string_view theorem = "ownership-established";

Refutation explain(z3::model const& /*model*/) { return {}; }

// The tree of a new root translates nothing, and the invariant holds for every walk in it.
void judge_new_tree(Prover& prover, Machine& machine, SymWord const& root) {
  Spec const& spec = machine.spec();
  machine.places.write(root, spec.place(spec.levels(), SymWord()));
  machine.owners.write(root, root);
  SymWord const anywhere = spec.sign_extend(free_word("anywhere"));
  Walk const walk = walk_at(machine, machine.entries.version(), root, anywhere);
  prover.prove(theorem, "nothing is mapped", both(!walk.found, !walk.malformed), explain);
  for (Clause const& clause : invariant(machine, walk, Moment::now(machine))) {
    prover.prove(theorem, std::string(clause.theorem), clause.holds, explain);
  }
}

// Every other tree is as it was.
void judge_other_tree(Prover& prover, Explorer& explorer, Machine& machine, SymWord const& root) {
  SymWord const other = free_word("other_root", 40, 12);
  Walk const walk = walk_at(machine, 0, other, machine.spec().sign_extend(free_word("elsewhere")));
  assume_invariant(machine, walk);
  prover.prove_satisfiable(theorem, "another tree", explorer.possible(SymBool(true)));
  prover.prove(theorem, "another tree has another root", other != root, explain);
  prover.prove(theorem, "another tree is untouched",
               SymBool(machine.leaves_slots_alone(walk) && machine.leaves_tables_alone(walk)),
               explain);
}

Explored explore_create(Prover& prover, Explorer& explorer, Spec const& spec,
                        Engine const& engine) {
  double const start = thread_seconds();
  Explorer::Case const scope(explorer);
  explorer.assume(spec.machine().is_a_machine());
  Machine first(explorer, spec, prover.options().pruning);
  int const paths = explorer.run([&] {
    std::unique_ptr<Machine> const machine = engine.machine(first);
    failed_assertions().clear();
    Outcome const outcome = engine.create(*machine);
    prover.count_path(theorem);
    prover.prove(theorem, "no assertion fails", SymBool(failed_assertions().empty()), explain);
    bool const starved = machine->taken.empty();
    prover.prove(theorem, "the status",
                 SymBool(starved ? outcome.error == PagingError::NoMemory : !outcome.error),
                 explain);
    prover.prove(theorem, "one frame", SymBool(machine->taken.size() == (starved ? 0U : 1U)),
                 explain);
    if (starved || outcome.error) return;
    SymWord const root = machine->taken.back().address;
    judge_other_tree(prover, explorer, *machine, root);
    judge_new_tree(prover, *machine, root);
  });
  return {"create", paths, thread_seconds() - start};
}

}  // namespace

FoundationTheorem const ownership_established{"ownership-established",
                                              "A tree that was just created maps nothing, the "
                                              "ownership invariant holds for every walk in it, "
                                              "and every other tree is as it was.",
                                              explore_create};

}  // namespace twinwalk::proofs
