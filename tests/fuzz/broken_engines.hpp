// Broken engines, each with the oracle that must say so: at least one for every oracle.
//
// Most are bugs that page-table code has had. A new one is a struct of a few lines and a line in
// `broken_engines`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>

#include "engine/word.hpp"
#include "tests/fuzz/broken_table.hpp"

namespace twinwalk::fuzz::broken {

using Word = Breakage::Word;
using Machine = Breakage::Machine;
using Format = Breakage::Format;

inline models::FrameRecord const& record_of(Machine& machine, Word address) {
  return machine.frames()[machine.memory().index(address)];
}
inline bool is_linked_root(Machine& machine, Word address) {
  models::FrameRecord const& record = record_of(machine, address);
  return record.state == models::FrameState::table && record.level == Format::levels;
}

// ---- stays-in-memory ----

// Looks one slot further than it has to.
struct ReadsPastTheTable : Breakage {
  void have_read(Machine& machine, Word slot, Word count) override {
    machine.load(slot + 8 * count);
  }
};

// Takes a huge page for a table when it unmaps. (Anywhere else such an engine may well not end.)
struct FollowsHugePages : Breakage {
  bool large(Word entry) override { return !in_unmap && Format::large(entry); }
};

// ---- break-before-make ----

// Changes the pieces of a split leaf while processors may still hold it whole.
struct SplitsWithoutFlush : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    if (!in_call) machine.invalidate(scope);
  }
};

// Takes WRITE from the pieces in the store that makes them.
struct SplitsAndProtectsAtOnce : Breakage {
  Word first_piece(int level, Word entry) override {
    return Format::first_piece(level, entry) & ~Format::writable_bit;
  }
};

// The pieces of a 1G page lie 4K apart.
struct SplitsByTheWrongStride : Breakage {
  void fill(Machine& machine, Word slot, Word count, Word first, Word stride) override {
    bool const pieces = in_call && count == 512 && stride == bytes(PageSize::Size2M);
    machine.fill(slot, count, first, pieces ? bytes(PageSize::Size4K) : stride);
  }
};

// ---- freed-while-cached ----

// Gives the frames of a plan back first and flushes then.
struct FreesBeforeFlush : Breakage {
  FlushScope late;
  bool owed = false;

  void invalidate(Machine& machine, FlushScope scope) override {
    owed = !scope.everything && machine.frames().in_state(models::FrameState::awaiting_flush) != 0;
    late = scope;
    if (!owed) machine.invalidate(scope);
  }
  void dealloc_frames(Machine& machine, Word frame, int size_log2) override {
    machine.dealloc_frames(frame, size_log2);
    if (owed) machine.invalidate(late);
    owed = false;
  }
};

// Flushes the leaves of an unlinked table, and not what processors hold of the table itself.
struct ForgetsTableChanged : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    scope.table_changed = false;
    machine.invalidate(scope);
  }
};

// ---- holes-are-clean ----

// Takes P from the leaf it unmaps and leaves the rest.
struct UnmapClearsPresentOnly : Breakage {
  Word exchange(Machine& machine, Word slot, Word entry) override {
    Word const before = machine.load(slot);
    return machine.exchange(slot, entry == 0 ? before & ~Format::present_bit : entry);
  }
};

// Fills new tables with what cannot be present, and not with zero.
struct NewTablesHoldGarbage : Breakage {
  void fill(Machine& machine, Word slot, Word count, Word first, Word stride) override {
    machine.fill(slot, count, first == 0 ? mask(63, 1) : first, stride);
  }
};

// ---- tables-grant-everything ----

// Wants tables read write-through.
struct TablesAreWriteThrough : Breakage {
  Word table(Word address) override { return Format::table(address) | bit(3); }
};

// Gives tables the key that leaves have.
struct TablesCarryAKey : Breakage {
  Word table(Word address) override { return Format::table(address) | bit(59); }
};

// ---- plans-span-tables ----

// Names the leaf that was removed, and not all that the table above it served.
struct NamesTheLeafAlone : Breakage {
  FlushRange range_of_unmap(FlushRange range, Leaf const& leaf) override {
    return {leaf.virt.value, leaf.virt.value + (bytes(leaf.size) - 1), range.stride};
  }
};

// ---- plan-is-exact ----

// Owes a flush for every change of a leaf, growing rights and accessed bits included.
struct FlushesForEveryChange : Breakage {
  bool must_invalidate(Options const&, int, Word, Word) override { return true; }
};

