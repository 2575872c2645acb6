// The theorems about the layout of entries: each is proved for what is shipped, and each is able to
// fail, for it refutes a format that is broken in one place.
#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "models/spec/ept.hpp"
#include "proofs/formats/x86_64.hpp"
#include "proofs/jobs_of.hpp"
#include "tests/proofs/layout_bugs.hpp"

namespace twinwalk::proofs {
namespace {

using namespace layout_bugs;
using ShippedSpec = models::X86_64Spec<4>;

// ---- Which theorem refutes which ----

struct Planted {
  std::string_view bug;
  std::string_view theorem;
  JobResult (*prove)(ProverOptions const&);
};
template <class Bug, class Theorem>
constexpr Planted planted(std::string_view bug) {
  return {bug, Theorem::name, &prove_layout<Theorem, Bug, ShippedSpec>};
}
#define PLANTED(Bug, Theorem) planted<Bug, Theorem>(#Bug)

std::vector<Planted> planted_bugs() {
  return {
      PLANTED(TableAddressOf48Bits, DecodeAgrees),
      PLANTED(LeafAddressTakesPat, DecodeAgrees),
      PLANTED(NoExecuteReadAt62, DecodeAgrees),
      PLANTED(PatReadAt7OfLargeLeaves, DecodeAgrees),
      PLANTED(GlobalLost, EncodeDecode),
      PLANTED(NoExecuteForgotten, EncodeDecode),
      PLANTED(SizeKeptAtLevelOne, EncodeDecode),
      PLANTED(TypeTakenWithoutTyped, EncodeDecode),
      PLANTED(KeysTakenFromAnyMachine, EncodeDecode),
      PLANTED(KeyMisplaced, EncodeDecode),
      PLANTED(TableWithoutUser, NoReservedBitEncoded),
      PLANTED(GlobalTable, NoReservedBitEncoded),
      PLANTED(AlwaysNoExecute, NoReservedBitEncoded),
      PLANTED(SizeLostInPieces, NoReservedBitEncoded),
      PLANTED(HoleWithRemains, EntriesPartition),
      PLANTED(PresentByAnyBit, EntriesPartition),
      PLANTED(LargeTable, EntriesPartition),
      PLANTED(ProtectClearsDirty, SettersTouchTheirField),
      PLANTED(ProtectOnlyAdds, SettersTouchTheirField),
      PLANTED(HighSoftwareBitsLost, SettersTouchTheirField),
      PLANTED(ClearingDirtyClearsAccessed, SettersTouchTheirField),
      PLANTED(SizeLostInPieces, SplitPieces),
      PLANTED(PatLeftInPieces, SplitPieces),
      PLANTED(DirtyLostInPieces, SplitPieces),
      PLANTED(IndicesOfEightBits, AddressesRebuild),
      PLANTED(PagesOf8K, AddressesRebuild),
      PLANTED(LowHalfOnly, CanonicalAgrees),
      PLANTED(NotSignExtended, CanonicalAgrees),
      PLANTED(LastByteUnchecked, CanonicalAgrees),
      PLANTED(WrapUnseen, CanonicalAgrees),
      PLANTED(UserForgotten, MustInvalidateAgrees),
      PLANTED(NoExecuteMayLinger, MustInvalidateAgrees),
      PLANTED(DirtyMayLinger, MustInvalidateAgrees),
      PLANTED(FlushesForMoreRights, MustInvalidateAgrees),
      PLANTED(OneBitTooWide, OptionsAgree),
      PLANTED(GigabytePagesEverywhere, OptionsAgree),
      PLANTED(LargePagesWithPatAt7, TypedEntriesAgree),
      PLANTED(NextTableOfHoles, TypedEntriesAgree),
  };
}

// ---- What is shipped ----

template <class Format>
class LayoutOf : public ::testing::Test {};
using EveryFormat = ::testing::Types<X86_64<4>, X86_64<5>>;
TYPED_TEST_SUITE(LayoutOf, EveryFormat);

TYPED_TEST(LayoutOf, WhatIsShippedIsProvedByEveryTheorem) {
  LayoutTheorems::for_each([]<class Theorem>() {
    auto const job = prove_layout<Theorem, TypeParam, models::X86_64Spec<TypeParam::levels>>({});
    ASSERT_EQ(job.theorems.size(), 1u) << Theorem::name;
    TheoremResult const& result = job.theorems.front();
    EXPECT_EQ(result.theorem, Theorem::name);
    EXPECT_EQ(result.verdict(), Verdict::proved) << Theorem::name;
    for (Refutation const& refutation : result.refutations) {
      ADD_FAILURE() << refutation.obligation << "\n" << refutation.explanation;
    }
    for (std::string const& unknown : result.unknown) ADD_FAILURE() << unknown;
  });
}

TEST(LayoutTheorems, EachRefutesWhatIsBrokenInOnePlace) {
  for (Planted const& planted : planted_bugs()) {
    TheoremResult const result = planted.prove({}).theorems.front();
    EXPECT_EQ(result.verdict(), Verdict::refuted) << planted.bug << " by " << planted.theorem;
    for (Refutation const& refutation : result.refutations) {
      EXPECT_EQ(refutation.theorem, planted.theorem);
      EXPECT_NE(refutation.explanation, "") << planted.bug;
    }
  }
}

TEST(LayoutTheorems, EachHasABugThatItRefutes) {
  LayoutTheorems::for_each([]<class Theorem>() {
    // What these two judge is no format: their bugs are in whole_table_test.cc.
    if (Theorem::name == LiveCountSums::name || Theorem::name == WholeTablesAsStated::name) return;
    std::size_t bugs = 0;
    for (Planted const& planted : planted_bugs()) bugs += planted.theorem == Theorem::name ? 1 : 0;
    EXPECT_GT(bugs, 0u) << Theorem::name;
  });
}

TEST(LayoutTheorems, SayWhatTheyProveInASentence) {
  LayoutTheorems::for_each(
      []<class Theorem>() { EXPECT_TRUE(Theorem::statement.ends_with('.')) << Theorem::name; });
}

TEST(LayoutTheorems, ShowARefutedEntryFieldByField) {
  auto const job = prove_layout<DecodeAgrees, NoExecuteReadAt62, ShippedSpec>({});
  ASSERT_FALSE(job.theorems.front().refutations.empty());
  Refutation const& first = job.theorems.front().refutations.front();
  EXPECT_EQ(first.obligation, "level 1, flags");
  for (char const* const shown : {"physical addresses below 0x", "nx=", "entry = 0x",
                                  ", at level 1\n", "  P  ", "found = 0x", "expected = 0x"}) {
    EXPECT_NE(first.explanation.find(shown), std::string::npos) << shown << first.explanation;
  }
}

template <class Spec>
void demands_the_same_invalidations_as_the_judge_of_stale_entries() {
  std::mt19937_64 random(1);
  MachineOptions options;
  std::size_t demanded = 0;
  for (int i = 0; i < 400'000; ++i) {
    options.no_execute = random() % 2 != 0;
    options.protection_keys = random() % 2 != 0;
    options.mode_based_execute = random() % 2 != 0;
    auto const settings = Spec::settings(options);
    int const level = static_cast<int>(random() % 3) + 1;
    // A few bits differ, none of them of the address.
    std::uint64_t const before = random() & ~settings.reserved_in_leaf(level);
    std::uint64_t const differ =
        (std::uint64_t{1} << random() % 64) | (std::uint64_t{1} << random() % 64);
    std::uint64_t const after =
        before ^ (differ & ~(leaf_mask<Spec>(level, models::Role::address) | bit(0)));
    if (!Spec::is_leaf(settings, level, before)) continue;
    if (!Spec::is_leaf(settings, level, after)) continue;
    auto const read = [&](std::uint64_t leaf) {
      return held<Spec, std::uint64_t>(settings, Spec::flags_of_leaf(options, level, leaf), 1,
                                       level, leaf);
    };
    bool const must = must_forget(read(before), read(after));
    auto const judged = Spec::stale_effect(settings, level, before, after);
    EXPECT_EQ(must, judged.effect == models::StaleEffect::must_invalidate)
        << std::hex << before << " to " << after << " at level " << level << ": " << judged.row;
    demanded += must ? 1 : 0;
  }
  EXPECT_GT(demanded, 1000u);
}

TEST(LayoutTheorems, DemandTheSameInvalidationsAsTheJudgeOfStaleEntries) {
  demands_the_same_invalidations_as_the_judge_of_stale_entries<ShippedSpec>();
  demands_the_same_invalidations_as_the_judge_of_stale_entries<models::EptSpec<4>>();
}

}  // namespace
}  // namespace twinwalk::proofs
