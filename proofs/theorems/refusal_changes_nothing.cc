#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

void judge(Path& path) {
  if (path.ok()) return;
  SymBool untouched(true);
  for (Machine::Write const& write : path.machine.writes) {
    if (write.by_hardware) continue;
    untouched = both(untouched, path.is_taken(Machine::frame_of(write.slot)));
  }
  path.prove("refusal-changes-nothing", "no store where a root reaches", untouched);
  SymBool unlabelled(true);
  for (SymWord const& frame : path.machine.relabelled) {
    unlabelled = both(unlabelled, path.is_taken(frame));
  }
  path.prove("refusal-changes-nothing", "no metadata of a table", unlabelled);
  path.prove("refusal-changes-nothing", "no flush",
             SymBool(path.machine.flushes.empty() && !path.outcome.plan));
}

}  // namespace

OperationTheorem const refusal_changes_nothing{
    "refusal-changes-nothing",
    "A call that is refused stores to no slot that a root reaches, changes no table's metadata and "
    "owes no flush.",
    judge, nullptr};

}  // namespace twinwalk::proofs