// Takes every leaf for a global one.
struct FlushesGlobalsAlways : Breakage {
  bool global(int, Word) override { return true; }
};

// Names the 2M around the leaf that was removed.
struct NamesMoreThanTheLeaf : Breakage {
  FlushRange range_of_unmap(FlushRange range, Leaf const&) override {
    Word const around = bytes(PageSize::Size2M) - 1;
    return {range.first & ~around, range.last | around, range.stride};
  }
};

// ---- result-agrees ----

// Says that a region could not be mapped, and not where.
struct RefusesAtTheWrongPlace : Breakage {
  Failure refused(Machine&, Word, VirtAddr va, Failure failure) override {
    return {failure.error, va};
  }
};

// Judges alignment before it judges addresses.
struct JudgesAlignmentFirst : Breakage {
  std::optional<Failure> refuse_map(VirtAddr va, PhysAddr pa, PageSize size) override {
    bool const possible = size == PageSize::Size4K || size == PageSize::Size2M;
    if (!possible || ((va.value | pa.value) & (bytes(size) - 1)) == 0) return std::nullopt;
    return Failure{PagingError::NotAligned, va};
  }
};

// Reads the leaf, then writes the hole: what hardware set in between is not handed out.
struct UnmapsByLoadAndStore : Breakage {
  Word exchange(Machine& machine, Word slot, Word entry) override {
    Word const before = machine.load(slot);
    machine.store(slot, entry);
    return before;
  }
};

// The same, for the pieces of a leaf that the call has split: it made them itself, after all.
struct TakesPiecesByLoadAndStore : UnmapsByLoadAndStore {
  Word exchange(Machine& machine, Word slot, Word entry) override {
    bool const has_split = in_call && machine.counts().invalidations != 0;
    return has_split ? UnmapsByLoadAndStore::exchange(machine, slot, entry)
                     : machine.exchange(slot, entry);
  }
};

// ---- refusal-changes-nothing ----

// Has made and linked the first table of a path by the time that it finds no frame for the next.
struct LinksBeforeItHasPaid : Breakage {
  Failure refused(Machine& machine, Word root, VirtAddr va, Failure failure) override {
    Word const slot = root + ((va.value >> 39) & 511) * 8;
    Word frame = 0;
    if (failure.error != PagingError::NoMemory || machine.load(slot) != 0) return failure;
    if (!machine.alloc_frames(12, frame)) return failure;
    machine.fill(frame, 512, 0, 0);
    machine.set_live_count(frame, 0);
    machine.store(slot, Format::table(frame));
    machine.set_live_count(root, machine.live_count(root) + 1);
    return failure;
  }
};

// ---- no-reserved-bit ----

// Sets PS in an entry of the root.
struct SetsLargeInTheRoot : Breakage {
  void store(Machine& machine, Word slot, Word entry) override {
    bool const root = is_linked_root(machine, slot);
    machine.store(slot, root && entry != 0 ? entry | Format::large_bit : entry);
  }
};

// Writes the PAT bit of large pages one too high.
struct MisplacesPat : Breakage {
  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    Word const pat = attributes.bits & bit(12);
    if (level == 1) return Format::leaf(level, pa, attributes);
    return Format::leaf(level, pa, {attributes.bits & ~bit(12)}) | pat << 1;
  }
};

// ---- walker-agrees ----

struct TablesLackUser : Breakage {
  Word table(Word address) override { return Format::table(address) & ~Format::user_bit; }
};

// Large pages can always be executed.
struct ForgetsNoExecute : Breakage {
  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    Word const entry = Format::leaf(level, pa, attributes);
    return level > 1 ? entry & ~Format::execute_disable_bit : entry;
  }
};

// Physical addresses of 40 bits must be enough.
struct CutsAddresses : Breakage {
  Word leaf(int level, Word pa, Attributes<Word> attributes) override {
    return Format::leaf(level, pa & mask(39, 0), attributes);
  }
};

// Adds flags and never takes any.
struct OnlyAddsFlags : Breakage {
  Word with_attributes(int level, Word entry, Attributes<Word> attributes) override {
    return entry | Format::with_attributes(level, entry, attributes);
  }
};

// ---- accessed-dirty-never-lost ----

struct ProtectsByPlainStore : Breakage {
  Word compare_exchange(Machine& machine, Word slot, Word expected, Word desired) override {
    machine.store(slot, desired);
    return expected;
  }
};

