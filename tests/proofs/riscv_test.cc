// The theorems where RISC-V is not as x86: each refutes an engine that takes it for x86, and none
// fails on what is shipped.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "proofs/formats/riscv.hpp"
#include "tests/proofs/judging.hpp"

namespace twinwalk::proofs {
namespace {

using ShippedSpec = models::RiscvSpec<3, models::RiscvStage::first>;
using Shipped = Riscv<3>;

template <class W>
using Flags = BasicMappingFlags<W>;

// ---- What is broken ----

// A leaf without any right is a pointer, and what a user reads there is somebody else's table.
struct TakesLeavesWithoutRights : Shipped {
  template <Word W>
  static constexpr auto representable(Options<W> const& options, Flags<W> flags) {
    W const readable = select((flags.bits & W(mask(2, 0))) == W(0), W(bit(0)), W(0));
    return Shipped::representable(options, Flags<W>(flags.bits | readable));
  }
};

// Holes are never cached on x86; a hart may hold that there was one.
struct ForgetsTheFence : Shipped {
  static constexpr bool new_entries_owe_fence = false;
};

// On a machine that sets no dirty bit, the first store to a page made writable faults.
struct PresetsDirtyInNewLeavesAlone : Shipped {
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    return Shipped::with_attributes(level, entry, {attributes.bits & W(~dirty_bit)});
  }
};

// More rights may be lazy; but what the user gains by U the supervisor loses.
struct TakesUserForARight : Shipped {
  template <Word W>
  static constexpr auto must_invalidate(Options<W> const& options, int level, W before, W after) {
    W const gained = after & ~before & W(user_bit);
    return Shipped::must_invalidate(options, level, before | gained, after);
  }
};

// Addresses stand two bits lower than on x86.
struct AddressesAsOnX86 : Shipped {
  template <Word W>
  static constexpr W leaf_address(int level, W entry) {
    return entry & W(mask(51, page_log2 + index_bits * (level - 1)));
  }
};

// In the second stage W grants nothing without U, so a page that gets both is newly writable.
using GuestSpec = models::RiscvSpec<3, models::RiscvStage::second>;
using Guest = Riscv<3, RiscvStage::second>;
struct TakesWForWritable : Guest {
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    return Guest::with_attributes(level, entry | W(user_bit), attributes);
  }
};

template <class Bug>
Verdict verdict_of(std::string_view theorem, std::string_view operation) {
  return judged<ShippedSpec>(theorem, operation,
                             [](auto enough) { return UntilEnough<EngineOf<Bug>>(enough); })
      .verdict();
}
template <class Bug, class Theorem, class S = ShippedSpec>
Verdict verdict_of() {
  return prove_layout<Theorem, Bug, S>({}).theorems.front().verdict();
}

TEST(RiscvTheorems, RefuteWhatIsBrokenInACall) {
  EXPECT_EQ(verdict_of<TakesLeavesWithoutRights>("result-agrees", "protect"), Verdict::refuted);
  EXPECT_EQ(verdict_of<ForgetsTheFence>("plan-is-exact", "map 2M"), Verdict::refuted);
  EXPECT_EQ(verdict_of<TakesUserForARight>("tlb-never-stale", "protect"), Verdict::refuted);
}

TEST(RiscvTheorems, RefuteWhatIsBrokenInAnEntry) {
  EXPECT_EQ((verdict_of<AddressesAsOnX86, DecodeAgrees>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<TakesLeavesWithoutRights, EncodeDecode>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<PresetsDirtyInNewLeavesAlone, SettersTouchTheirField>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<TakesUserForARight, MustInvalidateAgrees>()), Verdict::refuted);
  EXPECT_EQ((verdict_of<TakesWForWritable, SettersTouchTheirField, GuestSpec>()), Verdict::refuted);
}

// ---- What is whole ----

TEST(RiscvTheorems, ProveTheEntriesOfASecondStage) {
  EXPECT_EQ((verdict_of<Guest, SettersTouchTheirField, GuestSpec>()), Verdict::proved);
  EXPECT_EQ((verdict_of<Guest, DecodeAgrees, GuestSpec>()), Verdict::proved);
  EXPECT_EQ((verdict_of<Guest, MustInvalidateAgrees, GuestSpec>()), Verdict::proved);
}

TEST(RiscvTheorems, ProveTheShippedEngine) {
  EngineOf<Shipped> const shipped;
  EXPECT_TRUE(proved<ShippedSpec>(shipped, "query").contains("result-agrees"));
  EXPECT_TRUE(proved<ShippedSpec>(shipped, "clear_dirty").contains("tlb-never-stale"));
}

}  // namespace
}  // namespace twinwalk::proofs
