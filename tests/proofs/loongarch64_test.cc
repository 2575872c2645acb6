// The theorems about entries where LoongArch64 is not as x86: each refutes a format that takes it
// for x86, and none fails on what is shipped.
#include <gtest/gtest.h>

#include "proofs/formats/loongarch64.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {
namespace {

using ShippedSpec = models::LoongArchSpec;
using Shipped = LoongArch64;

// ---- What is broken ----

// Every page is global by bit 6.
struct ReadsHugeForGlobal : Shipped {
  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& options, int /*level*/, W entry) {
    return Shipped::decode(options, 1, entry);
  }
};
// Bit 12 is an address's, as in a page of 4 KiB.
struct KeepsGlobalInTheAddress : Shipped {
  template <Word W>
  static constexpr W leaf_address(int /*level*/, W entry) {
    return entry & W(mask(47, 12));
  }
};
// The pieces of a large page have H and G where it has them.
struct SplitsIntoHugePages : Shipped {
  template <Word W>
  static constexpr W first_piece(int /*level*/, W entry) {
    return entry;
  }
};
// Zero is the only hole.
struct KnowsNoVoid : Shipped {
  template <Word W>
  static constexpr auto present(Options<W> const& /*options*/, int /*level*/, W entry) {
    return entry != W(0);
  }
};
// Only V says that a page is there.
struct TakesUnusedForAbsent : Shipped {
  template <Word W>
  static constexpr W without_accessed(W entry) {
    return entry & W(~(valid_bit | present_bit));
  }
};
// The levels between the kernel's and the user's are nobody's.
struct ForgetsThatLevelsDiffer : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    return Shipped::must_invalidate(options, level, before & W(~bit(2)), after & W(~bit(2)));
  }
};
// W is software's, and no walker looks at it.
struct ForgetsWhatWalkersRead : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    return Shipped::must_invalidate(options, level, before & W(~bit(8)), after & W(~bit(8)));
  }
};
// What was let through by D alone is read-only once it is clean.
struct CleansTheRightAway : Shipped {
  template <Word W>
  static constexpr W without_dirty(W entry) {
    return entry & W(~(bit(1) | bit(9)));
  }
};

template <class Theorem, class Bug>
Verdict verdict_of() {
  return prove_layout<Theorem, Bug, ShippedSpec>({}).theorems.front().verdict();
}

TEST(LoongArchTheorems, RefuteWhatIsBroken) {
  EXPECT_EQ((verdict_of<DecodeAgrees, ReadsHugeForGlobal>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<DecodeAgrees, KeepsGlobalInTheAddress>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<SplitPieces, SplitsIntoHugePages>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<EntriesPartition, KnowsNoVoid>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<NoReservedBitEncoded, TakesUnusedForAbsent>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<MustInvalidateAgrees, ForgetsThatLevelsDiffer>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<MustInvalidateAgrees, ForgetsWhatWalkersRead>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<SettersTouchTheirField, CleansTheRightAway>()), Verdict::refuted);
}

TEST(LoongArchTheorems, ProveTheShippedFormat) {
  EXPECT_EQ((verdict_of<DecodeAgrees, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<EncodeDecode, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<EntriesPartition, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<NoReservedBitEncoded, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<SplitPieces, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<MustInvalidateAgrees, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<SettersTouchTheirField, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<OptionsAgree, Shipped>()), Verdict::proved);
  EXPECT_EQ((verdict_of<CanonicalAgrees, Shipped>()), Verdict::proved);
}

}  // namespace
}  // namespace twinwalk::proofs
