// What the other proofs take for granted of whole tables is proved of the loops that ship and of
// sums of 512 bits; and would not be, had either one of these bugs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "proofs/formats/x86_64.hpp"
#include "proofs/jobs_of.hpp"
#include "proofs/layout/live_count_sums.hpp"
#include "proofs/layout/whole_tables_as_stated.hpp"

namespace twinwalk::proofs {
namespace {

using ::testing::StartsWith;

template <class Theorem>
TheoremResult result_of(ProverOptions const& options = {}) {
  JobResult const job = prove_layout<Theorem, X86_64<4>, models::X86_64Spec<4>>(options);
  return job.theorems.at(0);
}

template <class Theorem>
void expect_proved() {
  TheoremResult const result = result_of<Theorem>();
  EXPECT_EQ(result.verdict(), Verdict::proved);
  EXPECT_LT(result.slowest_query_seconds, 5);
}

// The obligation at which the first refutation was found.
template <class Theorem>
std::string refuted_at() {
  ProverOptions options;
  options.refutations_max = 1;
  TheoremResult const result = result_of<Theorem>(options);
  return result.refutations.empty() ? "nothing" : result.refutations.front().obligation;
}

TEST(LiveCountSums, AreProved) { expect_proved<LiveCountSums>(); }
TEST(WholeTables, AreProvedAsStated) { expect_proved<WholeTablesAsStated>(); }

// ---- Sums that are none ----

// Looks at all but the last entry of a table.
struct DropsTheLast {
  static z3::expr sum(std::span<z3::expr const> bits) {
    std::vector<z3::expr> seen(bits.begin(), bits.end());
    if (bits.size() == 512) seen.back() = Presence::bit(false);
    return AdderTree::sum(seen);
  }
};
// Has 9 bits for 513 sums.
struct WrapsAround {
  static z3::expr sum(std::span<z3::expr const> bits) {
    z3::expr const all = AdderTree::sum(bits);
    return bits.size() == 512 ? all.extract(8, 0) : all;
  }
};
// Adds the lower half of each eight twice, and the upper never.
struct CountsTwice {
  static z3::expr sum(std::span<z3::expr const> bits) {
    if (bits.size() == 1) return bits.front();
    std::size_t const half = bits.size() / 2;
    auto const other = bits.size() == 8 ? bits.first(half) : bits.subspan(half);
    return z3::zext(sum(bits.first(half)), 1) + z3::zext(sum(other), 1);
  }
};

TEST(LiveCountSums, AreRefutedForATreeThatDropsAnIndex) {
  EXPECT_EQ(refuted_at<LiveCountSumsOf<DropsTheLast>>(),
            "without a sum no entry is live, 512 entries");
}
TEST(LiveCountSums, AreRefutedForASumThatWrapsAround) {
  EXPECT_EQ(refuted_at<LiveCountSumsOf<WrapsAround>>(),
            "without a sum no entry is live, 512 entries");
}
TEST(LiveCountSums, AreRefutedForATreeThatAddsAHalfTwice) {
  EXPECT_EQ(refuted_at<LiveCountSumsOf<CountsTwice>>(),
            "without a sum no entry is live, 8 entries");
}

// ---- Loops that do something else ----

// Replaces an entry whatever stands there.
struct StoringEntries : SymEntries {
  SymWord compare_exchange(SymWord const& k, SymWord const& expected, SymWord const& desired) {
    store_relaxed(k, desired);
    return expected;
  }
};
TEST(WholeTables, AreRefutedForACompareExchangeThatLosesADirtyBit) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<ShippedLoops<StoringEntries>>>(),
            "rewrite, one round");
}

// Takes out an entry in two steps.
struct ExchangesInTwoSteps : SymEntries {
  SymWord exchange(SymWord const& k, SymWord const& entry) {
    SymWord const found = load(k);
    store_relaxed(k, entry);
    return found;
  }
};
TEST(WholeTables, AreRefutedForAnExchangeThatHardwareComesInto) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<ShippedLoops<ExchangesInTwoSteps>>>(),
            "clear, one round");
}

struct FillsTooWide : ShippedLoops<> {
  struct Fill : FillEntries<SymEntries> {
    bool take(SymWord const& at) {
      entries.store_relaxed(at, entry);
      entry = entry + (stride << 1);
      return true;
    }
  };
};
TEST(WholeTables, AreRefutedForAFillWithAnotherStride) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<FillsTooWide>>(), "fill, one round");
}

struct FillsTheNextToo : ShippedLoops<> {
  struct Fill : FillEntries<SymEntries> {
    bool take(SymWord const& at) {
      entries.store_relaxed(at + SymWord(1), entry);
      return FillEntries<SymEntries>::take(at);
    }
  };
};
TEST(WholeTables, AreRefutedForAFillThatTouchesTheNextEntry) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<FillsTheNextToo>>(), "fill, one round");
}

struct EndsEarly : ShippedLoops<> {
  template <class Body>
  struct Loop : EntryLoop<SymWord, Body> {
    Loop(SymWord const& count, Body const& made, SymWord const& first)
        : EntryLoop<SymWord, Body>(count - SymWord(1), made, first) {}
  };
};
TEST(WholeTables, AreRefutedForALoopThatEndsEarly) {
  EXPECT_THAT(refuted_at<WholeTablesAsStatedOf<EndsEarly>>(), StartsWith("fill, "));
}

struct MissesTheLast : ShippedLoops<> {
  static SymWord count_live(SymEntries entries, SymWord const& count, SymLive const& live) {
    return count_live_entries(entries, count - SymWord(1), live);
  }
};
TEST(WholeTables, AreRefutedForACountThatMissesTheLastEntry) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<MissesTheLast>>(), "count_live, all of 1");
}

// Tries once less than hardware may come between.
struct GivesUpEarly : ShippedLoops<> {
  struct Rewrite : RewriteEntries<SymEntries, SymStep> {
    bool take(SymWord const& at) {
      SymWord was = entries.load(at);
      for (int attempt = 0; attempt < hardware_moves_max; ++attempt) {
        SymWord const is = step(was);
        if (is == was) return true;
        SymWord const found = entries.compare_exchange(at, was, is);
        if (found == was) {
          change.add(was, is);
          return true;
        }
        was = found;
      }
      return true;
    }
  };
};
TEST(WholeTables, AreRefutedForARewriteThatGivesUpEarly) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<GivesUpEarly>>(), "rewrite, one round");
}

// Tells what it looked at, not what it took.
struct TellsWhatItSaw : ShippedLoops<> {
  struct Clear : ClearEntries<SymEntries, SymLive> {
    bool take(SymWord const& at) {
      SymWord const seen = entries.load(at);
      if (live(seen)) {
        entries.exchange(at, hole);
        change.add(seen, hole);
      }
      return true;
    }
  };
};
TEST(WholeTables, AreRefutedForAClearThatTellsWhatItSaw) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<TellsWhatItSaw>>(), "clear, one round");
}

struct StopsAtALiveOne : ShippedLoops<> {
  struct Clear : ClearEntries<SymEntries, SymLive> {
    bool take(SymWord const& at) {
      SymWord const count_before = change.count;
      ClearEntries<SymEntries, SymLive>::take(at);
      return bool(change.count == count_before);
    }
  };
};
TEST(WholeTables, AreRefutedForAClearThatStopsAtALiveEntry) {
  EXPECT_EQ(refuted_at<WholeTablesAsStatedOf<StopsAtALiveOne>>(), "clear, one round");
}

}  // namespace
}  // namespace twinwalk::proofs
