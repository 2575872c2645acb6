// The flush carrier on a processor that only takes notes, against what each instruction drops.
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/flush/x86_64.hpp"

namespace twinwalk::x86 {
namespace {

constexpr std::uint64_t root = 0x0000'1234'5678'9000;
constexpr std::uint64_t pge = 1 << 7;
constexpr std::uint64_t pcide = 1 << 17;

class FakeProcessor {
 public:
  std::uint64_t cr3 = root;
  std::uint64_t cr4 = pge;
  bool invpcid_there = true;

  std::vector<std::string> notes;
  std::vector<std::uint64_t> pages;  // of each INVLPG

  std::uint64_t read_cr3() const { return cr3; }
  std::uint64_t read_cr4() const { return cr4; }
  void write_cr3(std::uint64_t value) {
    notes.push_back((value & (1ull << 63)) != 0 ? "cr3 without flush" : "cr3");
    EXPECT_EQ(value & ~(1ull << 63), cr3) << "the same root, PCID and flags";
  }
  void write_cr4(std::uint64_t value) {
    EXPECT_EQ(value ^ cr4, pge) << "nothing but PGE changes";
    cr4 = value;
    notes.push_back("cr4.pge");
  }
  void invlpg(std::uint64_t address) {
    notes.push_back("invlpg");
    pages.push_back(address);
  }
  bool has_invpcid() const { return invpcid_there; }
  void invpcid(Invpcid type, std::uint64_t, std::uint64_t) {
    EXPECT_TRUE(invpcid_there);
    notes.push_back("invpcid " + std::to_string(static_cast<int>(type)));
  }
};
static_assert(Instructions<FakeProcessor>);

using Notes = std::vector<std::string>;

FlushScope scope_of(std::uint64_t first, std::uint64_t last, PageSize stride = PageSize::Size4K) {
  FlushScope scope;
  scope.root = root;
  scope.range_count = 1;
  scope.ranges[0] = {first, last, stride};
  return scope;
}
FlushScope everything() {
  FlushScope scope;
  scope.root = root;
  scope.everything = true;
  return scope;
}

Notes notes_of(FakeProcessor cpu, FlushScope const& scope) {
  Carrier<FakeProcessor>(cpu).carry_out(scope);
  return cpu.notes;
}
std::vector<std::uint64_t> pages_of(FlushScope const& scope) {
  FakeProcessor cpu;
  Carrier<FakeProcessor>(cpu).carry_out(scope);
  EXPECT_EQ(cpu.notes.size(), cpu.pages.size()) << "only INVLPG";
  return cpu.pages;
}

FakeProcessor with_pcids() {
  FakeProcessor cpu;
  cpu.cr4 |= pcide;
  cpu.cr3 |= 0x123;
  return cpu;
}
FakeProcessor elsewhere(FakeProcessor cpu) {
  cpu.cr3 += 0x1000;
  return cpu;
}
FakeProcessor old(FakeProcessor cpu) {
  cpu.invpcid_there = false;
  return cpu;
}

TEST(Carrier, APlanThatDemandsNoInvalidationCostsNoInstruction) {
  FlushScope scope;
  scope.root = root;
  scope.table_changed = true;  // a table was linked
  scope.barrier = scope.fence = true;
  EXPECT_EQ(notes_of({}, scope), Notes{});
}

TEST(Carrier, EachPageOfARangeIsInvalidatedAtItsStride) {
  using Pages = std::vector<std::uint64_t>;
  EXPECT_EQ(pages_of(scope_of(0x5000, 0x5fff)), Pages{0x5000});
  EXPECT_EQ(pages_of(scope_of(0x5000, 0x7fff)), (Pages{0x5000, 0x6000, 0x7000}));
  EXPECT_EQ(pages_of(scope_of(0x200000, 0x5fffff, PageSize::Size2M)), (Pages{0x200000, 0x400000}));
  EXPECT_EQ(pages_of(scope_of(0, (2ull << 30) - 1, PageSize::Size1G)), (Pages{0, 1ull << 30}));
}

TEST(Carrier, TheLastPageOfTheAddressSpaceEndsTheLoop) {
  using Pages = std::vector<std::uint64_t>;
  EXPECT_EQ(pages_of(scope_of(~0xfffull, ~0ull)), Pages{~0xfffull});
  EXPECT_EQ(pages_of(scope_of(~0x1fffull, ~0ull)), (Pages{~0x1fffull, ~0xfffull}));
  EXPECT_EQ(pages_of(scope_of(~0x3fffffffull, ~0ull, PageSize::Size1G)), Pages{~0x3fffffffull});
}

TEST(Carrier, AllRangesAreCarriedOut) {
  FlushScope scope = scope_of(0x1000, 0x1fff);
  scope.range_count = 3;
  scope.ranges[1] = {0x200000, 0x3fffff, PageSize::Size2M};
  scope.ranges[2] = {0x9000, 0xafff, PageSize::Size4K};
  EXPECT_EQ(pages_of(scope), (std::vector<std::uint64_t>{0x1000, 0x200000, 0x9000, 0xa000}));
}

TEST(Carrier, MorePagesThanTheBoundAreAFullFlush) {
  std::uint64_t const bound = Carrier<FakeProcessor>::pages_max;
  EXPECT_EQ(notes_of({}, scope_of(0, bound * 0x1000 - 1)).size(), bound);
  EXPECT_EQ(notes_of({}, scope_of(0, bound * 0x1000)), Notes{"cr3"});
  EXPECT_EQ(notes_of({}, scope_of(0, ~0ull)), Notes{"cr3"});
  // The bound is on all ranges together.
  FlushScope scope = scope_of(0, bound * 0x1000 - 1);
  scope.range_count = 2;
  scope.ranges[1] = {~0xfffull, ~0ull, PageSize::Size4K};
  EXPECT_EQ(notes_of({}, scope), Notes{"cr3"});
  std::swap(scope.ranges[0], scope.ranges[1]);
  EXPECT_EQ(notes_of({}, scope), Notes{"cr3"});
  EXPECT_EQ(notes_of({}, everything()), Notes{"cr3"});
}

TEST(Carrier, GlobalsSurviveMovCr3SoAFullFlushWithThemTakesMore) {
  FlushScope scope = everything();
  scope.global = true;
  EXPECT_EQ(notes_of({}, scope), Notes{"invpcid 2"});
  EXPECT_EQ(notes_of(old({}), scope), (Notes{"cr4.pge", "cr4.pge"}));
  EXPECT_EQ(notes_of(old(with_pcids()), scope), (Notes{"cr4.pge", "cr4.pge"}));
  // INVLPG drops globals too.
  FlushScope page = scope_of(0x1000, 0x1fff);
  page.global = true;
  EXPECT_EQ(notes_of({}, page), Notes{"invlpg"});
  EXPECT_EQ(notes_of(with_pcids(), page), Notes{"invlpg"});
}

TEST(Carrier, APgeToggleLeavesCr4AsItWas) {
  FlushScope scope = everything();
  scope.global = true;
  for (std::uint64_t const before : {pge, std::uint64_t{0}}) {
    FakeProcessor cpu = old({});
    cpu.cr4 = before;
    Carrier<FakeProcessor>(cpu).carry_out(scope);
    EXPECT_EQ(cpu.cr4, before);
    EXPECT_EQ(cpu.notes.size(), 2u);
  }
}

TEST(Carrier, WithoutPcidsARootThatIsNotLoadedHasNothingCachedButGlobals) {
  EXPECT_EQ(notes_of(elsewhere({}), scope_of(0x1000, 0x1fff)), Notes{});
  EXPECT_EQ(notes_of(elsewhere({}), everything()), Notes{});
  FlushScope page = scope_of(0x1000, 0x1fff);
  page.global = true;
  EXPECT_EQ(notes_of(elsewhere({}), page), Notes{"invlpg"});
  FlushScope all = everything();
  all.global = true;
  EXPECT_EQ(notes_of(elsewhere({}), all), Notes{"invpcid 2"});
}

TEST(Carrier, WithoutPcidsWhatIsSharedMayBeCachedUnderTheLoadedRoot) {
  FlushScope page = scope_of(0x1000, 0x1fff);
  page.every_space = page.table_changed = true;
  EXPECT_EQ(notes_of(elsewhere({}), page), Notes{"invlpg"});
  FlushScope all = everything();
  all.every_space = true;
  EXPECT_EQ(notes_of(elsewhere({}), all), Notes{"cr3"});
}

TEST(Carrier, WithPcidsTheLoadedRootIsTheCurrentContext) {
  EXPECT_EQ(notes_of(with_pcids(), scope_of(0x1000, 0x1fff)), Notes{"invlpg"});
  EXPECT_EQ(notes_of(with_pcids(), everything()), Notes{"cr3"});
  FlushScope table = scope_of(0x1000, 0x1fff);
  table.table_changed = true;
  EXPECT_EQ(notes_of(with_pcids(), table), Notes{"invlpg"}) << "INVLPG drops this PCID's";
}

TEST(Carrier, WithPcidsWhatConcernsOtherContextsEmptiesAllOfThem) {
  FlushScope shared = scope_of(0x1000, 0x1fff);
  shared.every_space = true;
  EXPECT_EQ(notes_of(with_pcids(), shared), Notes{"invpcid 3"});
  EXPECT_EQ(notes_of(old(with_pcids()), shared), (Notes{"cr4.pge", "cr4.pge"}));
  EXPECT_EQ(notes_of(elsewhere(with_pcids()), scope_of(0x1000, 0x1fff)), Notes{"invpcid 3"});
  shared.global = true;
  EXPECT_EQ(notes_of(with_pcids(), shared), Notes{"invpcid 2"});
  EXPECT_EQ(notes_of(elsewhere(with_pcids()), shared), Notes{"invpcid 2"});
}

TEST(Carrier, ThePcidAndTheLowBitsOfCr3DoNotHideTheRoot) {
  FakeProcessor cpu;
  cpu.cr3 = root | 0x18 | (3ull << 61);  // PWT and PCD, LAM
  EXPECT_EQ(notes_of(cpu, scope_of(0x1000, 0x1fff)), Notes{"invlpg"});
  EXPECT_EQ(notes_of(cpu, everything()), Notes{"cr3"});
}

#if defined(__x86_64__)
TEST(LocalProcessor, KnowsWhetherItHasInvpcid) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  bool const there =
      __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & (1u << 10)) != 0;
  EXPECT_EQ(LocalProcessor::has_invpcid(), there);
  EXPECT_EQ(LocalProcessor::has_invpcid(), there) << "remembered";
}
#endif

}  // namespace
}  // namespace twinwalk::x86