// Takes the dirty bit along with WRITE.
struct ProtectDropsDirty : Breakage {
  Word with_attributes(int level, Word entry, Attributes<Word> attributes) override {
    Word const after = Format::with_attributes(level, entry, attributes);
    return (after & Format::writable_bit) != 0 ? after : after & ~Format::dirty_bit;
  }
};

// ---- tlb-never-stale ----

// Takes no flush to be due when the address stays.
struct ForgetsFlushOnProtect : Breakage {
  bool must_invalidate(Options const&, int, Word, Word) override { return false; }
};

struct ForgetsGlobal : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    scope.global = false;
    machine.invalidate(scope);
  }
};

// Flushes where the cursor stands afterwards.
struct FlushesTheNextPage : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    for (int i = 0; i < scope.range_count; ++i) {
      scope.ranges[i].first += bytes(scope.ranges[i].stride);
      scope.ranges[i].last += bytes(scope.ranges[i].stride);
    }
    machine.invalidate(scope);
  }
};

struct FlushesTheFirstPageOnly : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    for (int i = 0; i < scope.range_count; ++i) scope.ranges[i].last = scope.ranges[i].first;
    machine.invalidate(scope);
  }
};

// Tells no other processor.
struct FlushesLocally : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    machine.set_invalidation_reach(1);
    machine.invalidate(scope);
  }
};

// Flushes leaves below shared tables for their owner alone.
struct ForgetsBorrowers : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    scope.every_space &= scope.table_changed;
    machine.invalidate(scope);
  }
};

// Leaves global translations where they are when a table is destroyed.
struct DestroyForgetsGlobals : Breakage {
  void invalidate(Machine& machine, FlushScope scope) override {
    scope.global &= !scope.everything;
    machine.invalidate(scope);
  }
};

// ---- frames-balance ----

// Gives frames back that it took before it looked at what it was asked.
struct PaysBeforeItJudges : Breakage {
  Failure refused(Machine& machine, Word, VirtAddr, Failure failure) override {
    Word frame = 0;
    if (machine.alloc_frames(12, frame)) machine.dealloc_frames(frame, 12);
    return failure;
  }
};

// Destroys a table and keeps its root.
struct DestroyKeepsTheRoot : Breakage {
  void dealloc_frames(Machine& machine, Word frame, int size_log2) override {
    bool const root = record_of(machine, frame).level == Format::levels;
    if (!root) machine.dealloc_frames(frame, size_log2);
  }
};

// Keeps what it took when a later frame is missing.
struct LeaksOnNoMemory : Breakage {
  void dealloc_frames(Machine& machine, Word frame, int size_log2) override {
    if (!in_call) machine.dealloc_frames(frame, size_log2);
  }
};

// Leaves an empty table where it is.
struct NeverReclaims : Breakage {
  static constexpr Word never_empty = bit(31);

  Word live_count(Machine& machine, Word table) override {
    return machine.live_count(table) | (in_unmap ? never_empty : 0);
  }
  void set_live_count(Machine& machine, Word table, Word count) override {
    machine.set_live_count(table, count & ~never_empty);
  }
};

// ---- no-empty-table ----

struct DoesNotCountInTheRoot : Breakage {
  void set_live_count(Machine& machine, Word table, Word count) override {
    if (!is_linked_root(machine, table)) machine.set_live_count(table, count);
  }
};

// ---- trees-agree ----

// Writes one page of a long run twice and the next one not at all: away from every edge.
struct RepeatsOnePage : Breakage {
  void fill(Machine& machine, Word slot, Word count, Word first, Word stride) override {
    constexpr Word repeated = 77;
    if (count <= 2 * repeated || stride == 0) return machine.fill(slot, count, first, stride);
    machine.fill(slot, repeated, first, stride);
    machine.store(slot + 8 * repeated, first + (repeated - 1) * stride);
    machine.fill(slot + 8 * (repeated + 1), count - repeated - 1, first + (repeated + 1) * stride,
                 stride);
  }
};

// ---- The list ----

struct Entry {
  std::string_view name;
  std::string_view oracle;  // that must find it
  std::size_t ops_max;      // of the minimised sequence
  std::unique_ptr<Breakage> (*make)();
};

inline void PrintTo(Entry const& entry, std::ostream* out) { *out << entry.name; }

template <class B>
std::unique_ptr<Breakage> make() {
  return std::make_unique<B>();
}

