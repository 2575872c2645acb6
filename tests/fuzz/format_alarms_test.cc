// That the alarms ring where a format has a wrong idea of what there is to do, which is a part of
// its type and so no mutant can switch: no break where one is due, no fence, no barrier.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "engine/formats/aarch64.hpp"
#include "engine/formats/loongarch64.hpp"
#include "engine/page_table.hpp"
#include "fuzz/executor.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/generator.hpp"
#include "models/machine.hpp"
#include "models/spec/aarch64.hpp"
#include "models/spec/loongarch64.hpp"

namespace twinwalk::fuzz {
namespace {

using Stage1 = Aarch64Stage1<Aarch64Range::lower>;

// Knows no break at all: a leaf becomes a table in one store.
struct SplitsInPlace : Stage1 {
  static constexpr void demands_break() = delete;
};
struct ForgetsTheBarrier : Stage1 {
  static constexpr bool new_entries_owe_barrier = false;
};

// A large page follows the void in one store, as it may follow a hole elsewhere.
struct KeepsNoHoles : LoongArch64 {
  static constexpr void vacant() = delete;
};
static_assert(!KeepsHoles<KeepsNoHoles> && BreaksBeforeMaking<KeepsNoHoles>);
// Zero stands meanwhile, as elsewhere: it leads to a table at 0.
struct StandsAtZero : LoongArch64 {
  static constexpr std::uint64_t vacant(int) { return 0; }
};
struct ForgetsTheFence : LoongArch64 {
  static constexpr bool new_entries_owe_fence = false;
};

template <class Format, class Spec>
std::string first_objection() {
  static Executor<PageTable<Format, models::Machine<Spec>>, Spec> executor;
  static Sequence sequence;
  GeneratorOptions options;
  options.format = 0;
  for (FormatShape const& shape : known_formats()) {
    if (shape.name == Spec::name) break;
    ++options.format;
  }
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    generate(seed, options, sequence);
    if (auto const found = executor.run(sequence, {})) return found->oracle;
  }
  return "";
}

TEST(FormatAlarms, RingForAarch64) {
  using Spec = models::Aarch64LowerSpec;
  EXPECT_EQ((first_objection<SplitsInPlace, Spec>()), "break-before-make");
  EXPECT_EQ((first_objection<ForgetsTheBarrier, Spec>()), "plan-is-exact");
}

TEST(FormatAlarms, RingForLoongArch64) {
  using Spec = models::LoongArchSpec;
  EXPECT_EQ((first_objection<KeepsNoHoles, Spec>()), "break-before-make");
  EXPECT_EQ((first_objection<StandsAtZero, Spec>()), "tlb-never-stale");
  EXPECT_EQ((first_objection<ForgetsTheFence, Spec>()), "plan-is-exact");
}

}  // namespace
}  // namespace twinwalk::fuzz
