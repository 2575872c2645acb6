// The flush carriers of AArch64 on a processor that only takes notes, against what each instruction
// drops.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/flush/aarch64.hpp"

namespace twinwalk::aarch64 {
namespace {

constexpr PhysAddr root(0x0000'8765'4321'0000);
constexpr std::uint64_t space = 0x2a;

// Notes each instruction; numbers are hexadecimal.
struct FakeProcessor {
  RootRegister loaded = RootRegister(root, space);
  std::vector<std::string> notes = {};

  std::uint64_t root_register() const { return loaded.bits(); }
  void dsb_stores() { notes.push_back("dsb ishst"); }
  void dsb() { notes.push_back("dsb ish"); }
  void isb() { notes.push_back("isb"); }

  void tlbi_page(std::uint64_t operand, bool last_level) {
    notes.push_back((last_level ? "vale1is " : "vae1is ") + hex(operand));
  }
  void tlbi_page_in_every_space(std::uint64_t operand, bool last_level) {
    notes.push_back((last_level ? "vaale1is " : "vaae1is ") + hex(operand));
  }
  void tlbi_space(std::uint64_t operand) { notes.push_back("aside1is " + hex(operand)); }
  void tlbi_all() { notes.push_back("vmalle1is"); }

  void tlbi_guest_page(std::uint64_t operand, bool last_level) {
    notes.push_back((last_level ? "ipas2le1is " : "ipas2e1is ") + hex(operand));
  }
  void tlbi_combined() { notes.push_back("vmalle1is"); }
  void tlbi_guest() { notes.push_back("vmalls12e1is"); }
  void tlbi_every_guest() { notes.push_back("alle1is"); }

  static std::string hex(std::uint64_t number) {
    std::string digits;
    do {
      digits.insert(digits.begin(), "0123456789abcdef"[number % 16]);
      number /= 16;
    } while (number != 0);
    return digits;
  }
};
static_assert(Stage1Instructions<FakeProcessor> && Stage2Instructions<FakeProcessor>);

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
FakeProcessor elsewhere() { return {.loaded = RootRegister(PhysAddr(0x8000'0000), space)}; }

Notes stage_1(FlushScope const& scope, FakeProcessor cpu = {}) {
  Stage1Carrier<FakeProcessor>(cpu).carry_out(scope);
  return cpu.notes;
}
Notes stage_2(FlushScope const& scope, FakeProcessor cpu = {}) {
  Stage2Carrier<FakeProcessor>(cpu).carry_out(scope);
  return cpu.notes;
}
// Between the barriers that each invalidation stands between.
Notes within(Notes notes) {
  notes.insert(notes.begin(), "dsb ishst");
  notes.insert(notes.end(), {"dsb ish", "isb"});
  return notes;
}

TEST(Aarch64Carrier, APlanThatAsksForNothingCostsNoInstruction) {
  FlushScope scope;
  scope.root = root.value;
  scope.table_changed = true;
  EXPECT_EQ(stage_1(scope), Notes{});
  EXPECT_EQ(stage_2(scope), Notes{});
}

TEST(Aarch64Carrier, NewEntriesCostBarriersAlone) {
  FlushScope scope;
  scope.root = root.value;
  scope.barrier = true;
  EXPECT_EQ(stage_1(scope), (Notes{"dsb ishst", "isb"}));
  EXPECT_EQ(stage_2(scope), (Notes{"dsb ishst", "isb"}));
}

TEST(Aarch64Carrier, APageIsNamedByItsNumberAndItsSpace) {
  EXPECT_EQ(stage_1(scope_of(0x5000, 0x6fff)),
            within({"vale1is 2a000000000005", "vale1is 2a000000000006"}));
  EXPECT_EQ(stage_1(scope_of(0x4000'0000, 0x401f'ffff, PageSize::Size2M)),
            within({"vale1is 2a000000040000"}));
  // Bits 63:56 of an address have no room, and bit 55 says the range.
  EXPECT_EQ(stage_1(scope_of(~0xfffull, ~0ull)), within({"vale1is 2a0fffffffffff"}));
}

TEST(Aarch64Carrier, EntriesForTablesGoWhereOneChanged) {
  FlushScope scope = scope_of(0x5000, 0x5fff);
  scope.table_changed = true;
  EXPECT_EQ(stage_1(scope), within({"vae1is 2a000000000005"}));
  scope.every_space = true;
  EXPECT_EQ(stage_1(scope), within({"vaae1is 5"}));
}

TEST(Aarch64Carrier, WhatIsGlobalOrElsewhereGoesFromEverySpace) {
  FlushScope page = scope_of(0x5000, 0x5fff);
  page.global = true;
  EXPECT_EQ(stage_1(page), within({"vaale1is 5"}));
  EXPECT_EQ(stage_1(scope_of(0x5000, 0x5fff), elsewhere()), within({"vaale1is 5"}));
  FlushScope all = everything();
  EXPECT_EQ(stage_1(all), within({"aside1is 2a000000000000"}));
  EXPECT_EQ(stage_1(all, elsewhere()), within({"vmalle1is"}));
  all.global = true;
  EXPECT_EQ(stage_1(all), within({"vmalle1is"}));
}

TEST(Aarch64Carrier, AsManyPagesAsATableHasAreAWholeSpace) {
  EXPECT_EQ(stage_1(scope_of(0, 511 * 0x1000 - 1)).size(), 514u);
  EXPECT_EQ(stage_1(scope_of(0, 512 * 0x1000 - 1)), within({"aside1is 2a000000000000"}));
  EXPECT_EQ(stage_2(scope_of(0, 512 * 0x1000 - 1)), within({"vmalls12e1is"}));
}

TEST(Aarch64Carrier, WhatWasCombinedGoesAfterAPageOfAGuest) {
  EXPECT_EQ(stage_2(scope_of(0x5000, 0x5fff)), within({"ipas2le1is 5", "dsb ish", "vmalle1is"}));
  FlushScope table = scope_of(0x5000, 0x5fff);
  table.table_changed = true;
  EXPECT_EQ(stage_2(table), within({"ipas2e1is 5", "dsb ish", "vmalle1is"}));
}

TEST(Aarch64Carrier, AGuestThatIsNotCurrentGoesWithAllOthers) {
  EXPECT_EQ(stage_2(scope_of(0x5000, 0x5fff), elsewhere()), within({"alle1is"}));
  FlushScope shared = scope_of(0x5000, 0x5fff);
  shared.every_space = true;
  EXPECT_EQ(stage_2(shared), within({"alle1is"}));
  EXPECT_EQ(stage_2(everything()), within({"vmalls12e1is"}));
}

TEST(Aarch64Carrier, ARootRegisterHoldsSpaceAndRoot) {
  RootRegister const ttbr(PhysAddr(0x8000'1000), 0xffff);
  EXPECT_EQ(ttbr.bits(), 0xffff'0000'8000'1000u);
  EXPECT_EQ(ttbr.root(), PhysAddr(0x8000'1000));
  EXPECT_EQ(ttbr.space(), 0xffffu);
  EXPECT_EQ(RootRegister(ttbr.bits() | 1).root(), PhysAddr(0x8000'1000)) << "CnP";
}

}  // namespace
}  // namespace twinwalk::aarch64
