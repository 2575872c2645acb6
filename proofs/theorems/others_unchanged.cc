#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// A borrower reads the very tables that the owner changes. That it finds there what the owner finds
// is said by its root's entry, which stays, and by the owner's, which leads to the same table on.
void judge_borrower(Path& path, Case const& other, SymMemory::Version version) {
  Spec const& spec = path.spec;
  int const top = spec.levels();
  Walk const now = path.walk(other, version);
  path.prove("others-unchanged", "its own entry", other, now[top].entry == other.before[top].entry);
  Walk const ours = walk_at(path.machine, version, other.lender, other.before.address, top);
  path.prove("others-unchanged", "the table that it borrowed", other,
             both(ours[top].is_table, ours[top - 1].table == other.before[top - 1].table));
}

void judge_case(Path& path, Case const& other) {
  bool const refused_inside = other.kind == Case::Kind::inside && !path.ok();
  if (other.kind == Case::Kind::inside && !refused_inside) return;
  if (other.kind == Case::Kind::lent && path.ok()) return;
  for (SymMemory::Version const version : path.versions()) {
    if (other.kind == Case::Kind::borrower) {
      judge_borrower(path, other, version);
    } else {
      path.prove("others-unchanged", "after a store", other,
                 same_answer(path.touched(other, version), path.walk(other, version)));
    }
  }
}

}  // namespace

OperationTheorem const others_unchanged{
    "others-unchanged",
    "Every other address of every tree is what it was, bit for bit, after each single store and in "
    "the end.",
    nullptr, judge_case};

}  // namespace twinwalk::proofs
