#include "proofs/theorems/flush.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// A store never changes the size of what is mapped and anything else of it at once.
void judge_case(Path& path, Case const& other) {
  if (other.kind != Case::Kind::inside || !path.ok()) return;
  for (Machine::Write const& write : path.machine.writes) {
    if (write.by_hardware || path.level == 0) continue;
    Walk const was = path.walk(other, write.before);
    Walk const is = path.walk(other, write.before + 1);
    SymBool const resized =
        both(both(was.found, is.found), was.page_size_log2 != is.page_size_log2);
    path.prove("break-before-make", "a change of size changes nothing else", other,
               implies(resized, both(was.physical == is.physical, was.flags == is.flags)));
  }
}

// The pieces of a leaf may be changed once the call is over, so it flushed after its last store.
void judge(Path& path) {
  if (path.operation.call != Call::split || !path.ok()) return;
  bool flushed = false;
  for (Machine::Flush const& flush : path.machine.flushes) {
    flushed = flushed || flush.when == path.end.entries;
  }
  path.prove("break-before-make", "a split is flushed before it returns", SymBool(flushed));
}

}  // namespace

OperationTheorem const break_before_make{
    "break-before-make",
    "No store changes the size of a page and anything else of it, and a split leaf is flushed "
    "everywhere before its pieces may change.",
    judge, judge_case};

}  // namespace twinwalk::proofs