inline constexpr std::array broken_engines{
    Entry{"ReadsPastTheTable", "stays-in-memory", 3, make<ReadsPastTheTable>},
    Entry{"FollowsHugePages", "stays-in-memory", 2, make<FollowsHugePages>},
    Entry{"SplitsWithoutFlush", "break-before-make", 2, make<SplitsWithoutFlush>},
    Entry{"SplitsAndProtectsAtOnce", "break-before-make", 3, make<SplitsAndProtectsAtOnce>},
    Entry{"SplitsByTheWrongStride", "break-before-make", 2, make<SplitsByTheWrongStride>},
    Entry{"FreesBeforeFlush", "freed-while-cached", 2, make<FreesBeforeFlush>},
    Entry{"ForgetsTableChanged", "freed-while-cached", 2, make<ForgetsTableChanged>},
    Entry{"UnmapClearsPresentOnly", "holes-are-clean", 2, make<UnmapClearsPresentOnly>},
    Entry{"NewTablesHoldGarbage", "holes-are-clean", 0, make<NewTablesHoldGarbage>},
    Entry{"TablesAreWriteThrough", "tables-grant-everything", 1, make<TablesAreWriteThrough>},
    Entry{"TablesCarryAKey", "tables-grant-everything", 1, make<TablesCarryAKey>},
    Entry{"NamesTheLeafAlone", "plans-span-tables", 2, make<NamesTheLeafAlone>},
    Entry{"FlushesForEveryChange", "plan-is-exact", 3, make<FlushesForEveryChange>},
    Entry{"FlushesGlobalsAlways", "plan-is-exact", 2, make<FlushesGlobalsAlways>},
    Entry{"NamesMoreThanTheLeaf", "plan-is-exact", 3, make<NamesMoreThanTheLeaf>},
    Entry{"RefusesAtTheWrongPlace", "result-agrees", 2, make<RefusesAtTheWrongPlace>},
    Entry{"JudgesAlignmentFirst", "result-agrees", 1, make<JudgesAlignmentFirst>},
    Entry{"UnmapsByLoadAndStore", "result-agrees", 3, make<UnmapsByLoadAndStore>},
    Entry{"TakesPiecesByLoadAndStore", "result-agrees", 3, make<TakesPiecesByLoadAndStore>},
    Entry{"LinksBeforeItHasPaid", "refusal-changes-nothing", 2, make<LinksBeforeItHasPaid>},
    Entry{"SetsLargeInTheRoot", "no-reserved-bit", 1, make<SetsLargeInTheRoot>},
    Entry{"MisplacesPat", "no-reserved-bit", 1, make<MisplacesPat>},
    Entry{"TablesLackUser", "walker-agrees", 1, make<TablesLackUser>},
    Entry{"ForgetsNoExecute", "walker-agrees", 1, make<ForgetsNoExecute>},
    Entry{"CutsAddresses", "walker-agrees", 1, make<CutsAddresses>},
    Entry{"OnlyAddsFlags", "walker-agrees", 2, make<OnlyAddsFlags>},
    Entry{"ProtectsByPlainStore", "accessed-dirty-never-lost", 3, make<ProtectsByPlainStore>},
    Entry{"ProtectDropsDirty", "accessed-dirty-never-lost", 3, make<ProtectDropsDirty>},
    Entry{"ForgetsFlushOnProtect", "tlb-never-stale", 2, make<ForgetsFlushOnProtect>},
    Entry{"ForgetsGlobal", "tlb-never-stale", 2, make<ForgetsGlobal>},
    Entry{"FlushesTheNextPage", "tlb-never-stale", 2, make<FlushesTheNextPage>},
    Entry{"FlushesTheFirstPageOnly", "tlb-never-stale", 2, make<FlushesTheFirstPageOnly>},
    Entry{"FlushesLocally", "tlb-never-stale", 2, make<FlushesLocally>},
    Entry{"ForgetsBorrowers", "tlb-never-stale", 3, make<ForgetsBorrowers>},
    Entry{"DestroyForgetsGlobals", "tlb-never-stale", 1, make<DestroyForgetsGlobals>},
    Entry{"PaysBeforeItJudges", "frames-balance", 2, make<PaysBeforeItJudges>},
    Entry{"DestroyKeepsTheRoot", "frames-balance", 0, make<DestroyKeepsTheRoot>},
    Entry{"LeaksOnNoMemory", "frames-balance", 2, make<LeaksOnNoMemory>},
    Entry{"NeverReclaims", "frames-balance", 2, make<NeverReclaims>},
    Entry{"DoesNotCountInTheRoot", "no-empty-table", 1, make<DoesNotCountInTheRoot>},
    Entry{"RepeatsOnePage", "trees-agree", 1, make<RepeatsOnePage>},
};

}  // namespace twinwalk::fuzz::broken
