#include "proofs/explore.hpp"

#include <memory>
#include <vector>

#include "proofs/invariant.hpp"
#include "proofs/path.hpp"
#include "proofs/region.hpp"

namespace twinwalk::proofs {
namespace {

// Any root, address and flags; the machine is any there is.
Inputs any_inputs(Explorer& explorer, Spec const& spec, Operation const& operation) {
  Inputs in{free_word("root", 40, 12),
            free_word("va"),
            free_word("pa"),
            SymFlags(free_word("flags")),
            free_word("borrower", 40, 12),
            free_word("first"),
            free_word("last"),
            PageLevels::from(operation.level)};
  explorer.assume(spec.machine().is_a_machine());
  explorer.assume((in.root & ~spec.machine().physical_mask) == SymWord(0));
  explorer.assume((in.borrower & ~spec.machine().physical_mask) == SymWord(0));
  explorer.assume(in.borrower != in.root, Topic::whereabouts);
  return in;
}

// What the loops of a region keep: the range is valid and in whole pages, the address is in it and
// starts a page; what is mapped fits, its flags are representable, and the rest of it is free.
void assume_round(Explorer& explorer, Spec const& spec, Operation const& operation,
                  Inputs const& in) {
  explorer.assume(is_round(spec, in.first, in.va, in.last), Topic::whereabouts);
  if (operation.call == Call::borrowed_step || operation.call == Call::unmap_step) return;
  explorer.assume(spec.representable(in.flags));
  if (operation.call == Call::protect_step) return;
  explorer.assume(spec.supports(operation.level));
  // Which pages it may map, a region says by the largest; all that depends on it is this choice.
  explorer.assume(is_page_level(spec, operation.level, in.page_levels, in.va, in.last),
                  Topic::whereabouts);
  explorer.assume((in.pa & spec.offset_mask(operation.level)) == SymWord(0));
  SymWord const mask = spec.machine().physical_mask;
  SymWord const first = in.first + in.pa;
  SymWord const last = in.last + in.pa;
  explorer.assume(both(at_most(first, last), (last & ~mask) == SymWord(0)));
}

}  // namespace

Explored explore(Prover& prover, Explorer& explorer, Spec const& spec, Engine const& engine,
                 Operation const& operation, std::span<OperationTheorem const* const> theorems) {
  double const start = thread_seconds();
  int number = 0;
  // What all paths have in common is said once.
  Explorer::Case const scope(explorer);
  Inputs const in = any_inputs(explorer, spec, operation);
  Machine first(explorer, spec, prover.options().pruning);
  Walk const before = walk_at(first, 0, in.root, in.va);
  assume_invariant(first, before);
  explorer.assume(sum_facts(first, before));
  bool const in_region = is_region_check(operation.call) || is_region_round(operation.call);
  if (in_region) assume_round(explorer, spec, operation, in);
  if (operation.call == Call::map_step) {
    // A region looked before it maps.
    explorer.assume(is_free(spec, in.page_levels, before, in.va, in.last), Topic::whereabouts);
  }
  if (operation.call == Call::share) {
    Walk const borrower = walk_at(first, 0, in.borrower, in.va, spec.levels());
    assume_invariant(first, borrower);
    explorer.assume(sum_facts(first, borrower));
  }
  explorer.run([&] {
    std::unique_ptr<Machine> const machine = engine.machine(first);
    failed_assertions().clear();
    Outcome outcome = engine.call(*machine, operation, in);
    if (!outcome.applies) return;
    Path path(prover, *machine, operation, in, before, ++number);
    path.finish(std::move(outcome));
    for (OperationTheorem const* theorem : theorems) {
      if (!prover.wants(theorem->name)) continue;
      prover.count_path(theorem->name);
      if (theorem->judge != nullptr) theorem->judge(path);
    }
    if (path.changes_nothing() && !is_region_check(operation.call)) return;
    path.for_each_case([&](Case const& other) {
      for (OperationTheorem const* theorem : theorems) {
        if (!prover.wants(theorem->name) || theorem->judge_case == nullptr) continue;
        theorem->judge_case(path, other);
      }
    });
  });
  return {operation.name, number, thread_seconds() - start};
}

}  // namespace twinwalk::proofs
