// The flush carrier of LoongArch64 on a processor that only takes notes, against what each INVTLB
// drops.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/flush/loongarch64.hpp"

namespace twinwalk::loongarch64 {
namespace {

constexpr std::uint64_t root = 0x0000'1234'5678'9000;
constexpr std::uint64_t asid = 0x2a;
using Notes = std::vector<std::string>;

// Notes what each instruction is; all numbers are decimal.
struct FakeCpu {
  std::uint64_t low = root;
  std::uint64_t high = 0x5000;
  Notes notes = {};

  std::uint64_t low_root() const { return low; }
  std::uint64_t high_root() const { return high; }
  static std::uint64_t space() { return asid; }
  void barrier() { notes.emplace_back("dbar"); }
  void forget() { notes.emplace_back("0"); }
  void forget_space(std::uint64_t id) { notes.push_back("4 " + std::to_string(id)); }
  void forget_page(std::uint64_t id, std::uint64_t address) {
    notes.push_back("5 " + std::to_string(id) + " " + std::to_string(address));
  }
  void forget_page_or_global(std::uint64_t id, std::uint64_t address) {
    notes.push_back("6 " + std::to_string(id) + " " + std::to_string(address));
  }
};
static_assert(Instructions<FakeCpu>);

FlushScope scope_of(std::uint64_t first, std::uint64_t last, PageSize stride = PageSize::Size4K) {
  FlushScope scope;
  scope.root = root;
  scope.range_count = 1;
  scope.ranges[0] = {first, last, stride};
  return scope;
}

template <Walks By = Walks::software>
Notes notes_of(FlushScope const& scope, FakeCpu cpu = {}) {
  Carrier<FakeCpu, By>(cpu).carry_out(scope);
  return cpu.notes;
}

TEST(LoongArchCarrier, APlanThatAsksForNothingCostsNoInstruction) {
  FlushScope scope;
  scope.root = root;
  scope.table_changed = scope.barrier = true;
  EXPECT_EQ(notes_of(scope), Notes{});
}

TEST(LoongArchCarrier, EachPageGoesUnderTheLoadedSpace) {
  EXPECT_EQ(notes_of(scope_of(0x5000, 0x6fff)), (Notes{"dbar", "5 42 20480", "5 42 24576"}));
  EXPECT_EQ(notes_of(scope_of(0x200000, 0x3fffff, PageSize::Size2M)),
            (Notes{"dbar", "5 42 2097152"}));
  FakeCpu const upper{.low = 0x5000, .high = root};
  EXPECT_EQ(notes_of(scope_of(0x5000, 0x5fff), upper), (Notes{"dbar", "5 42 20480"}));
}

TEST(LoongArchCarrier, AGlobalPageGoesUnderNoSpace) {
  FlushScope scope = scope_of(0x5000, 0x5fff);
  scope.global = true;
  EXPECT_EQ(notes_of(scope), (Notes{"dbar", "6 42 20480"}));
  scope.everything = true;
  EXPECT_EQ(notes_of(scope), (Notes{"dbar", "0"}));
}

// No INVTLB takes an address in a space that nobody knows.
TEST(LoongArchCarrier, WhatIsNotLoadedOrConcernsEverySpaceTakesEverything) {
  FakeCpu const elsewhere{.low = 0x7000, .high = 0x5000};
  EXPECT_EQ(notes_of(scope_of(0x5000, 0x5fff), elsewhere), (Notes{"dbar", "0"}));
  FlushScope scope = scope_of(0x5000, 0x5fff);
  scope.every_space = true;
  EXPECT_EQ(notes_of(scope), (Notes{"dbar", "0"}));
}

TEST(LoongArchCarrier, AWholeSpaceGoesAtOnce) {
  FlushScope all;
  all.root = root;
  all.everything = true;
  EXPECT_EQ(notes_of(all), (Notes{"dbar", "4 42"}));
  EXPECT_EQ(notes_of(scope_of(0, 64 * 0x1000 - 1)).size(), 65u);
  EXPECT_EQ(notes_of(scope_of(0, 65 * 0x1000 - 1)), (Notes{"dbar", "4 42"}));
}

// Which pages a new one is paired with the plan does not say.
TEST(LoongArchCarrier, NewEntriesTakeTheWholeSpace) {
  FlushScope scope;
  scope.root = root;
  scope.fence = true;
  EXPECT_EQ(notes_of(scope), (Notes{"dbar", "4 42"}));
  scope.table_changed = true;
  EXPECT_EQ(notes_of<Walks::hardware>(scope), (Notes{"dbar", "4 42"}));
}

// A walker in hardware may hold the way to a table that is unlinked.
TEST(LoongArchCarrier, AChangedTableIsMoreToAHardwareWalker) {
  FlushScope scope = scope_of(0x200000, 0x3fffff);
  scope.table_changed = true;
  EXPECT_EQ(notes_of(scope), (Notes{"dbar", "4 42"}));
  EXPECT_EQ(notes_of<Walks::hardware>(scope), (Notes{"dbar", "0"}));
}

}  // namespace
}  // namespace twinwalk::loongarch64
