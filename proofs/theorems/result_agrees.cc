#include <vector>

#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

using enum PagingError;

// A reason to refuse a call, and when the contract says that it holds.
struct Reason {
  PagingError error;
  SymBool holds;
};

// first and first + length - 1 in one half of the address space, without a wrap.
SymBool virtual_range_fits(Spec const& spec, SymWord const& first, SymWord const& offset_mask) {
  SymWord const last = first + offset_mask;
  SymBool const canonical = both(spec.canonical(first), spec.canonical(last));
  return both(both(at_most(first, last), canonical), ((first ^ last) >> 63) == SymWord(0));
}
SymBool physical_range_fits(Spec const& spec, SymWord const& first, SymWord const& offset_mask) {
  SymWord const last = first + offset_mask;
  return both(at_most(first, last), (last & ~spec.machine().physical_mask) == SymWord(0));
}

SymBool is_borrowed(Path& path) {
  WalkLevel const& below = path.before[path.spec.levels() - 1];
  return both(below.reached, owner_below_root(path.machine, path.before, {}) != path.in.root);
}

// Why `map` refuses, in the order of the contract.
std::vector<Reason> reasons_of_map(Path& path) {
  Spec const& spec = path.spec;
  Inputs const& in = path.in;
  int const level = path.operation.level;
  SymWord const offset = spec.offset_mask(level);
  WalkLevel const& there = path.before[level];
  SymBool larger(false);
  for (int above = level + 1; above <= spec.largest_leaf_level(); ++above) {
    larger = either(larger, path.before[above].is_leaf);
  }
  return {{UnsupportedPageSize, !spec.supports(level)},
          {InvalidAddress, !both(virtual_range_fits(spec, in.va, offset),
                                 physical_range_fits(spec, in.pa, offset))},
          {NotAligned, ((in.va | in.pa) & offset) != SymWord(0)},
          {UnrepresentableFlags, !spec.representable(in.flags)},
          {Borrowed, is_borrowed(path)},
          {AlreadyMapped, both(there.reached, !spec.is_hole(level, there.entry))},
          {MappedToHugePage, larger}};
}

// Why a call on the leaf that contains an address refuses.
std::vector<Reason> reasons_on_a_leaf(Path& path) {
  Spec const& spec = path.spec;
  Inputs const& in = path.in;
  Call const call = path.operation.call;
  bool const takes_flags = call == Call::protect || call == Call::remap;
  bool const takes_address = call == Call::remap;
  std::vector<Reason> reasons;
  SymBool valid = spec.canonical(in.va);
  if (takes_address) valid = both(valid, physical_range_fits(spec, in.pa, SymWord(0)));
  reasons.push_back({InvalidAddress, !valid});
  if (takes_address) {
    reasons.push_back({NotAligned, (in.pa & spec.offset_mask(1)) != SymWord(0)});
  }
  if (takes_flags) {
    reasons.push_back({UnrepresentableFlags, !spec.representable(in.flags.without_software())});
  }
  if (call != Call::query) reasons.push_back({Borrowed, is_borrowed(path)});
  reasons.push_back({NotMapped, !path.before.found});
  if (takes_address) {
    SymBool beyond(false);
    SymBool crooked(false);
    for (int level = 1; level <= spec.largest_leaf_level(); ++level) {
      SymWord const offset = spec.offset_mask(level);
      SymBool const here = path.before[level].is_leaf;
      beyond = either(beyond, both(here, !physical_range_fits(spec, in.pa, offset)));
      crooked = either(crooked, both(here, (in.pa & offset) != SymWord(0)));
    }
    reasons.push_back({InvalidAddress, beyond});
    reasons.push_back({NotAligned, crooked});
  }
  return reasons;
}

// Why the slot that starts at an address is not shared.
std::vector<Reason> reasons_to_share_not(Path& path) {
  Spec const& spec = path.spec;
  Inputs const& in = path.in;
  int const top = spec.levels();
  SymWord const offset = spec.offset_mask(top);
  Walk const borrower = walk_at(path.machine, 0, in.borrower, in.va, top);
  return {{InvalidAddress, !virtual_range_fits(spec, in.va, offset)},
          {NotAligned, (in.va & offset) != SymWord(0)},
          {Borrowed, is_borrowed(path)},
          {AlreadyMapped, !spec.is_hole(top, borrower[top].entry)},
          {MappedToHugePage, path.before[top].is_leaf}};
}

std::vector<Reason> reasons_of(Path& path) {
  switch (path.operation.call) {
    case Call::map:
      return reasons_of_map(path);
    case Call::split:
      return {{NotMapped, !path.before.found}};
    case Call::share:
      return reasons_to_share_not(path);
    default:
      return reasons_on_a_leaf(path);
  }
}

bool frame_was_refused(Path const& path) {
  for (Machine::Given const& given : path.machine.given) {
    if (given.kind == Machine::Given::Kind::no_frame) return true;
  }
  return false;
}

// The status is the first reason that holds, and NoMemory or success where none does.
void judge_status(Path& path) {
  std::vector<Reason> const reasons = reasons_of(path);
  SymBool none_before(true);
  SymBool right(false);
  for (Reason const& reason : reasons) {
    if (path.outcome.error == reason.error) right = either(right, both(none_before, reason.holds));
    none_before = both(none_before, !reason.holds);
  }
  bool const starved = frame_was_refused(path);
  if (path.ok()) right = both(none_before, SymBool(!starved));
  if (path.outcome.error == NoMemory) right = both(none_before, SymBool(starved));
  path.prove("result-agrees", "status", right);
  if (!path.ok()) path.prove("result-agrees", "where", path.outcome.where == path.in.va);
}

// The leaf that a call returns is the one that stood there when it was taken.
void judge_leaf(Path& path) {
  SymLeaf const& leaf = *path.outcome.leaf;
  bool const is_query = path.operation.call == Call::query;
  Walk const& seen = path.found;
  SymWord const size(static_cast<std::uint64_t>(size_log2(leaf.size)));
  SymWord const offset = path.spec.offset_mask(path.level);
  path.prove("result-agrees", "address",
             both(leaf.virt.value == (is_query ? path.in.va : path.in.va & ~offset),
                  leaf.phys.value == (is_query ? seen.physical : seen.first)));
  path.prove("result-agrees", "size and flags",
             both(size == seen.page_size_log2, leaf.flags.bits == seen.flags));
  path.prove("result-agrees", "accessed and dirty",
             both(leaf.accessed == seen.accessed, leaf.dirty == seen.dirty));
}

void judge(Path& path) {
  judge_status(path);
  if (path.outcome.leaf) judge_leaf(path);
}

}  // namespace

OperationTheorem const result_agrees{
    "result-agrees",
    "Every status means what it says and is the first reason of the contract that holds; a leaf "
    "that is returned is the one that stood there.",
    judge, nullptr};

}  // namespace twinwalk::proofs
