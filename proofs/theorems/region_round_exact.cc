#include "proofs/region.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

constexpr std::string_view theorem = "region-round-exact";

// What a round says it has done: from the address it was given to its end.
SymBool is_done(Path const& path, Walk const& walk) {
  return both(at_most(path.in.va, walk.address), at_most(walk.address, path.outcome.end));
}

// It gets on, in whole pages, and not past the range.
void judge(Path& path) {
  if (path.outcome.again) {
    // So it comes to an end of splitting.
    path.prove(theorem, "a split leaves a smaller leaf",
               both(both(path.before.found, path.after.found),
                    both(path.before.page_size_log2 != path.after.page_size_log2,
                         at_most(path.after.page_size_log2, path.before.page_size_log2))));
    return;
  }
  SymWord const end = path.outcome.end;
  path.prove(theorem, "it gets on",
             both(both(at_most(path.in.va, end), at_most(end, path.in.last)),
                  (~end & path.spec.offset_mask(1)) == SymWord(0)));
}

SymWord with_software_of(SymWord const& old, SymWord const& flags) {
  SymWord const field(SymFlags::software_mask << SymFlags::software_shift);
  return (flags & ~field) | (old & field);
}

// What an address that is done finds in the end.
SymBool as_asked(Path const& path, Walk const& before, Walk const& after) {
  SymWord const flags = path.spec.normalise(path.in.flags).bits;
  switch (path.operation.call) {
    case Call::map_step:
      return both(both(after.found, after.flags == flags),
                  both(after.physical == (after.address + path.in.pa),
                       both(after.accessed == path.spec.preset_accessed(),
                            after.dirty == path.spec.preset_dirty(path.in.flags))));
    case Call::unmap_step:
      return both(!after.found, !after.malformed);
    default: {
      SymBool const leaf = both(both(after.found, after.physical == before.physical),
                                both(after.page_size_log2 == before.page_size_log2,
                                     after.flags == with_software_of(before.flags, flags)));
      SymWord const forgotten = (before.accessed & ~after.accessed) | (before.dirty & ~after.dirty);
      return select(before.found, both(leaf, forgotten == SymWord(0)),
                    both(!after.found, !after.malformed));
    }
  }
}

// A split changes nothing but the size of what is mapped.
SymBool as_before(Walk const& before, Walk const& after) {
  SymBool const leaf = both(after.physical == before.physical, after.flags == before.flags);
  return both(both(same(before.found, after.found), same(before.malformed, after.malformed)),
              implies(before.found, leaf));
}

void judge_tree(Path& path, Case const& other) {
  Walk const& before = other.before;
  Walk const& last = path.walk(other, path.end.entries);
  for (SymMemory::Version const version : path.versions()) {
    Walk const& now = path.walk(other, version);
    bool const in_the_end = version == path.end.entries;
    if (path.outcome.again) {
      path.prove(theorem, "a split changes no translation", other, as_before(before, now));
      continue;
    }
    SymBool const done = path.explorer.settle(is_done(path, before));
    path.prove(theorem, "what is not done is as it was", other,
               implies(!done, same_answer(path.touched(other, version), now)));
    SymBool const right = in_the_end ? as_asked(path, before, now)
                                     : either(as_before(before, now), as_before(last, now));
    path.prove(theorem, in_the_end ? "what is done is as asked" : "between old and new", other,
               implies(done, right));
  }
}

// What is left of a range that was free is free for the rounds that follow.
void judge_room(Path& path, Case const& other) {
  SymWord const address = other.before.address;
  SymWord const end = path.outcome.end;
  SymBool const due =
      both(both(at_most(end, address), address != end), at_most(address, path.in.last));
  Walk const& after = path.walk(other, path.end.entries);
  path.prove(
      theorem, "there is room for what is left", other,
      implies(due, is_free(path.spec, path.in.page_levels, after, end + SymWord(1), path.in.last)));
}

void judge_case(Path& path, Case const& other) {
  if (other.kind == Case::Kind::borrower) return;
  if (other.kind == Case::Kind::stranger) {
    for (SymMemory::Version const version : path.versions()) {
      path.prove(theorem, "other trees are as they were", other,
                 same_answer(other.before, path.walk(other, version)));
    }
    return;
  }
  judge_tree(path, other);
  if (path.operation.call == Call::map_step) judge_room(path, other);
}

}  // namespace

OperationTheorem const region_round_exact{
    theorem,
    "One round of a region's loop, from any state that the loop may be in, does exactly what is "
    "asked "
    "from its address up to its end, and changes nothing else; or it splits a leaf that an edge "
    "cuts, and changes no translation.",
    judge, judge_case};

}  // namespace twinwalk::proofs
