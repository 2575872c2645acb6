#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

SymWord offset_of(Path const& path, Walk const& walk) {
  return walk.address & path.spec.offset_mask(path.level);
}

// A leaf of the level concerned, with this physical page and these flags.
SymBool maps(Path const& path, Walk const& walk, SymWord const& first, SymFlags const& flags) {
  SymWord const size(static_cast<std::uint64_t>(path.spec.level_shift(path.level)));
  return both(both(walk.found, walk.physical == (first | offset_of(path, walk))),
              both(walk.page_size_log2 == size, walk.flags == flags.bits));
}

SymFlags with_software_of(SymWord const& old, SymFlags const& flags) {
  SymWord const field(SymFlags::software_mask << SymFlags::software_shift);
  return SymFlags((flags.bits & ~field) | (old & field));
}

// What an access anywhere in the page finds after the call.
SymBool as_asked(Path const& path, Walk const& before, Walk const& after) {
  Spec const& spec = path.spec;
  Inputs const& in = path.in;
  SymFlags const wanted =
      with_software_of(before.flags, spec.normalise(in.flags.without_software()));
  SymBool const clean =
      both(after.accessed == spec.preset_accessed(), after.dirty == spec.preset_dirty(in.flags));
  switch (path.operation.call) {
    case Call::map:
      return both(clean, maps(path, after, in.pa, spec.normalise(in.flags)));
    case Call::unmap:
      return both(!after.found, !after.malformed);
    case Call::protect:
      return maps(path, after, before.first, wanted);
    case Call::remap:
      return both(clean, maps(path, after, in.pa, wanted));
    case Call::query:
      return same_answer(before, after);
    case Call::clear_accessed:
      return both(maps(path, after, before.first, SymFlags(before.flags)),
                  after.accessed == SymWord(0));
    case Call::clear_dirty:
      return both(maps(path, after, before.first, SymFlags(before.flags)),
                  after.dirty == SymWord(0));
    case Call::set_accessed:
      return both(maps(path, after, before.first, SymFlags(before.flags)),
                  after.accessed == SymWord(1));
    case Call::set_dirty:
      return both(maps(path, after, before.first, SymFlags(before.flags)),
                  after.dirty == SymWord(1));
    case Call::share:
      return same_answer(before, after);
    case Call::split: {
      SymWord const smaller(static_cast<std::uint64_t>(spec.level_shift(path.level - 1)));
      return both(both(after.found, after.physical == before.physical),
                  both(after.page_size_log2 == smaller, after.flags == before.flags));
    }
    default:  // rounds of a region have a theorem of their own
      break;
  }
  return SymBool(false);
}

// The same translation for whoever looks, whatever hardware notes of it.
SymBool same_translation(Walk const& a, Walk const& b) {
  SymBool const leaf = both(both(a.physical == b.physical, a.page_size_log2 == b.page_size_log2),
                            a.flags == b.flags);
  return both(both(same(a.found, b.found), same(a.malformed, b.malformed)), implies(a.found, leaf));
}

// A borrower finds what the owner finds, from the moment on that its entry leads there.
void judge_lent(Path& path, Case const& other) {
  for (SymMemory::Version const version : path.versions()) {
    Walk const& borrower = path.walk(other, version);
    Walk const owner = walk_at(path.machine, version, path.in.root, other.before.address);
    SymBool const as_owner = same_translation(borrower, owner);
    bool const in_the_end = version == path.end.entries;
    path.prove("walker-agrees", in_the_end ? "in the end" : "after a store", other,
               in_the_end ? as_owner : either(same_translation(other.before, borrower), as_owner));
  }
}

void judge_case(Path& path, Case const& other) {
  if (other.kind == Case::Kind::lent && path.ok()) judge_lent(path, other);
  if (other.kind != Case::Kind::inside || !path.ok()) return;
  Walk const after = path.walk(other, path.end.entries);
  path.prove("walker-agrees", "in the end", other, as_asked(path, other.before, after));
  // Whoever walks in between finds the old state or the new one, and nothing else.
  for (SymMemory::Version const version : path.versions()) {
    if (version == path.end.entries) continue;
    Walk const between = path.walk(other, version);
    path.prove("walker-agrees", "after a store", other,
               either(same_translation(other.before, between), same_translation(after, between)));
  }
}

}  // namespace

OperationTheorem const walker_agrees{
    "walker-agrees",
    "A call that succeeds gives every address of the page exactly what was asked for, by the "
    "hardware's walk; whoever walks in between finds the old state or the new one.",
    nullptr, judge_case};

}  // namespace twinwalk::proofs
