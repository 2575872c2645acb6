// Engines that are broken in what they flush, and in the invariant that they leave behind. As in
// tests/proofs/operation_bugs.hpp, most are bugs that page-table code has had.
#pragma once

#include <cstddef>
#include <cstdint>

#include "proofs/invariant.hpp"
#include "tests/proofs/broken_engine.hpp"

namespace twinwalk::proofs::operation_bugs {

// ---- tlb-never-stale ----

// Takes WRITE away and lets processors go on writing.
struct WriteMayLinger : Breakage {
  SymBool must_invalidate(Options const& options, int level, W before, W after) override {
    return Shipped::must_invalidate(options, level, before & W(~Shipped::writable_bit),
                                    after & W(~Shipped::writable_bit));
  }
};

// A page that was cleaned is written again without a walk, and nobody notices.
struct DirtyMayLinger : Breakage {
  SymBool must_invalidate(Options const& options, int level, W before, W after) override {
    return Shipped::must_invalidate(options, level, before, after | W(Shipped::dirty_bit));
  }
};

// Reloading CR3 must be enough.
struct ForgetsGlobal : Breakage {
  SymBool global(int /*level*/, W /*entry*/) override { return SymBool(false); }
};

// Flushes where the owner of a shared table runs, and not where those run who borrowed it.
struct ForgetsBorrowers : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    if (outcome.plan) outcome.plan->every_space = false;
  }
};

// Invalidates a large page by the first small one in it.
struct NamesTheFirst4K : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    if (!outcome.plan) return;
    for (auto& range : outcome.plan->ranges) range.last = range.first + W(mask(11, 0));
  }
};

// Flushes the leaves of a table that was linked or unlinked, and not what processors hold of it.
struct ForgetsTableChanged : Breakage {
  void invalidate(Machine& machine, SymScope const& scope) override {
    SymScope leaves = scope;
    leaves.table_changed = false;
    machine.invalidate(leaves);
  }
};

// ---- plan-is-exact ----

// Owes a flush for every change of a leaf, growing rights and accessed bits included.
struct FlushesForEveryChange : Breakage {
  SymBool must_invalidate(Options const& /*options*/, int /*level*/, W before, W after) override {
    return before != after;
  }
};

// Drops the paging-structure caches whenever it drops anything.
struct AlwaysSaysTableChanged : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    if (outcome.plan && outcome.plan->demands_invalidation()) outcome.plan->table_changed = true;
  }
};

// Wants the fence of another architecture after each change.
struct AsksForAFence : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    if (outcome.plan) outcome.plan->fence = true;
  }
};

// ---- plans-span-tables ----

// Names the leaf that was removed, and not all that the table above it served.
struct NamesTheLeafAlone : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    if (!outcome.plan || !outcome.leaf) return;
    W const first = outcome.leaf->virt.value;
    outcome.plan->ranges[0].first = first;
    outcome.plan->ranges[0].last = first + W(bytes(outcome.leaf->size) - 1);
  }
};

// ---- break-before-make ----

// Leaves a split to the flush of whatever changes the pieces.
struct SplitsWithoutFlush : Breakage {
  void invalidate(Machine& /*machine*/, SymScope const& /*scope*/) override {}
};

// Takes WRITE from the pieces in the store that makes them.
struct SplitsAndProtectsAtOnce : Breakage {
  W first_piece(int level, W entry) override {
    return Shipped::first_piece(level, entry) & W(~Shipped::writable_bit);
  }
};

// The pieces of a 1G page lie 4K apart.
struct SplitsByTheWrongStride : Breakage {
  void fill(Machine& machine, W slot, W count, W first, W stride) override {
    std::uint64_t number = 0;
    bool const large = stride.is_number(number) && number == bytes(PageSize::Size2M);
    machine.fill(slot, count, first, large ? W(bytes(PageSize::Size4K)) : stride);
  }
};

// ---- ownership-preserved ----

// Loses the mark of a pinned table when it counts.
struct UnpinsWhatItCounts : Breakage {
  void set_live_count(Machine& machine, W table, W count) override {
    machine.set_live_count(table, count & W(pinned_mark - 1));
  }
};

// Thinks that tables are aligned to 8K, so that the entry leads to whoever has the frame before.
struct TablesOf8K : Breakage {
  W table(W address) override { return Shipped::table(address & W(~bit(12))); }
};

