// Engines that are broken in what they answer, store, refuse and free. Most are bugs that
// page-table code has had. A new one is a struct of a few lines and a line in
// tests/proofs/planted_bugs.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "proofs/invariant.hpp"
#include "tests/proofs/broken_engine.hpp"

namespace twinwalk::proofs::operation_bugs {

// ---- assertions-hold ----

// Takes 46 bits, the width of the first server it ran on, for the width of every machine.
struct WidthOf46Bits : Breakage {
  SymBool fits(Options const& options, W first, W last) override {
    W const beyond = (first | last) & W(~mask(45, 0));
    return both(Shipped::physical_range_fits(options, first, last), beyond == W(0));
  }
};

// Ends a chain of frames at whichever was pushed last, so the next table is taken from nowhere.
struct ChainsOfOneFrame : Breakage {
  static constexpr std::uint64_t end_of_chain = 1;
  void set_link(Machine& machine, W table, W /*next*/) override {
    machine.set_link(table, W(end_of_chain));
  }
};

// ---- result-agrees ----

// Reads the leaf, then writes the hole: what hardware set in between is not handed out.
struct ExchangesByLoadAndStore : Breakage {
  W exchange(Machine& machine, W slot, W entry) override {
    W const before = machine.load(slot);
    machine.store(slot, entry);
    return before;
  }
};

// Tells a borrower that nothing is mapped, and not that it may not change it.
struct SaysNotMappedForBorrowed : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    if (outcome.error == PagingError::Borrowed) outcome.error = PagingError::NotMapped;
  }
};

// Says in which page a call failed, and not at which address.
struct RefusesAtTheStartOfThePage : Breakage {
  void answer(Machine& /*machine*/, Inputs const& /*in*/, Outcome& outcome) override {
    outcome.where = outcome.where & W(~mask(11, 0));
  }
};

// Takes addresses of the upper half for ones that are not canonical.
struct LowHalfOnly : Breakage {
  SymBool canonical(W va) override { return (va >> (Shipped::address_bits - 1)) == W(0); }
};

// Shows the key field of a leaf on machines where it is none.
struct ShowsKeysOfAnyMachine : Breakage {
  Flags decode(Options const& options, int level, W entry) override {
    Options keyed = options;
    keyed.key_field = W(Shipped::key_bits);
    return Shipped::decode(keyed, level, entry);
  }
};

// ---- walker-agrees ----

// Physical addresses of 40 bits must be enough.
struct CutsAddresses : Breakage {
  W leaf(int level, W pa, Attributes<W> attributes) override {
    return Shipped::leaf(level, pa & W(mask(39, 0)), attributes);
  }
};

// Adds flags and never takes any.
struct OnlyAddsFlags : Breakage {
  W with_attributes(int level, W entry, Attributes<W> attributes) override {
    return entry | Shipped::with_attributes(level, entry, attributes);
  }
};

// Makes a page go away for a moment while it moves it.
struct ClearsBeforeItRemaps : Breakage {
  W exchange(Machine& machine, W slot, W entry) override {
    W const before = machine.exchange(slot, W(0));
    machine.store(slot, entry);
    return before;
  }
};

// A conditional store that failed for no reason is taken for one that was made.
struct WeakCompareExchange : Breakage {
  W compare_exchange(Machine& machine, W slot, W expected, W desired) override {
    if (!free_bool("reservation_kept")) return machine.load(slot);
    return machine.compare_exchange(slot, expected, desired);
  }
};

// ---- others-unchanged ----

// Removes entries two at a time, as if a pair of them were one.
struct ClearsTheNeighbour : Breakage {
  W exchange(Machine& machine, W slot, W entry) override {
    machine.store(slot ^ W(8), W(0));
    return machine.exchange(slot, entry);
  }
};

// Trusts the allocator to give clean frames.
struct NewTablesHoldGarbage : Breakage {
  void fill(Machine& machine, W slot, W count, W first, W stride) override {
    std::uint64_t number = 1;
    if (first.is_number(number) && number == 0) return;
    machine.fill(slot, count, first, stride);
  }
};

// Writes an entry as a machine of 32 bits would, the half with the present bit first.
struct StoresInTwoHalves : Breakage {
  void store(Machine& machine, W slot, W entry) override {
    machine.store(slot, entry & W(mask(31, 0)));
    machine.store(slot, entry);
  }
};

// Does not see that a table is pinned, and takes it from everyone who borrowed it once it is empty.
struct SeesNoPins : Breakage {
  W live_count(Machine& machine, W table) override {
    return machine.live_count(table) & W(pinned_mark - 1);
  }
};

