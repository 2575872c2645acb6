// That the alarms ring where AArch64 asks for what no other format does: a break before the make, a
// barrier after it, and dirty where a right was.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/formats/aarch64.hpp"
#include "engine/page_table.hpp"
#include "fuzz/executor.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/generator.hpp"
#include "models/machine.hpp"
#include "models/spec/aarch64.hpp"

namespace twinwalk::fuzz {
namespace {

using Spec = models::Aarch64LowerSpec;
using Shipped = Aarch64Stage1<Aarch64Range::lower>;
using Word = std::uint64_t;

// ---- What is broken ----

// Changes address, type, SH and GLOBAL in one store, as on x86; a split still breaks.
struct NeverBreaks : Shipped {
  static constexpr bool demands_break(int, Word, Word) { return false; }
};
// Knows no break at all: a leaf becomes a table in one store.
struct SplitsInPlace : Shipped {
  static constexpr void demands_break() = delete;
};
// That a page becomes global is no reason, for all its bits stay.
struct TakesGlobalLightly : Shipped {
  static constexpr bool demands_break(int level, Word before, Word after) {
    return Shipped::demands_break(level, before, (after & ~bit(11)) | (before & bit(11)));
  }
};
// Another memory type is as good as another right.
struct TakesTypesLightly : Shipped {
  static constexpr bool demands_break(int level, Word before, Word after) {
    return Shipped::demands_break(level, before, (after & ~mask(4, 2)) | (before & mask(4, 2)));
  }
};
struct ForgetsTheBarrier : Shipped {
  static constexpr bool new_entries_owe_barrier = false;
};
// AP[2] says that a page was written, and goes with the right to write.
struct LosesDirtyWithTheRight : Shipped {
  static constexpr Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return Shipped::with_attributes(level, entry, attributes) & ~was_dirty_bit;
  }
};
// A clean page is read-only to who does not look at DBM.
struct ReadsRightsFromTheBitAlone : Shipped {
  static constexpr MappingFlags decode(Options<Word> const& options, int level, Word entry) {
    return Shipped::decode(options, level, entry & ~managed_bit);
  }
};
// nG stands for global, as G does elsewhere.
struct TakesNotGlobalForGlobal : Shipped {
  static constexpr bool global(int /*level*/, Word entry) { return (entry & not_global_bit) != 0; }
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

TEST(Aarch64Alarms, Ring) {
  EXPECT_EQ(first_objection<NeverBreaks>(), "break-before-make");
  EXPECT_EQ(first_objection<SplitsInPlace>(), "break-before-make");
  EXPECT_EQ(first_objection<TakesGlobalLightly>(), "break-before-make");
  EXPECT_EQ(first_objection<TakesTypesLightly>(), "break-before-make");
  EXPECT_EQ(first_objection<ForgetsTheBarrier>(), "plan-is-exact");
  EXPECT_EQ(first_objection<LosesDirtyWithTheRight>(), "accessed-dirty-never-lost");
  EXPECT_EQ(first_objection<ReadsRightsFromTheBitAlone>(), "result-agrees");
  EXPECT_EQ(first_objection<TakesNotGlobalForGlobal>(), "tlb-never-stale");
}

TEST(Aarch64Alarms, AreSilentAboutTheShippedFormat) { EXPECT_EQ(first_objection<Shipped>(), ""); }

}  // namespace
}  // namespace twinwalk::fuzz
