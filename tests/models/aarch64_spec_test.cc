// The spec of AArch64 paging, each rule against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "models/spec/aarch64.hpp"

namespace twinwalk::models {
namespace {

using Lower = Aarch64LowerSpec;
using Upper = Aarch64UpperSpec;
using El2 = Aarch64El2Spec;
using Guest = Aarch64Stage2Spec<48>;
using Guest40 = Aarch64Stage2Spec<40>;
using enum Flag;

constexpr std::uint64_t one(int n) { return std::uint64_t{1} << n; }

// ---- Descriptors ----

EntryKind kind_by_the_manual(std::uint64_t physical_mask, int level, std::uint64_t e) {
  bool const valid = (e & 1) != 0;
  bool const bit_1 = (e & 2) != 0;
  if (!valid || (!bit_1 && (level == 1 || level == 4))) return EntryKind::hole;
  bool const table = level > 1 && bit_1;
  int const lowest = table ? 12 : 12 + 9 * (level - 1);
  std::uint64_t const address = e & (one(48) - 1) & ~(one(lowest) - 1);
  if ((address & ~physical_mask) != 0) return EntryKind::malformed;
  return table ? EntryKind::table : EntryKind::leaf;
}

TEST(Aarch64Reading, MakesOfEveryEntryWhatTheManualSays) {
  std::mt19937_64 random(7);
  int seen[4] = {};
  for (int i = 0; i < 200'000; ++i) {
    int const level = 1 + i % 4;
    std::uint64_t entry = random();
    if (i % 3 == 0) entry &= ~mask(47, 40);
    if (i % 2 == 0) entry |= 1;
    Aarch64Settings const settings(
        {.physical_mask = mask(39, 0), .sets_accessed = 0, .sets_dirty = 0});
    EntryKind const kind = Lower::classify(settings, level, entry);
    ASSERT_EQ(kind, kind_by_the_manual(mask(39, 0), level, entry)) << std::hex << entry;
    ASSERT_EQ(Guest::classify(settings, level, entry), kind);
    ++seen[static_cast<int>(kind)];
  }
  for (int const count : seen) EXPECT_GT(count, 1000);
}

TEST(Aarch64Reading, DropsTheBitsOfABlockThatAreNoAddress) {
  EXPECT_EQ(Lower::leaf_address(1, ~std::uint64_t{0}), mask(47, 12));
  EXPECT_EQ(Lower::leaf_address(2, ~std::uint64_t{0}), mask(47, 21));
  EXPECT_EQ(Lower::leaf_address(3, ~std::uint64_t{0}), mask(47, 30));
  EXPECT_EQ(Lower::table_address(2, ~std::uint64_t{0}), mask(47, 12));
  EXPECT_EQ(Lower::output(2, std::uint64_t{0x60d701}, std::uint64_t{0x201abc}),
            std::uint64_t{0x601abc});
}

TEST(Aarch64Reading, TablesThatTakeARightAreTold) {
  EXPECT_TRUE(Lower::grants_everything(2, std::uint64_t{0x2003}));
  for (int const limit : {59, 60, 61, 62}) {
    EXPECT_FALSE(Lower::grants_everything(2, std::uint64_t{0x2003} | one(limit)));
  }
}

// ---- Addresses ----

TEST(Aarch64Geometry, HasTwoRangesAndRootsOfSeveralTables) {
  EXPECT_TRUE(Lower::canonical(mask(47, 0)));
  EXPECT_FALSE(Lower::canonical(one(48)));
  EXPECT_FALSE(Lower::canonical(~std::uint64_t{0}));
  EXPECT_TRUE(Upper::canonical(~std::uint64_t{0}));
  EXPECT_TRUE(Upper::canonical(mask(63, 48)));
  EXPECT_FALSE(Upper::canonical(mask(47, 0)));
  EXPECT_FALSE(Upper::canonical(mask(63, 49)));
  EXPECT_EQ(Upper::sign_extend(std::uint64_t{0x1000}), mask(63, 48) | 0x1000);
  EXPECT_TRUE(Upper::virtual_range_fits(~std::uint64_t{0xfff}, ~std::uint64_t{0}));
  EXPECT_FALSE(Upper::virtual_range_fits(~std::uint64_t{0xfff}, 0xfff));
  EXPECT_EQ(Guest40::address_bits, 40);
  EXPECT_EQ(Guest40::root_bits, 13);
  EXPECT_EQ(Guest40::index(3, mask(39, 0)), 1023u);
  EXPECT_EQ(Guest40::index(2, mask(39, 0)), 511u);
}

// ---- Rights ----

// AArch64.S1DirectBasePermissions, for EL1&0.
bool allowed_by_the_manual(Aarch64Machine const& machine, Aarch64Control const& state,
                           Access const& access, std::uint64_t table, std::uint64_t leaf) {
  auto const on = [](std::uint64_t word, int n) { return (word >> n & 1) != 0; };
  bool const hierarchy = state.no_hierarchy == 0;
  bool ap_2 = on(leaf, 7);
  if (machine.sets_accessed != 0 && machine.sets_dirty != 0 && on(leaf, 51)) ap_2 = false;
  bool pr = true;
  bool pw = !ap_2;
  bool ur = on(leaf, 6);
  bool uw = ur && !ap_2;
  if (hierarchy && on(table, 61)) ur = uw = false;
  if (hierarchy && on(table, 62)) pw = uw = false;
  bool px = !(on(leaf, 53) || (hierarchy && on(table, 59)) || uw);
  bool ux = !(on(leaf, 54) || (hierarchy && on(table, 60)));
  if (state.pan != 0 && (ur || uw || (state.epan != 0 && ux))) pr = pw = false;
  bool const r = access.user ? ur : pr;
  bool const w = access.user ? uw : pw;
  bool x = access.user ? ux : px;
  if (state.wxn != 0 && w) x = false;
  return access.kind == AccessKind::read ? r : access.kind == AccessKind::write ? w : x;
}

TEST(Aarch64Rights, AreThoseOfThePseudocode) {
  std::mt19937_64 random(11);
  int seen[2] = {};
  for (int i = 0; i < 400'000; ++i) {
    std::uint64_t const r = random();
    auto const flag = [&](int n) -> std::uint64_t { return r >> n & 1; };
    Aarch64Machine const machine{
        .physical_mask = mask(47, 0), .sets_accessed = flag(0), .sets_dirty = flag(1)};
    Aarch64Control const state{
        .pan = flag(2), .epan = flag(3), .wxn = flag(4), .no_hierarchy = flag(5)};
    Access const access{.kind = static_cast<AccessKind>((r >> 6 & 3) % 3), .user = flag(8) != 0};
    std::uint64_t const table = 0x2003 | (random() & mask(62, 59));
    std::uint64_t const leaf = 0x5403 | (random() & (mask(54, 53) | one(51) | mask(7, 6)));
    Aarch64Settings const settings(machine, state);
    auto const rights = Lower::combine(Lower::own_rights(2, table), 1, leaf);
    bool const denied = Lower::denial(settings, access, rights, 1, leaf).right != 0 ||
                        Lower::software_must_set(settings, access, 1, leaf) != Refusal::none;
    bool const allowed = allowed_by_the_manual(machine, state, access, table, leaf);
    ASSERT_EQ(!denied, allowed) << std::hex << leaf << " " << table << " " << r;
    ++seen[allowed ? 1 : 0];
  }
  for (int const count : seen) EXPECT_GT(count, 10'000);
}

TEST(Aarch64Rights, OfStage2TellWhoFetches) {
  // XN[1:0] against EL1 and EL0.
  bool const expected[4][2] = {{true, true}, {false, true}, {false, false}, {true, false}};
  for (std::uint64_t xn = 0; xn < 4; ++xn) {
    Aarch64Settings settings = Guest::settings({});
    std::uint64_t const fetches = Guest::fetches(settings, Guest::own_rights(1, 0x57ff | xn << 53));
    EXPECT_EQ((fetches & 1) != 0, expected[xn][0]) << xn;
    EXPECT_EQ((fetches & 2) != 0, expected[xn][1]) << xn;
    settings.control.execute_by_level = 0;
    EXPECT_EQ(Guest::fetches(settings, Guest::own_rights(1, 0x57ff | xn << 53)), xn < 2 ? 3u : 0u);
  }
}

// ---- Flags ----

template <class Spec>
void expect_representable(MappingFlags f, bool expected) {
  ASSERT_EQ(Spec::representable(MachineOptions{}, f), expected)
      << Spec::name << " " << std::hex << f.bits;
}

TEST(Aarch64Flags, AreRepresentableExactlyWhereTheContractSaysSo) {
  for (std::uint64_t bits = 0; bits < (1U << 13); ++bits) {
    for (std::uint64_t const more : {0x0ull, 0x10000ull, 0x700000ull, 0x800000ull}) {
      MappingFlags const f(bits | more);
      bool common = !f.has(IGNORE_PAT) && f.key() == 0 && f.software() < 8;
      if (f.has(TYPED)) {
        common = common && !f.has(DEVICE) && !f.has(UNCACHED);
      } else {
        common = common && f.memory_type() == 0;
      }
      bool const stage_1 =
          common && (!f.has(TYPED) || f.memory_type() < 8) && (!f.has(WRITE) || f.has(READ));
      bool const of_user = f.has(READ) || (f.has(USER) && f.has(EXECUTE));
      expect_representable<Lower>(f, stage_1 && of_user);
      expect_representable<El2>(f, stage_1 && f.has(READ) && !f.has(USER) && !f.has(GLOBAL));
      std::uint64_t const type = f.memory_type();
      bool const reserved = f.has(TYPED) && (type == 4 || type == 8 || type == 12);
      bool const some = f.has(READ) || f.has(WRITE) || f.has(EXECUTE);
      expect_representable<Guest>(f, common && !reserved && some && !f.has(GLOBAL));
    }
  }
}

TEST(Aarch64Flags, OfALeafAreThoseOfWhomThePageIsFor) {
  MachineOptions const options;
  auto const of = [&](std::uint64_t leaf) { return Lower::flags_of_leaf(options, 1, leaf); };
  // Kernel pages have UXN; nG is set.
  EXPECT_EQ(of(one(54) | 0x5f07), READ | WRITE | EXECUTE);
  EXPECT_EQ(of(one(54) | one(53) | 0x5f87), MappingFlags(READ));
  EXPECT_EQ(of(one(54) | one(53) | 0x5707), READ | WRITE | GLOBAL);
  // User pages have PXN.
  EXPECT_EQ(of(one(53) | 0x5f47), READ | WRITE | EXECUTE | USER);
  EXPECT_EQ(of(one(53) | one(54) | 0x5fc7), READ | USER);
  EXPECT_EQ(of(one(53) | 0x5f87), EXECUTE | USER);
  // A managed page is writable while it is clean.
  EXPECT_EQ(of(one(54) | one(53) | one(51) | 0x5f87), READ | WRITE);
  // AttrIndx 0, 2 and another.
  EXPECT_EQ(of(one(54) | one(53) | 0x5f83), READ | DEVICE);
  EXPECT_EQ(of(one(54) | one(53) | 0x5f8b), READ | UNCACHED);
  EXPECT_EQ(of(one(54) | one(53) | 0x5f9f), MappingFlags(READ).with_memory_type(7));
  EXPECT_EQ(Guest::flags_of_leaf(options, 1, std::uint64_t{0x57ff}), READ | WRITE | EXECUTE);
  EXPECT_EQ(Guest::flags_of_leaf(options, 1, one(54) | 0x57bf), MappingFlags(WRITE));
  EXPECT_EQ(Guest::flags_of_leaf(options, 1, one(54) | 0x5747), READ | DEVICE);
  EXPECT_EQ(Guest::flags_of_leaf(options, 1, one(54) | 0x5757), READ | UNCACHED);
}

TEST(Aarch64Flags, NormaliseToTheNamesThatComeBack) {
  MachineOptions const options;
  MappingFlags const base = READ | WRITE | USER;
  EXPECT_EQ(Lower::normalise(options, base | DEVICE | UNCACHED), base | DEVICE);
  EXPECT_EQ(Lower::normalise(options, base.with_memory_type(2)), base | UNCACHED);
  EXPECT_EQ(Lower::normalise(options, base.with_memory_type(1)), base);
  EXPECT_EQ(Guest::normalise(options, base.with_memory_type(15)), READ | WRITE);
  EXPECT_EQ(Guest::normalise(options, base.with_memory_type(1)), READ | WRITE | DEVICE);
}

TEST(Aarch64Flags, DirtyIsTheOpenPageOrTheNoteOfSoftware) {
  EXPECT_EQ(Lower::dirty(1, std::uint64_t{0x5707}), 1u);
  EXPECT_EQ(Lower::dirty(1, std::uint64_t{0x5787}), 0u);
  EXPECT_EQ(Lower::dirty(1, one(55) | 0x5787), 1u);
  EXPECT_EQ(Guest::dirty(1, std::uint64_t{0x57ff}), 1u);
  EXPECT_EQ(Guest::dirty(1, std::uint64_t{0x577f}), 0u);
}

// ---- What a processor may keep ----

TEST(Aarch64Cache, JudgesAStoreByTheRowOfTheSheet) {
  using enum StaleEffect;
  struct Row {
    std::uint64_t old;
    std::uint64_t now;
    StaleEffect effect;
    bool breaks;
  };
  constexpr std::uint64_t page = one(54) | one(53) | one(51) | 0x5f07;  // kernel's, RW, dirty
  Row const rows[] = {
      {0, page, harmless, false},
      {page, 0, must_invalidate, false},
      {page, page + 0x1000, must_invalidate, true},
      {page, page ^ 0x4, must_invalidate, true},                 // AttrIndx
      {page, page ^ 0x100, must_invalidate, true},               // SH
      {page, page ^ one(52), must_invalidate, true},             // Contiguous
      {page, page & ~one(11), must_invalidate, true},            // becomes global
      {page & ~one(11), page, must_invalidate, false},           // is global no more
      {page, page | 0x80, must_invalidate, false},               // clean
      {page | 0x80, page, harmless, false},                      // dirty
      {page, (page | 0x80) & ~one(51), must_invalidate, false},  // read-only
      {(page | 0x80) & ~one(51), page, lazy, false},             // writable
      {page, page & ~one(53), lazy, false},                      // EL1 fetches
      {page & ~one(53), page, must_invalidate, false},           // … no more
      {page, page & ~one(10), lazy, false},                      // AF cleared
      {page, page ^ mask(58, 56), harmless, false},              // software
      {page & ~one(51), page, harmless, false},                  // DBM of an open page
      {0x5787 | one(55), 0x5787, must_invalidate, false},        // the note of dirty
  };
  Aarch64Settings const settings = Lower::settings({});
  for (Row const& row : rows) {
    EXPECT_EQ(Lower::stale_effect(settings, 1, row.old, row.now).effect, row.effect)
        << std::hex << row.old << " -> " << row.now;
    EXPECT_EQ(Lower::demands_break(settings, 1, row.old, row.now), row.breaks)
        << std::hex << row.old << " -> " << row.now;
  }
  // Sizes, and table descriptors.
  EXPECT_TRUE(Lower::demands_break(settings, 2, 0x600705, 0x2003));
  EXPECT_TRUE(Lower::demands_break(settings, 2, 0x2003, 0x600705));
  EXPECT_TRUE(Lower::demands_break(settings, 2, 0x2003, 0x3003));
  EXPECT_TRUE(Lower::demands_break(settings, 2, 0x2003, 0x2003 | one(61)));
  EXPECT_FALSE(Lower::demands_break(settings, 2, 0x2003, 0x2003 | one(58)));
  EXPECT_FALSE(Lower::demands_break(settings, 2, 0, 0x2003));
  EXPECT_FALSE(Lower::demands_break(settings, 2, 0x2003, 0));
}

TEST(Aarch64Cache, TakesTheGlobalBitOfStage1Alone) {
  Aarch64Settings const settings = Lower::settings({});
  EXPECT_TRUE(Lower::cached_as_global(settings, 1, 0x5707));
  EXPECT_FALSE(Lower::cached_as_global(settings, 1, 0x5f07));
  EXPECT_FALSE(El2::cached_as_global(settings, 1, 0x5707));
  EXPECT_FALSE(Guest::cached_as_global(settings, 1, 0x57ff));
  EXPECT_FALSE(El2::demands_break(settings, 1, 0x5f07, 0x5707));
}

}  // namespace
}  // namespace twinwalk::models
