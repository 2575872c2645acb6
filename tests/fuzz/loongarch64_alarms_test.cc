// That the alarms ring where LoongArch64 asks for what no other format does: that what is kept of a
// hole has the size of the page that comes, that an empty directory leads into the void, and that G
// is not where it was.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/formats/loongarch64.hpp"
#include "engine/page_table.hpp"
#include "fuzz/executor.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/generator.hpp"
#include "models/machine.hpp"
#include "models/spec/loongarch64.hpp"

namespace twinwalk::fuzz {
namespace {

using Spec = models::LoongArchSpec;
using Shipped = LoongArch64;
using Word = std::uint64_t;

// ---- What is broken ----

// A large page follows the void in one store, as it may follow a hole elsewhere.
struct KeepsNoHoles : Shipped {
  static constexpr void vacant() = delete;
};
// Zero stands meanwhile, as elsewhere: it leads to a table at 0.
struct StandsAtZero : Shipped {
  static constexpr Word vacant(int) { return 0; }
};
// A page becomes global, or ceases to be, in one store.
struct TakesGlobalLightly : Shipped {
  static constexpr bool demands_break(int, Word, Word) { return false; }
};
struct ForgetsTheFence : Shipped {
  static constexpr bool new_entries_owe_fence = false;
};
// Zero is a hole everywhere.
struct KnowsNoVoid : Shipped {
  static constexpr Word hole(Options<Word> const&, int) { return 0; }
};
// A large page is global by the bit that makes it large.
struct ReadsGlobalWhereSmallPagesHaveIt : Shipped {
  static constexpr bool global(int, Word entry) { return (entry & global_bit) != 0; }
};
// D goes with the right to write, and with it that the page was written.
struct LosesDirtyWithTheRight : Shipped {
  static constexpr Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return Shipped::with_attributes(level, entry, attributes) & ~bit(9);
  }
};
// D is the right to write, and not W.
struct ReadsTheRightFromDirty : Shipped {
  static constexpr MappingFlags decode(Options<Word> const& options, int level, Word entry) {
    return Shipped::decode(options, level, entry & ~bit(8));
  }
};

// ---- Who says so ----

template <class Format>
std::string first_objection() {
  using Engine = PageTable<Format, models::Machine<Spec>>;
  static Executor<Engine, Spec> executor;
  static Sequence sequence;
  std::size_t format = 0;
  while (known_formats()[format].name != Spec::name) ++format;
  GeneratorOptions options;
  options.format = static_cast<int>(format);
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    generate(seed, options, sequence);
    if (auto const found = executor.run(sequence, {})) return found->oracle;
  }
  return "";
}

TEST(LoongArchAlarms, Ring) {
  static_assert(!KeepsHoles<KeepsNoHoles> && BreaksBeforeMaking<KeepsNoHoles>);
  EXPECT_EQ(first_objection<KeepsNoHoles>(), "break-before-make");
  EXPECT_EQ(first_objection<StandsAtZero>(), "tlb-never-stale");
  EXPECT_EQ(first_objection<TakesGlobalLightly>(), "break-before-make");
  EXPECT_EQ(first_objection<ForgetsTheFence>(), "plan-is-exact");
  EXPECT_EQ(first_objection<KnowsNoVoid>(), "result-agrees");
  EXPECT_EQ(first_objection<ReadsGlobalWhereSmallPagesHaveIt>(), "plan-is-exact");
  EXPECT_EQ(first_objection<LosesDirtyWithTheRight>(), "accessed-dirty-never-lost");
  EXPECT_EQ(first_objection<ReadsTheRightFromDirty>(), "result-agrees");
}

TEST(LoongArchAlarms, AreSilentAboutTheShippedFormat) { EXPECT_EQ(first_objection<Shipped>(), ""); }

}  // namespace
}  // namespace twinwalk::fuzz
