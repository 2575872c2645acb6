// The flush carriers of RISC-V on a hart that only takes notes, against what each fence drops.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/flush/riscv.hpp"

namespace twinwalk::riscv {
namespace {

constexpr PhysAddr root(0x00ab'cdef'0123'4000);
constexpr std::uint64_t space = 0x2a;

// Notes what each fence is for; all numbers are hexadecimal.
struct FakeHart {
  RootRegister loaded = RootRegister(root, 3, space);
  std::vector<std::string> notes = {};

  std::uint64_t root_register() const { return loaded.bits(); }
  void fence() { notes.push_back("all"); }
  void fence_space(std::uint64_t id) { notes.push_back("all in " + hex(id)); }
  void fence_page(std::uint64_t address) { notes.push_back(hex(address)); }
  void fence_page_in(std::uint64_t id, std::uint64_t address) {
    notes.push_back(hex(address) + " in " + hex(id));
  }

  static std::string hex(std::uint64_t number) {
    std::string digits;
    do {
      digits.insert(digits.begin(), "0123456789abcdef"[number % 16]);
      number /= 16;
    } while (number != 0);
    return digits;
  }
};
static_assert(Instructions<FakeHart>);

using Notes = std::vector<std::string>;

FlushScope scope_of(std::uint64_t first, std::uint64_t last, PageSize stride = PageSize::Size4K) {
  FlushScope scope;
  scope.root = root.value;
  scope.range_count = 1;
  scope.ranges[0] = {first, last, stride};
  return scope;
}
FlushScope everything() {
  FlushScope scope;
  scope.root = root.value;
  scope.everything = true;
  return scope;
}
FlushScope only_a_fence() {
  FlushScope scope;
  scope.root = root.value;
  scope.fence = true;
  return scope;
}

template <NewEntries Seen = NewEntries::owe_a_fence>
Notes notes_of(FlushScope const& scope, FakeHart hart = {}) {
  Carrier<FakeHart, Seen>(hart).carry_out(scope);
  return hart.notes;
}
FakeHart elsewhere() { return {.loaded = RootRegister(PhysAddr(0x8000'4000), 3, space)}; }

TEST(RiscvCarrier, APlanThatAsksForNothingCostsNoInstruction) {
  FlushScope scope;
  scope.root = root.value;
  scope.table_changed = scope.barrier = true;
  EXPECT_EQ(notes_of(scope), Notes{});
}

TEST(RiscvCarrier, EachPageIsFencedInTheSpaceOfTheLoadedRoot) {
  EXPECT_EQ(notes_of(scope_of(0x5000, 0x6fff)), (Notes{"5000 in 2a", "6000 in 2a"}));
  EXPECT_EQ(notes_of(scope_of(0, (2ull << 39) - 1, PageSize::Size512G)),
            (Notes{"0 in 2a", "8000000000 in 2a"}));
  EXPECT_EQ(notes_of(scope_of(~0xfffull, ~0ull)), Notes{"fffffffffffff000 in 2a"});
}

TEST(RiscvCarrier, MorePagesThanTheBoundAreAWholeSpace) {
  std::uint64_t const bound = Carrier<FakeHart>::pages_max;
  EXPECT_EQ(notes_of(scope_of(0, bound * 0x1000 - 1)).size(), bound);
  EXPECT_EQ(notes_of(scope_of(0, bound * 0x1000)), Notes{"all in 2a"});
  EXPECT_EQ(notes_of(everything()), Notes{"all in 2a"});
}

TEST(RiscvCarrier, AFenceForAnAddressLeavesTablesAlone) {
  FlushScope scope = scope_of(0x5000, 0x5fff);
  scope.table_changed = true;
  EXPECT_EQ(notes_of(scope), Notes{"all in 2a"});
}

TEST(RiscvCarrier, WhatIsGlobalOrInEverySpaceIsFencedInAll) {
  for (bool FlushScope::* reason : {&FlushScope::global, &FlushScope::every_space}) {
    FlushScope page = scope_of(0x5000, 0x5fff);
    page.*reason = true;
    EXPECT_EQ(notes_of(page), Notes{"5000"});
    page.table_changed = true;
    EXPECT_EQ(notes_of(page), Notes{"all"});
    FlushScope all = everything();
    all.*reason = true;
    EXPECT_EQ(notes_of(all), Notes{"all"});
  }
}

TEST(RiscvCarrier, TheSpaceOfARootThatIsNotLoadedIsUnknown) {
  EXPECT_EQ(notes_of(scope_of(0x5000, 0x5fff), elsewhere()), Notes{"5000"});
  EXPECT_EQ(notes_of(everything(), elsewhere()), Notes{"all"});
  // With MODE Bare the rest of the register says nothing.
  FakeHart const bare{.loaded = RootRegister(FakeHart().loaded.bits() & mask(59, 0))};
  EXPECT_EQ(notes_of(everything(), bare), Notes{"all"});
}

TEST(RiscvCarrier, ANewEntryIsFencedUnlessItIsSeenInTime) {
  EXPECT_EQ(notes_of(only_a_fence()), Notes{"all in 2a"});
  EXPECT_EQ(notes_of<NewEntries::are_seen_in_time>(only_a_fence()), Notes{});
  FlushScope scope = scope_of(0x5000, 0x5fff);
  scope.fence = true;
  EXPECT_EQ(notes_of(scope), Notes{"all in 2a"});
  EXPECT_EQ(notes_of<NewEntries::are_seen_in_time>(scope), Notes{"5000 in 2a"});
}

TEST(RiscvCarrier, ARootRegisterHoldsModeSpaceAndPage) {
  RootRegister const sv48(PhysAddr(0x8020'0000), 4, 0xffff);
  EXPECT_EQ(sv48.bits(), 0x9fff'f000'0008'0200);
  EXPECT_EQ(sv48.root().value, 0x8020'0000u);
  EXPECT_EQ(sv48.space(), 0xffffu);
  EXPECT_TRUE(sv48.walks(0x8020'0000));
  EXPECT_FALSE(sv48.walks(0x8020'1000));
  EXPECT_EQ(RootRegister(PhysAddr(0), 3, 0).bits() >> 60, 8u);
  EXPECT_EQ(RootRegister(PhysAddr(0), 5, 0).bits() >> 60, 10u);
  EXPECT_EQ(RootRegister(root, 3, space).root().value, root.value);
}

}  // namespace
}  // namespace twinwalk::riscv
