#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// Whether a walk meets a frame as one of its tables below the root.
SymBool meets(Spec const& spec, Walk const& walk, SymWord const& frame) {
  SymBool met(false);
  for (int level = 1; level < spec.levels(); ++level) {
    met = either(met, both(walk[level].reached, walk[level].table == frame));
  }
  return met;
}

void judge(Path& path) {
  std::vector<Machine::Frame> const& taken = path.machine.taken;
  std::vector<Machine::Frame> const& freed = path.machine.freed;
  SymBool once(true);
  SymBool ours(true);
  for (std::size_t i = 0; i < freed.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) once = both(once, freed[i].address != freed[k].address);
    SymBool owned = meets(path.spec, path.before, freed[i].address);
    for (Machine::Frame const& frame : taken)
      owned = either(owned, frame.address == freed[i].address);
    ours = both(ours, owned);
  }
  path.prove("frames-balance", "none is freed twice", once);
  path.prove("frames-balance", "only tables of the path and frames that were taken are freed",
             ours);

  SymBool kept(true);
  for (Machine::Frame const& frame : taken) {
    SymBool somewhere(false);
    if (path.ok()) {
      somewhere = meets(path.spec, path.after, frame.address);
    }
    for (Machine::Frame const& back : freed) {
      somewhere = either(somewhere, back.address == frame.address);
    }
    kept = both(kept, somewhere);
  }
  path.prove("frames-balance",
             path.ok() ? "what was taken is linked" : "what was taken is given back", kept);

  // A table that the walk met before it still meets, or it is freed.
  SymBool none_lost(true);
  for (int level = 1; level < path.spec.levels(); ++level) {
    WalkLevel const& at = path.before[level];
    SymBool gone(false);
    for (Machine::Frame const& frame : freed) gone = either(gone, frame.address == at.table);
    none_lost = both(none_lost,
                     implies(at.reached, either(gone, both(path.after[level].reached,
                                                           path.after[level].table == at.table))));
  }
  path.prove("frames-balance", "no table is lost", none_lost);

  // As many as the walk lacked, and no more.
  if (path.operation.call == Call::map && path.ok()) {
    int missing = 0;
    for (int level = path.operation.level; level < path.spec.levels(); ++level) {
      if (path.explorer.certain(!path.before[level].reached)) ++missing;
    }
    path.prove("frames-balance", "as many as were missing",
               SymBool(static_cast<std::size_t>(missing) == taken.size()));
  }
}

}  // namespace

OperationTheorem const frames_balance{
    "frames-balance",
    "Each frame that is taken is linked or given back, each table that is unlinked is freed, none "
    "twice, and none that is still somebody's.",
    judge, nullptr};

}  // namespace twinwalk::proofs
