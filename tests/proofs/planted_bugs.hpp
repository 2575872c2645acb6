// Every engine that is broken on purpose, with the theorem about operations that must refute it and
// the call that shows it: at least one for every theorem that speaks of engines.
#pragma once

#include <array>
#include <memory>
#include <ostream>
#include <string_view>

#include "tests/proofs/operation_bugs.hpp"
#include "tests/proofs/operation_flush_bugs.hpp"

namespace twinwalk::proofs::operation_bugs {

struct Planted {
  std::string_view bug;
  std::string_view theorem;
  std::string_view operation;
  BrokenEngine::Make make;
};

inline void PrintTo(Planted const& planted, std::ostream* out) {
  *out << planted.bug << " in " << planted.operation << ", by " << planted.theorem;
}

template <class Bug>
std::unique_ptr<Breakage> make() {
  return std::make_unique<Bug>();
}

// Each with a cheap call that shows it.
inline constexpr std::array planted_bugs{
    Planted{"WidthOf46Bits", "assertions-hold", "map 2M", make<WidthOf46Bits>},
    Planted{"WidthOf46Bits", "assertions-hold", "split", make<WidthOf46Bits>},
    Planted{"ChainsOfOneFrame", "assertions-hold", "map 2M", make<ChainsOfOneFrame>},
    Planted{"ExchangesByLoadAndStore", "result-agrees", "unmap", make<ExchangesByLoadAndStore>},
    Planted{"SaysNotMappedForBorrowed", "result-agrees", "set_dirty",
            make<SaysNotMappedForBorrowed>},
    Planted{"RefusesAtTheStartOfThePage", "result-agrees", "protect",
            make<RefusesAtTheStartOfThePage>},
    Planted{"LowHalfOnly", "result-agrees", "query", make<LowHalfOnly>},
    Planted{"ShowsKeysOfAnyMachine", "result-agrees", "remap", make<ShowsKeysOfAnyMachine>},
    Planted{"CutsAddresses", "walker-agrees", "map 2M", make<CutsAddresses>},
    Planted{"OnlyAddsFlags", "walker-agrees", "protect", make<OnlyAddsFlags>},
    Planted{"ClearsBeforeItRemaps", "walker-agrees", "remap", make<ClearsBeforeItRemaps>},
    Planted{"WeakCompareExchange", "walker-agrees", "clear_dirty", make<WeakCompareExchange>},
    Planted{"FindsRoomEverywhere", "region-check-exact", "check round for room, pages of 4K",
            make<FindsRoomEverywhere>},
    Planted{"RefusesOnePageEarly", "region-check-exact", "check round for room, pages of 2M",
            make<RefusesOnePageEarly>},
    Planted{"SeesNoPins", "region-check-exact", "check round for borrowed slots", make<SeesNoPins>},
    Planted{"DirtyLostInPieces", "accessed-dirty-never-lost", "split", make<DirtyLostInPieces>},
    Planted{"ClearsTheNeighbour", "others-unchanged", "unmap", make<ClearsTheNeighbour>},
    Planted{"NewTablesHoldGarbage", "others-unchanged", "map 2M", make<NewTablesHoldGarbage>},
    Planted{"StoresInTwoHalves", "others-unchanged", "map 2M", make<StoresInTwoHalves>},
    Planted{"SeesNoPins", "others-unchanged", "unmap", make<SeesNoPins>},
    Planted{"ChangesByPlainStore", "accessed-dirty-never-lost", "protect",
            make<ChangesByPlainStore>},
    Planted{"ChangesByPlainStore", "accessed-dirty-never-lost", "split", make<ChangesByPlainStore>},
    Planted{"ExchangesByLoadAndStore", "accessed-dirty-never-lost", "remap",
            make<ExchangesByLoadAndStore>},
    Planted{"ProtectDropsDirty", "accessed-dirty-never-lost", "protect", make<ProtectDropsDirty>},
    Planted{"ClearingDirtyClearsAccessed", "accessed-dirty-never-lost", "clear_dirty",
            make<ClearingDirtyClearsAccessed>},
    Planted{"MarksWhatItWalks", "refusal-changes-nothing", "set_accessed", make<MarksWhatItWalks>},
    Planted{"CountsBeforeItHasPaid", "refusal-changes-nothing", "map 2M",
            make<CountsBeforeItHasPaid>},
    Planted{"FlushesWhatItRefuses", "refusal-changes-nothing", "remap", make<FlushesWhatItRefuses>},
    Planted{"NeverFrees", "frames-balance", "map 2M", make<NeverFrees>},
    Planted{"NeverFrees", "frames-balance", "unmap", make<NeverFrees>},
    Planted{"FreesTwice", "frames-balance", "unmap", make<FreesTwice>},
    Planted{"FreesTheNextFrame", "frames-balance", "unmap", make<FreesTheNextFrame>},
    Planted{"PaysTwice", "frames-balance", "split", make<PaysTwice>},
    Planted{"FreesBeforeFlush", "freed-while-cached", "unmap", make<FreesBeforeFlush>},
    Planted{"UnlinksAfterFreeing", "freed-while-cached", "unmap", make<UnlinksAfterFreeing>},
    Planted{"SplitsWithoutFlush", "freed-while-cached", "unmap", make<SplitsWithoutFlush>},
    Planted{"WriteMayLinger", "tlb-never-stale", "protect", make<WriteMayLinger>},
    Planted{"DirtyMayLinger", "tlb-never-stale", "clear_dirty", make<DirtyMayLinger>},
    Planted{"ForgetsGlobal", "tlb-never-stale", "remap", make<ForgetsGlobal>},
    Planted{"ForgetsBorrowers", "tlb-never-stale", "clear_dirty", make<ForgetsBorrowers>},
    Planted{"NamesTheFirst4K", "tlb-never-stale", "unmap", make<NamesTheFirst4K>},
    Planted{"ForgetsTableChanged", "tlb-never-stale", "split", make<ForgetsTableChanged>},
    Planted{"FlushesForEveryChange", "plan-is-exact", "clear_accessed",
            make<FlushesForEveryChange>},
    Planted{"AlwaysSaysTableChanged", "plan-is-exact", "unmap", make<AlwaysSaysTableChanged>},
    Planted{"AsksForAFence", "plan-is-exact", "set_dirty", make<AsksForAFence>},
    Planted{"NamesTheLeafAlone", "plans-span-tables", "unmap", make<NamesTheLeafAlone>},
    Planted{"SplitsWithoutFlush", "break-before-make", "split", make<SplitsWithoutFlush>},
    Planted{"SplitsAndProtectsAtOnce", "break-before-make", "split", make<SplitsAndProtectsAtOnce>},
    Planted{"SplitsByTheWrongStride", "break-before-make", "split", make<SplitsByTheWrongStride>},
    Planted{"UnpinsWhatItCounts", "ownership-preserved", "unmap", make<UnpinsWhatItCounts>},
    Planted{"LendsWithoutAName", "ownership-preserved", "share_root_entries",
            make<LendsWithoutAName>},
    Planted{"TablesOf8K", "ownership-preserved", "map 2M", make<TablesOf8K>},
    Planted{"SizeLostInPieces", "ownership-preserved", "split", make<SizeLostInPieces>},
    Planted{"SetsLargeInTables", "no-reserved-bit", "map 2M", make<SetsLargeInTables>},
    Planted{"AddressesOfAnyWidth", "no-reserved-bit", "remap", make<AddressesOfAnyWidth>},
    Planted{"FlagsOfAnyMachine", "no-reserved-bit", "protect", make<FlagsOfAnyMachine>},
    Planted{"TablesLackUser", "tables-grant-everything", "map 2M", make<TablesLackUser>},
    Planted{"TablesAreWriteThrough", "tables-grant-everything", "split",
            make<TablesAreWriteThrough>},
    Planted{"CountsOneTooMany", "live-count-exact", "map 2M", make<CountsOneTooMany>},
    Planted{"CountsOneTooMany", "live-count-exact", "split", make<CountsOneTooMany>},
    Planted{"NeverCountsDown", "live-count-exact", "unmap", make<NeverCountsDown>},
    Planted{"NeverReclaims", "no-empty-table", "unmap", make<NeverReclaims>},
    Planted{"MapsNothingWithoutRights", "no-empty-table", "map 2M", make<MapsNothingWithoutRights>},
    Planted{"RemembersWhatItUnlinked", "cursor-stays-right", "unmap",
            make<RemembersWhatItUnlinked>},
    Planted{"LeavesAMarkInHoles", "holes-are-clean", "unmap", make<LeavesAMarkInHoles>},
    Planted{"FlushesNothing", "tlb-never-stale", "clear_dirty", make<FlushesNothing>},
    Planted{"StepsBy1G", "tlb-never-stale", "clear_dirty", make<StepsBy1G>},
    Planted{"ForgetsGlobal", "tlb-never-stale", "unmap round", make<ForgetsGlobal>},
    Planted{"WriteMayLinger", "tlb-never-stale", "protect round", make<WriteMayLinger>},
    Planted{"OnlyAddsFlags", "region-round-exact", "protect round", make<OnlyAddsFlags>},
    Planted{"ClearsTheNeighbour", "region-round-exact", "unmap round", make<ClearsTheNeighbour>},
};

}  // namespace twinwalk::proofs::operation_bugs
