#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// What a cursor remembers after a call is what a walk finds then; that a walk may go on from there
// is theorem cursor-goes-on.
void judge(Path& path) {
  int const lowest = path.outcome.position.lowest;
  if (lowest == 0) return;
  Walk const walk =
      walk_at(path.machine, path.end.entries, path.in.root, path.outcome.position.address, lowest);
  SymBool right(true);
  for (int level = path.spec.levels(); level >= lowest; --level) {
    SymWord const& remembered = path.outcome.position.tables[static_cast<std::size_t>(level)];
    // An address that no tree translates leads nowhere, and a cursor that was refused for it did
    // not move.
    SymBool const reached = either(walk[level].reached, SymBool(level == path.spec.levels()));
    right = both(right, both(reached, walk[level].table == remembered));
  }
  path.prove("cursor-stays-right", "the tables that it remembers", right);
}

}  // namespace

OperationTheorem const cursor_stays_right{
    "cursor-stays-right",
    "After every call the tables that a cursor remembers are those on the way to its last address.",
    judge, nullptr};

}  // namespace twinwalk::proofs
