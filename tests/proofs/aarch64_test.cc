// The theorems about entries where AArch64 is not as x86: each refutes a format that takes it for
// x86, and none fails on what is shipped.
#include <gtest/gtest.h>

#include "proofs/formats/aarch64.hpp"
#include "proofs/jobs_of.hpp"

namespace twinwalk::proofs {
namespace {

using ShippedSpec = models::Aarch64LowerSpec;
using Shipped = Aarch64Stage1<Aarch64Range::lower>;

// ---- What is broken ----

// AP[2] is the right to write, and nothing else.
struct TakesCleanForReadOnly : Shipped {
  template <Word W>
  static constexpr BasicMappingFlags<W> decode(Options<W> const& options, int level, W entry) {
    return Shipped::decode(options, level, entry & W(~managed_bit));
  }
};
// A block keeps in its low bits what a page has its address in.
struct LeavesLowBitsInPieces : Shipped {
  template <Word W>
  static constexpr W first_piece(int level, W entry) {
    return (entry & W(~table_bit)) | W(level == 2 ? table_bit : 0);
  }
};
// Bit 0 alone says what is there.
struct TakesBlocksAtEveryLevel : Shipped {
  template <Word W>
  static constexpr auto present(Options<W> const& /*options*/, int /*level*/, W entry) {
    return (entry & W(valid_bit)) != W(0);
  }
};
// The kernel executes what EL0 writes.
struct ForgetsThatUserWritesDenyTheKernel : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    return Shipped::must_invalidate(options, level, before | W(user_bit), after | W(user_bit));
  }
};
// Dirty goes with the right to write.
struct LosesDirtyWithTheRight : Shipped {
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    return Shipped::with_attributes(level, entry, attributes) & W(~was_dirty_bit);
  }
};
// What was opened without DBM is read-only once it is clean.
struct CleansTheRightAway : Shipped {
  template <Word W>
  static constexpr W without_dirty(W entry) {
    return (entry | W(write_bit)) & W(~was_dirty_bit);
  }
};
// Every page is global, as none has a bit that says so.
struct NeverSetsNotGlobal : Shipped {
  template <Word W>
  static constexpr Attributes<W> encode(Options<W> const& options, BasicMappingFlags<W> flags) {
    return {Shipped::encode(options, flags).bits & W(~not_global_bit)};
  }
};

template <class Theorem, class Bug, class S = ShippedSpec>
Verdict verdict_of() {
  return prove_layout<Theorem, Bug, S>({}).theorems.front().verdict();
}

TEST(Aarch64Theorems, RefuteWhatIsBroken) {
  EXPECT_EQ((verdict_of<DecodeAgrees, TakesCleanForReadOnly>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<SplitPieces, LeavesLowBitsInPieces>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<EntriesPartition, TakesBlocksAtEveryLevel>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<MustInvalidateAgrees, ForgetsThatUserWritesDenyTheKernel>()),
            Verdict::refuted);
  EXPECT_EQ((verdict_of<SettersTouchTheirField, LosesDirtyWithTheRight>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<SettersTouchTheirField, CleansTheRightAway>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<EncodeDecode, NeverSetsNotGlobal>()), Verdict::refuted);
}

// ---- What is whole ----

template <class Format, class S>
void proves_everything() {
  EXPECT_EQ((verdict_of<DecodeAgrees, Format, S>()), Verdict::proved);
  EXPECT_EQ((verdict_of<EncodeDecode, Format, S>()), Verdict::proved);
  EXPECT_EQ((verdict_of<EntriesPartition, Format, S>()), Verdict::proved);
  EXPECT_EQ((verdict_of<SplitPieces, Format, S>()), Verdict::proved);
  EXPECT_EQ((verdict_of<MustInvalidateAgrees, Format, S>()), Verdict::proved);
  EXPECT_EQ((verdict_of<SettersTouchTheirField, Format, S>()), Verdict::proved);
  EXPECT_EQ((verdict_of<OptionsAgree, Format, S>()), Verdict::proved);
  EXPECT_EQ((verdict_of<CanonicalAgrees, Format, S>()), Verdict::proved);
}

TEST(Aarch64Theorems, ProveTheShippedFormats) {
  proves_everything<Shipped, ShippedSpec>();
  proves_everything<Aarch64Stage1<Aarch64Range::upper>, models::Aarch64UpperSpec>();
  proves_everything<Aarch64Stage1<Aarch64Range::el2>, models::Aarch64El2Spec>();
  proves_everything<Aarch64Stage2<40>, models::Aarch64Stage2Spec<40>>();
}

}  // namespace
}  // namespace twinwalk::proofs