// ---- accessed-dirty-never-lost ----

// Changes a leaf by a plain store over what it read before.
struct ChangesByPlainStore : Breakage {
  W compare_exchange(Machine& machine, W slot, W expected, W desired) override {
    machine.store(slot, desired);
    return expected;
  }
};

// Takes the dirty bit along with WRITE.
struct ProtectDropsDirty : Breakage {
  W with_attributes(int level, W entry, Attributes<W> attributes) override {
    W const after = Shipped::with_attributes(level, entry, attributes);
    SymBool const writable = (after & W(Shipped::writable_bit)) != W(0);
    return select(writable, after, after & W(~Shipped::dirty_bit));
  }
};

// Writes back a page and forgets that it was used lately.
struct ClearingDirtyClearsAccessed : Breakage {
  W without_dirty(W entry) override {
    return entry & W(~(Shipped::dirty_bit | Shipped::accessed_bit));
  }
};

// The small pages of a large one that was written look clean.
struct DirtyLostInPieces : Breakage {
  W first_piece(int level, W entry) override {
    return Shipped::first_piece(level, entry) & W(~Shipped::dirty_bit);
  }
};

// ---- refusal-changes-nothing ----

// Marks as accessed whatever its own walk meets, whether it goes on from there or not.
struct MarksWhatItWalks : Breakage {
  W load(Machine& machine, W slot) override {
    W const entry = machine.load(slot);
    W const used = (entry & W(Shipped::present_bit)) << 5;
    machine.store(slot, entry | used);
    return entry | used;
  }
};

// Has counted the entry that it was to write by the time that it finds no frame.
struct CountsBeforeItHasPaid : Breakage {
  void answer(Machine& machine, Inputs const& in, Outcome& outcome) override {
    if (outcome.error != PagingError::NoMemory) return;
    machine.set_live_count(in.root, machine.live_count(in.root) + W(1));
  }
};

// Flushes everything when it could not do what it was asked to, to be safe.
struct FlushesWhatItRefuses : Breakage {
  void answer(Machine& machine, Inputs const& in, Outcome& outcome) override {
    if (!outcome.error) return;
    SymScope scope;
    scope.root = in.root;
    scope.everything = true;
    machine.invalidate(scope);
  }
};

// ---- region-check-exact ----

// Maps over whatever is there.
struct FindsRoomEverywhere : Breakage {
  W first_found(W /*found*/, W count) override { return count; }
};

// Says that the page before the first that is in the way is.
struct RefusesOnePageEarly : Breakage {
  W first_found(W found, W count) override {
    return select(either(found == count, found == W(0)), found, found - W(1));
  }
};

// ---- frames-balance ----

// Keeps what it took when a later frame is missing, and every table that it unlinks.
struct NeverFrees : Breakage {
  void dealloc_frames(Machine& /*machine*/, W /*frame*/, int /*size_log2*/) override {}
};

// Frees a table with the plan and again with the tree.
struct FreesTwice : Breakage {
  void dealloc_frames(Machine& machine, W frame, int size_log2) override {
    machine.dealloc_frames(frame, size_log2);
    machine.dealloc_frames(frame, size_log2);
  }
};

// Frees the frame behind the table.
struct FreesTheNextFrame : Breakage {
  void dealloc_frames(Machine& machine, W frame, int size_log2) override {
    machine.dealloc_frames(frame + W(bit(12)), size_log2);
  }
};

// Takes two frames for each table that is missing, and has no place for the second.
struct PaysTwice : Breakage {
  SymBool alloc_frames(Machine& machine, int size_log2, W& out) override {
    W spare;
    if (!machine.alloc_frames(size_log2, spare)) return SymBool(false);
    return machine.alloc_frames(size_log2, out);
  }
};

// ---- freed-while-cached ----

// Gives the frames of a plan back first and flushes then.
struct FreesBeforeFlush : Breakage {
  std::optional<SymScope> late;
  void invalidate(Machine& /*machine*/, SymScope const& scope) override { late = scope; }
  void answer(Machine& machine, Inputs const& /*in*/, Outcome& /*outcome*/) override {
    if (late) machine.invalidate(*late);
  }
};

// Unlinks a table only once its frame was given back.
struct UnlinksAfterFreeing : Breakage {
  std::vector<std::pair<W, W>> late;
  void store(Machine& /*machine*/, W slot, W entry) override { late.emplace_back(slot, entry); }
  void answer(Machine& machine, Inputs const& /*in*/, Outcome& /*outcome*/) override {
    for (auto const& [slot, entry] : late) machine.store(slot, entry);
  }
};

}  // namespace twinwalk::proofs::operation_bugs
