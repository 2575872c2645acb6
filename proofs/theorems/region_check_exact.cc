#include "proofs/invariant.hpp"
#include "proofs/region.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

constexpr std::string_view theorem = "region-check-exact";

bool borrows(Path const& path) { return path.operation.call == Call::borrowed_step; }

SymBool is_free(Path const& path, Walk const& walk) {
  return is_free(path.spec, path.in.page_levels, walk, path.in.va, path.in.last);
}

// It refuses what another root owns, and notes what it shares.
void judge_borrowed(Path& path) {
  WalkLevel const& below = path.before[path.spec.levels() - 1];
  SymBool const owned = owner_below_root(path.machine, path.before, {}) == path.in.root;
  SymBool const pinned = is_pinned_below_root(path.machine, path.before, {});
  path.prove(theorem, "what is refused", same(SymBool(!path.ok()), both(below.reached, !owned)));
  path.prove(theorem, "what is shared",
             same(SymBool(path.outcome.shared), both(pinned, SymBool(path.ok()))));
}

// What it refuses is where the lowest page would go, among those of the round, for which there is
// no room.
void judge_occupied(Path& path) {
  SymWord const where = path.outcome.where;
  path.prove(theorem, "where",
             both(both(at_most(path.in.va, where), at_most(where, path.in.last)),
                  (where & path.spec.offset_mask(1)) == SymWord(0)));
  Walk const walk = walk_at(path.machine, 0, path.in.root, where);
  int const level = path.operation.level;
  SymBool occupied = both(walk[level].reached, !path.spec.is_hole(level, walk[level].entry));
  if (path.outcome.error == PagingError::MappedToHugePage) {
    occupied = SymBool(false);
    for (int above = level + 1; above <= path.spec.largest_leaf_level(); ++above) {
      occupied = either(occupied, walk[above].is_leaf);
    }
  }
  path.prove(
      theorem, "there is no room where it says so",
      both(occupied, is_page_level(path.spec, level, path.in.page_levels, where, path.in.last)));
}

void judge(Path& path) {
  if (borrows(path)) judge_borrowed(path);
  if (!path.ok()) {
    if (borrows(path)) {
      path.prove(theorem, "where", path.outcome.where == path.in.va);
    } else {
      judge_occupied(path);
    }
    return;
  }
  SymWord const end = path.outcome.end;
  path.prove(theorem, "it gets on",
             both(both(at_most(path.in.va, end), at_most(end, path.in.last)),
                  (~end & path.spec.offset_mask(1)) == SymWord(0)));
  if (borrows(path)) return;
  path.prove(theorem, "it ends where no page would lie across",
             either(end == path.in.last, is_edge(path.spec, path.in.page_levels, end + SymWord(1),
                                                 path.in.va, path.in.last)));
}

void judge_case(Path& path, Case const& other) {
  SymWord const address = other.before.address;
  SymWord const va = path.in.va;
  if (borrows(path)) {
    // The round speaks of one root slot, which ends no later than its end.
    int const top = path.spec.levels();
    SymBool const seen =
        both(SymBool(path.ok()), both(at_most(va, address), at_most(address, path.outcome.end)));
    path.prove(theorem, "one slot", other,
               implies(seen, path.spec.index(top, va) == path.spec.index(top, address)));
    return;
  }
  SymBool seen = at_most(va, address);
  if (path.ok()) {
    seen = both(seen, at_most(address, path.outcome.end));
  } else {
    seen = both(seen, both(address != path.outcome.where, at_most(address, path.outcome.where)));
  }
  path.prove(theorem, "there is room where it went on", other,
             implies(seen, is_free(path, other.before)));
}

}  // namespace

OperationTheorem const region_check_exact{
    theorem,
    "One round of the checks before a region is changed, from any state, refuses what belongs to "
    "another root, and to map where there is no room, at the lowest page that has none; up to its "
    "end there is neither.",
    judge, judge_case};

}  // namespace twinwalk::proofs