// The pieces of a 1G page lack the size bit, so the page's own content is walked as tables.
struct SizeLostInPieces : Breakage {
  W first_piece(int /*level*/, W entry) override { return Shipped::first_piece(2, entry); }
};

// Lends a table without saying whose it is.
struct LendsWithoutAName : Breakage {
  void set_link(Machine& /*machine*/, W /*table*/, W /*next*/) override {}
};

// ---- no-reserved-bit ----

// Sets bit 7, which is PS in some levels and reserved in the root.
struct SetsLargeInTables : Breakage {
  W table(W address) override { return Shipped::table(address) | W(Shipped::large_bit); }
};

// Checks no address against the width of the machine.
struct AddressesOfAnyWidth : Breakage {
  SymBool fits(Options const& /*options*/, W /*first*/, W /*last*/) override {
    return SymBool(true);
  }
};

// Sets the no-execute bit on machines that have none.
struct FlagsOfAnyMachine : Breakage {
  SymBool representable(Options const& /*options*/, Flags /*flags*/) override {
    return SymBool(true);
  }
};

// ---- tables-grant-everything ----

// Links tables for the kernel alone, which is right until a user page is mapped below one.
struct TablesLackUser : Breakage {
  W table(W address) override { return Shipped::table(address) & W(~Shipped::user_bit); }
};

// Wants tables read write-through.
struct TablesAreWriteThrough : Breakage {
  W table(W address) override { return Shipped::table(address) | W(bit(3)); }
};

// ---- live-count-exact ----

// Counts an entry when it makes it and once more when it stores it.
struct CountsOneTooMany : Breakage {
  void set_live_count(Machine& machine, W table, W count) override {
    machine.set_live_count(table, count + W(1));
  }
};

// Counts what it links, and not what it takes away while something is left.
struct NeverCountsDown : Breakage {
  void set_live_count(Machine& machine, W table, W count) override {
    SymBool const last = count == W(0);
    machine.set_live_count(table, select(last, count, machine.live_count(table)));
  }
};

// ---- no-empty-table ----

// Leaves an empty table where it is.
struct NeverReclaims : Breakage {
  static constexpr std::uint64_t never_empty = bit(31);
  W live_count(Machine& machine, W table) override {
    return machine.live_count(table) | W(never_empty);
  }
  void set_live_count(Machine& machine, W table, W count) override {
    machine.set_live_count(table, count & W(~never_empty));
  }
};

// Makes the tables for a page without rights, and maps nothing in the last.
struct MapsNothingWithoutRights : Breakage {
  W leaf(int level, W pa, Attributes<W> attributes) override {
    SymBool const none = (attributes.bits & W(Shipped::user_bit)) == W(0);
    return select(none, W(0), Shipped::leaf(level, pa, attributes));
  }
};

// ---- cursor-stays-right ----

// Goes on remembering the table that it has just unlinked.
struct RemembersWhatItUnlinked : Breakage {
  void answer(Machine& machine, Inputs const& /*in*/, Outcome& outcome) override {
    if (machine.freed.empty() || outcome.position.lowest <= 1) return;
    --outcome.position.lowest;
    outcome.position.tables[static_cast<std::size_t>(outcome.position.lowest)] =
        machine.freed.front().address;
  }
};

// ---- holes-are-clean ----

// Takes a page away by its present bit, and leaves a mark of its own where it stood.
struct LeavesAMarkInHoles : Breakage {
  W exchange(Machine& machine, W slot, W entry) override {
    std::uint64_t number = 1;
    bool const hole = entry.is_number(number) && number == 0;
    return machine.exchange(slot, hole ? W(bit(9)) : entry);
  }
};

// ---- What is carried out ----

// Tells no processor.
struct FlushesNothing : Breakage {
  void invalidate(Machine& /*machine*/, SymScope const& /*scope*/) override {}
};

// Steps through every range by the largest page there is.
struct StepsBy1G : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    if (outcome.plan) outcome.plan->ranges[0].stride = PageSize::Size1G;
  }
};

// ---- The foundations ----

// Fills new tables with what reads as present.
struct FillsWithPresentEntries : Breakage {
  W hole(Options const& /*options*/, int /*level*/) override { return W(1); }
};

// Takes the slot beside the right one, the first time that it looks.
struct LooksBesideAtFirst : Breakage {
  bool looked = false;
  W load(Machine& machine, W slot) override {
    W const beside = looked ? slot : slot ^ W(8);
    looked = true;
    return machine.load(beside);
  }
};

}  // namespace twinwalk::proofs::operation_bugs
