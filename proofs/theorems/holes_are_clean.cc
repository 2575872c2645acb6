#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// Each entry that a store makes a hole becomes the format's own word for one; of a run of slots any
// one is looked at.
void judge(Path& path) {
  for (Machine::Write const& write : path.machine.writes) {
    if (write.by_hardware) continue;
    SymWord const any_slot = Machine::frame_of(write.slot) | free_word("any_index", 9, 3);
    SymWord const slot = write.whole_run ? any_slot : write.slot;
    SymWord const was = path.machine.entries.read(write.before, slot);
    SymWord const is = path.machine.entries.read(write.before + 1, slot);
    SymBool const made = both(was != is, path.spec.is_hole(1, is));
    path.prove("holes-are-clean", "at a store", implies(made, is == path.spec.hole_word(1)));
  }
}

}  // namespace

OperationTheorem const holes_are_clean{
    "holes-are-clean", "Each hole that the engine writes is the format's own word for one.", judge,
    nullptr};

}  // namespace twinwalk::proofs
