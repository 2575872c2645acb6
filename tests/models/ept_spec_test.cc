// The spec of extended page tables, each rule against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "models/spec/ept.hpp"

namespace twinwalk::models {
namespace {

using Four = EptSpec<4>;
using Five = EptSpec<5>;
using enum Flag;

constexpr std::uint64_t one(int n) { return std::uint64_t{1} << n; }

std::vector<MachineOptions> all_options() {
  std::vector<MachineOptions> all;
  for (int choice = 0; choice < 16; ++choice) {
    MachineOptions options;
    options.physical_bits = 46;
    options.gigabyte_pages = (choice & 1) != 0;
    options.execute_only = (choice & 2) != 0;
    options.mode_based_execute = (choice & 4) != 0;
    options.hardware_updates =
        (choice & 8) != 0 ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
    all.push_back(options);
  }
  return all;
}

// ---- Entries ----

EntryKind kind_by_the_sheet(MachineOptions const& o, int level, std::uint64_t e) {
  bool const r = (e & 1) != 0;
  bool const w = (e & 2) != 0;
  bool const x = (e & 4) != 0 || (o.mode_based_execute && (e & one(10)) != 0);
  if (!r && !w && !x) return EntryKind::hole;
  if (w && !r) return EntryKind::malformed;
  if (!r && !o.execute_only) return EntryKind::malformed;
  if ((e >> 46 & 0x3f) != 0) return EntryKind::malformed;
  if (level >= 4) return (e & 0xf8) != 0 ? EntryKind::malformed : EntryKind::table;
  bool const leaf = level == 1 || (e & 0x80) != 0;
  if (!leaf) return (e & 0x78) != 0 ? EntryKind::malformed : EntryKind::table;
  if (level == 3 && (!o.gigabyte_pages || (e & 0x3ffff000) != 0)) return EntryKind::malformed;
  if (level == 2 && (e & 0x1ff000) != 0) return EntryKind::malformed;
  std::uint64_t const type = (e >> 3) & 7;
  return type == 2 || type == 3 || type == 7 ? EntryKind::malformed : EntryKind::leaf;
}

TEST(EptReading, MakesOfEveryEntryWhatTheSheetSays) {
  std::mt19937_64 random(5);
  int seen[4] = {};
  for (MachineOptions const& options : all_options()) {
    EptSettings const settings = Five::settings(options);
    for (int i = 0; i < 40'000; ++i) {
      // Mostly few bits, so that every kind comes up.
      std::uint64_t entry = random() & random() & random() & random();
      if (i % 4 != 0) entry = (entry & ~(mask(51, 46) | mask(29, 12))) | (random() & 0x7ff);
      int const level = 1 + i % 5;
      EntryKind const kind = Five::classify(settings, level, entry);
      ASSERT_EQ(kind, kind_by_the_sheet(options, level, entry))
          << std::hex << entry << " " << level;
      ++seen[static_cast<int>(kind)];
    }
  }
  for (int const count : seen) EXPECT_GT(count, 1000);
}

TEST(EptReading, TakesAddressesTypesAndSoftwareBitsFromTheirPlaces) {
  EXPECT_EQ(Four::leaf_address(1, ~std::uint64_t{0}), mask(51, 12));
  EXPECT_EQ(Four::leaf_address(2, ~std::uint64_t{0}), mask(51, 21));
  EXPECT_EQ(Four::leaf_address(3, ~std::uint64_t{0}), mask(51, 30));
  EXPECT_EQ(Four::table_address(2, ~std::uint64_t{0}), mask(51, 12));
  EXPECT_EQ(Four::memory_type(2, std::uint64_t{0x30}), 6u);
  int const places[] = {11, 52, 53, 54, 55, 56, 59, 62};
  for (int k = 0; k < 8; ++k) EXPECT_EQ(Four::software(1, one(places[k])), one(k));
  EXPECT_EQ(Four::software_bits, 8);
}

TEST(EptReading, TablesGrantEverythingWithFourRightsAndNothingElse) {
  EXPECT_TRUE(Four::grants_everything(4, std::uint64_t{0x5407}));
  EXPECT_TRUE(Four::grants_everything(2, std::uint64_t{0x5507}));
  EXPECT_FALSE(Four::grants_everything(4, std::uint64_t{0x5007}));
  EXPECT_FALSE(Four::grants_everything(4, std::uint64_t{0x5c07}));
}

// ---- Addresses ----

TEST(EptGeometry, HasAddressesWithoutASign) {
  EXPECT_TRUE(Four::canonical(mask(47, 0)));
  EXPECT_FALSE(Four::canonical(one(48)));
  EXPECT_FALSE(Four::canonical(~std::uint64_t{0}));
  EXPECT_TRUE(Five::canonical(mask(56, 0)));
  EXPECT_EQ(Four::sign_extend(one(47)), one(47));
  EXPECT_TRUE(Four::virtual_range_fits(0, mask(47, 0)));
  EXPECT_FALSE(Four::virtual_range_fits(0, one(48)));
  EXPECT_EQ(Five::index(5, mask(56, 48)), 511u);
}

// ---- Flags ----

bool representable_by_the_contract(MachineOptions const& options, MappingFlags flags) {
  if (!flags.has(READ) && (flags.has(WRITE) || !flags.has(EXECUTE) || !options.execute_only)) {
    return false;
  }
  if (flags.has(GLOBAL) || flags.key() != 0 || flags.software() >= 0x100) return false;
  if ((flags.bits >> 13 & 7) != 0 || flags.bits >> 30 != 0) return false;
  std::uint64_t const type = flags.memory_type();
  if (!flags.has(TYPED)) return type == 0;
  if (flags.has(DEVICE) || flags.has(UNCACHED)) return false;
  return type == 0 || type == 1 || (type >= 4 && type <= 6);
}

TEST(EptFlags, AreRepresentableExactlyWhereTheContractSaysSo) {
  for (MachineOptions const& options : all_options()) {
    int yes = 0;
    for (std::uint64_t low = 0; low < (1U << 14); ++low) {
      for (std::uint64_t const more :
           {0x0ull, 0x100000ull, 0xff00000ull, 0x10000000ull, 0x10000ull}) {
        MappingFlags const flags(low | more);
        bool const expected = representable_by_the_contract(options, flags);
        yes += expected ? 1 : 0;
        ASSERT_EQ(Four::representable(options, flags), expected) << std::hex << flags.bits;
      }
    }
    EXPECT_GT(yes, 50);
  }
}

TEST(EptFlags, NormaliseToTheNamesThatComeBack) {
  MachineOptions const options;
  MappingFlags const base = READ | WRITE;
  auto const normal = [&](MappingFlags flags) { return Four::normalise(options, flags); };
  EXPECT_EQ(normal(base | USER), base);
  EXPECT_EQ(normal(base | DEVICE | UNCACHED), base | DEVICE);
  EXPECT_EQ(normal(base.with_memory_type(6)), base);
  EXPECT_EQ(normal(base.with_memory_type(1)), base | UNCACHED);
  EXPECT_EQ(normal(base.with_memory_type(0)), base | DEVICE);
  EXPECT_EQ(normal(base.with_memory_type(5)), base.with_memory_type(5));
  EXPECT_EQ(normal(base | IGNORE_PAT), base | IGNORE_PAT);
}

TEST(EptFlags, ReadExecuteOnlyWhereBothMayFetch) {
  MachineOptions options;
  EXPECT_EQ(Four::flags_of_leaf(options, 1, std::uint64_t{0x35}), READ | EXECUTE);
  options.mode_based_execute = true;
  EXPECT_EQ(Four::flags_of_leaf(options, 1, std::uint64_t{0x35}), MappingFlags(READ));
  EXPECT_EQ(Four::flags_of_leaf(options, 1, std::uint64_t{0x435}), READ | EXECUTE);
  EXPECT_EQ(Four::flags_of_leaf(options, 1, std::uint64_t{0x431}), MappingFlags(READ));
}

// ---- What a processor may keep ----

TEST(EptCache, JudgesAStoreByTheRowOfTheSheet) {
  using enum StaleEffect;
  struct Row {
    std::uint64_t old;
    std::uint64_t now;
    StaleEffect tracked;    // with A/D
    StaleEffect untracked;  // and without
  };
  Row const rows[] = {
      {0x0, 0x5037, harmless, harmless},
      {0x5037, 0x5037, harmless, harmless},
      {0x5037, 0x0, must_invalidate, must_invalidate},
      {0x5037, 0x5035, must_invalidate, must_invalidate},
      {0x5035, 0x5037, lazy, lazy},
      {0x5037, 0x6037, must_invalidate, must_invalidate},
      {0x5037, 0x500f, must_invalidate, must_invalidate},
      {0x5037, 0x5077, must_invalidate, must_invalidate},
      {0x5337, 0x5137, must_invalidate, harmless},
      {0x5137, 0x5037, lazy, harmless},
      {0x5037, 0x5337, harmless, harmless},
      {0x5037, 0x5837, harmless, harmless},
  };
  MachineOptions options;
  for (bool const tracked : {true, false}) {
    options.hardware_updates =
        tracked ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
    EptSettings const settings = Four::settings(options);
    for (Row const& row : rows) {
      EXPECT_EQ(Four::stale_effect(settings, 1, row.old, row.now).effect,
                tracked ? row.tracked : row.untracked)
          << std::hex << row.old << " -> " << row.now;
    }
    EXPECT_EQ(Four::stale_effect(settings, 2, 0x5407, 0x2000b7).effect, must_invalidate);
    EXPECT_EQ(Four::stale_effect(settings, 2, 0x5407, 0x5507).effect, harmless);
    EXPECT_EQ(Four::stale_effect(settings, 2, 0x5407, 0x5405).effect, must_invalidate);
  }
}

TEST(EptCache, CountsBit10WhereItIsARight) {
  MachineOptions options;
  auto const effect = [&] {
    return Four::stale_effect(Four::settings(options), 1, 0x5437, 0x5037).effect;
  };
  EXPECT_EQ(effect(), StaleEffect::harmless);
  options.mode_based_execute = true;
  EXPECT_EQ(effect(), StaleEffect::must_invalidate);
}

}  // namespace
}  // namespace twinwalk::models
