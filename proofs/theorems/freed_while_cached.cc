#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// Between the store that unlinked a table and its freeing a flush was carried out.
void judge(Path& path) {
  for (Machine::Frame const& frame : path.machine.freed) {
    bool flushed = false;
    for (std::size_t i = 0; i < frame.flushes_before; ++i) {
      flushed = flushed || path.machine.flushes[i].when == frame.when;
    }
    path.prove("freed-while-cached", "after the flush that follows the last store",
               either(SymBool(flushed), path.is_taken(frame.address)));
  }
}

// From the moment on that a frame is freed, no walk meets it.
void judge_case(Path& path, Case const& other) {
  for (Machine::Frame const& frame : path.machine.freed) {
    for (SymMemory::Version version = frame.when; version <= path.end.entries; ++version) {
      Walk const walk = path.walk(other, version);
      SymBool met(false);
      for (int level = 1; level <= path.spec.levels(); ++level) {
        met = either(met, path.explorer.settle(
                              both(walk[level].reached, walk[level].table == frame.address)));
      }
      path.prove("freed-while-cached", "no walk meets it", other, !met);
    }
  }
}

}  // namespace

OperationTheorem const freed_while_cached{
    "freed-while-cached",
    "A frame is freed only when no root reaches it and, if a processor may hold a pointer to it, "
    "after a flush that followed its unlinking.",
    judge, judge_case};

}  // namespace twinwalk::proofs
