#include "proofs/theorems/flush.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// Every address whose walk met a table that is freed is covered, whether anything was mapped there
// or not: a processor may hold the pointer.
void judge_case(Path& path, Case const& other) {
  bool const same_root = other.kind == Case::Kind::inside || other.kind == Case::Kind::outside;
  if (!path.ok() || !same_root || path.machine.freed.empty()) return;
  SymScope const scope = scope_of(path).value_or(SymScope{});
  SymBool met(false);
  for (Machine::Frame const& frame : path.machine.freed) {
    for (int level = 1; level < path.spec.levels(); ++level) {
      WalkLevel const& at = other.before[level];
      met = either(met, path.explorer.settle(both(at.reached, at.table == frame.address)));
    }
  }
  path.prove("plans-span-tables", "covered", other,
             implies(met, covers(scope, other.before.address)));
}

}  // namespace

OperationTheorem const plans_span_tables{"plans-span-tables",
                                         "The whole span of each table that is unlinked is in a "
                                         "range of the plan that carries its frame.",
                                         nullptr, judge_case};

}  // namespace twinwalk::proofs
