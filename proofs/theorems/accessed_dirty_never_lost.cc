#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// Accessed (bit 0) and dirty (bit 1) of an entry.
SymWord marks(Spec const& spec, int level, SymWord const& entry) {
  return spec.accessed(level, entry) | (spec.dirty(level, entry) << 1);
}

// Which marks a call takes away or adds because it was asked to.
std::uint64_t taken_on_purpose(Call call) {
  if (call == Call::clear_accessed) return 1;
  if (call == Call::clear_dirty) return 2;
  return 0;
}
std::uint64_t set_on_purpose(Call call) {
  if (call == Call::set_accessed) return 1;
  if (call == Call::set_dirty) return 2;
  return 0;
}

// At each store of the engine's over the leaf: what hardware had noted until then is in the new
// leaf, or in the one that is returned.
void judge_leaf(Path& path) {
  Call const call = path.operation.call;
  SymWord reported;
  if (path.outcome.leaf) {
    reported = path.outcome.leaf->accessed | (path.outcome.leaf->dirty << 1);
  }
  // What the machine does not set by itself is there from the start, or from when WRITE is.
  SymWord preset;
  if (call == Call::remap) preset = path.spec.preset_accessed();
  if (call == Call::remap || call == Call::protect) {
    preset = preset | (path.spec.preset_dirty(path.in.flags) << 1);
  }
  WalkLevel const& leaf = path.before[path.level];
  for (Machine::Write const& write : path.machine.writes) {
    if (write.by_hardware || write.whole_run) continue;
    SymBool const here = path.explorer.settle(write.slot == leaf.slot);
    if (here.is_false()) continue;
    SymWord const was =
        marks(path.spec, path.level, path.machine.entries.read(write.before, leaf.slot));
    SymWord const is =
        marks(path.spec, path.level, path.machine.entries.read(write.before + 1, leaf.slot));
    SymWord const lost = was & ~is & ~reported & SymWord(~taken_on_purpose(call));
    SymWord const gained = is & ~was & ~preset & SymWord(~set_on_purpose(call));
    path.prove("accessed-dirty-never-lost", "at a store over the leaf",
               implies(both(here, path.before[path.level].is_leaf),
                       both(lost == SymWord(0), gained == SymWord(0))));
  }
}

// The pieces of a leaf that was split have what it had when they took its place.
void judge_piece(Path& path, Case const& other) {
  for (Machine::Write const& write : path.machine.writes) {
    if (write.by_hardware || write.whole_run) continue;
    Walk const was = path.walk(other, write.before);
    Walk const is = path.walk(other, write.before + 1);
    path.prove("accessed-dirty-never-lost", "of a piece", other,
               both(is.accessed == was.accessed, is.dirty == was.dirty));
  }
}

void judge(Path& path) {
  if (path.ok() && path.operation.call != Call::map && path.operation.call != Call::split) {
    judge_leaf(path);
  }
}
void judge_case(Path& path, Case const& other) {
  bool const inside = path.ok() && other.kind == Case::Kind::inside;
  if (inside && path.operation.call == Call::split) judge_piece(path, other);
}

}  // namespace

OperationTheorem const accessed_dirty_never_lost{
    "accessed-dirty-never-lost",
    "Whenever hardware sets accessed or dirty, no store of the engine loses it, and none sets what "
    "nobody asked for.",
    judge, judge_case};

}  // namespace twinwalk::proofs
