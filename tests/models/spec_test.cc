// The spec against the facts it was transcribed from, bit by bit and by plain loops.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "models/specs.hpp"

namespace twinwalk::models {
namespace {

using Four = X86_64Spec<4>;
using Five = X86_64Spec<5>;

constexpr std::uint64_t one(int n) { return std::uint64_t{1} << n; }

X86_64Machine machine(int physical_bits, bool nxe = true, bool gigabyte = true, bool amd = false) {
  return {.physical_mask = one(physical_bits) - 1,
          .no_execute = nxe ? 1U : 0U,
          .gigabyte_pages = gigabyte ? 1U : 0U,
          .amd = amd ? 1U : 0U};
}

std::vector<X86_64Settings> machines() {
  std::vector<X86_64Settings> all;
  for (int bits : {32, 39, 46, 51, 52}) {
    for (int choice = 0; choice < 8; ++choice) {
      all.emplace_back(machine(bits, (choice & 1) != 0, (choice & 2) != 0, (choice & 4) != 0));
    }
  }
  return all;
}

TEST(FieldTables, NameEveryBitOnce) {
  AllSpecs::for_each([]<class Spec>(std::type_identity<Spec>) {
    for (FieldTable const& table : Spec::field_tables()) {
      EXPECT_TRUE(partitions_word(table.fields)) << Spec::name << ' ' << table.name;
    }
    for (FieldTable const& table : Spec::root_tables()) {
      EXPECT_TRUE(partitions_word(table.fields)) << Spec::name << ' ' << table.name;
    }
  });
}

TEST(FieldTables, NoticeAGapAnOverlapAndAWrongOrder) {
  Field const high{"high", 63, 32, Role::ignored, ""};
  Field const low{"low", 31, 0, Role::ignored, ""};
  EXPECT_TRUE(partitions_word(std::array{high, low}));
  EXPECT_FALSE(partitions_word(std::array{low, high}));
  EXPECT_FALSE(partitions_word(std::array{high}));
  EXPECT_FALSE(partitions_word(std::array{high, Field{"gap", 30, 0, Role::ignored, ""}}));
  EXPECT_FALSE(partitions_word(std::array{high, Field{"overlap", 32, 0, Role::ignored, ""}}));
  EXPECT_FALSE(partitions_word(std::array{high, high, low}));
}

TEST(FieldTables, CiteAManualForEveryField) {
  AllSpecs::for_each([]<class Spec>(std::type_identity<Spec>) {
    for (FieldTable const& table : Spec::field_tables()) {
      EXPECT_FALSE(table.cite.empty());
      for (Field const& field : table.fields) {
        EXPECT_FALSE(field.cite.empty()) << table.name << ' ' << field.name;
        EXPECT_FALSE(field.name.empty()) << table.name;
        EXPECT_NE(role_name(field.role), "");
      }
    }
  });
}

TEST(FieldTables, CoverEveryLevelOfTheirFormat) {
  EXPECT_EQ(Four::field_tables().front().level, 4);
  EXPECT_EQ(Five::field_tables().front().level, 5);
  AllSpecs::for_each([]<class Spec>(std::type_identity<Spec>) {
    for (int level = 1; level <= Spec::levels; ++level) {
      bool table = false;
      bool leaf = false;
      for (FieldTable const& one : Spec::field_tables()) {
        if (one.level == level) (one.kind == EntryKind::table ? table : leaf) = true;
      }
      EXPECT_EQ(table, level > 1);
      EXPECT_EQ(leaf, level <= Spec::largest_leaf_level);
    }
  });
}

TEST(Words, AShiftByAWordIsTheShiftByItsNumber) {
  std::uint64_t const word = 0xfedcba9876543210;
  for (std::uint64_t count = 0; count < 64; ++count) {
    EXPECT_EQ(shift_right(word, count), word >> count);
  }
}

TEST(Words, MasksReachFromBitToBit) {
  EXPECT_EQ(mask(63, 0), ~std::uint64_t{0});
  EXPECT_EQ(mask(0, 0), 1U);
  EXPECT_EQ(mask(63, 63), one(63));
  EXPECT_EQ(mask(51, 12), 0x000ffffffffff000U);
}

// Which single bits make an otherwise good entry malformed, by the sheet's rule 2.3 read aloud.
bool reserved_by_the_sheet(X86_64Settings const& s, int level, bool leaf, int n) {
  std::uint64_t const physical = s.machine().physical_mask;
  if (n >= 12 && n <= 51 && (physical & one(n)) == 0) return true;
  if (n == 63) return s.machine().no_execute == 0;
  if (level >= 4 && n == 7) return true;
  if (level >= 4 && n == 8) return s.machine().amd != 0;
  if (leaf && level == 3 && n >= 13 && n <= 29) return true;
  if (leaf && level == 2 && n >= 13 && n <= 20) return true;
  return false;
}

TEST(X86_64Reading, FindsExactlyTheReservedBitsOfEveryLevelKindAndMachine) {
  for (X86_64Settings const& settings : machines()) {
    for (int level = 1; level <= 5; ++level) {
      for (bool leaf : {false, true}) {
        if (leaf ? level > 3 : level == 1) continue;
        std::uint64_t const base = 1 | (leaf && level > 1 ? one(7) : 0);
        bool const unsupported = leaf && level == 3 && settings.machine().gigabyte_pages == 0;
        EXPECT_EQ(Five::classify(settings, level, base) == EntryKind::malformed, unsupported);
        if (unsupported) continue;
        for (int n = 1; n < 64; ++n) {
          if (n == 7 && (level == 2 || level == 3)) continue;
          EntryKind const kind = Five::classify(settings, level, base | one(n));
          EntryKind const good = leaf ? EntryKind::leaf : EntryKind::table;
          EXPECT_EQ(kind,
                    reserved_by_the_sheet(settings, level, leaf, n) ? EntryKind::malformed : good)
              << "level " << level << " leaf " << leaf << " bit " << n;
        }
      }
    }
  }
}

TEST(X86_64Reading, MakesEveryValueExactlyOneOfFourKinds) {
  std::mt19937_64 random(1);
  std::vector<X86_64Settings> const all = machines();
  for (int i = 0; i < 200000; ++i) {
    X86_64Settings const& settings = all[random() % all.size()];
    int const level = 1 + static_cast<int>(random() % 5);
    std::uint64_t const entry = random() & random() & (i % 2 == 0 ? random() : ~0ULL);
    int const kinds = int{Five::is_hole(settings, level, entry)} +
                      int{Five::is_table(settings, level, entry)} +
                      int{Five::is_leaf(settings, level, entry)} +
                      int{Five::is_malformed(settings, level, entry)};
    ASSERT_EQ(kinds, 1);
    EntryKind const kind = Five::classify(settings, level, entry);
    ASSERT_EQ(kind == EntryKind::hole, Five::is_hole(settings, level, entry));
    ASSERT_EQ(kind == EntryKind::table, Five::is_table(settings, level, entry));
    ASSERT_EQ(kind == EntryKind::leaf, Five::is_leaf(settings, level, entry));
  }
}

TEST(X86_64Reading, TakesAnEntryWithoutPForAHoleWhateverElseItHolds) {
  X86_64Settings const settings(machine(32, false, false, true));
  for (int level = 1; level <= 5; ++level) {
    EXPECT_EQ(Five::classify(settings, level, ~std::uint64_t{1}), EntryKind::hole);
  }
}

TEST(X86_64Reading, DropsTheMemoryTypeBitFromTheAddressOfALargeLeaf) {
  EXPECT_EQ(Four::leaf_address<std::uint64_t>(1, 0x80000000000bf0ffU), 0xbf000U);
  EXPECT_EQ(Four::leaf_address<std::uint64_t>(2, 0x6010e7U), 0x600000U);
  EXPECT_EQ(Four::leaf_address<std::uint64_t>(3, 0x800010e7U), 0x80000000U);
  EXPECT_EQ(Four::output<std::uint64_t>(2, 0x6010e7, 0x1234567), 0x600000U + 0x34567U);
  EXPECT_EQ(Four::table_address<std::uint64_t>(4, ~0ULL), 0x000ffffffffff000U);
}

TEST(X86_64Reading, TakesTheMemoryTypeFromBit7OrBit12ByLevel) {
  for (std::uint64_t type = 0; type < 8; ++type) {
    std::uint64_t const low = (type & 3) << 3;
    std::uint64_t const high = type >> 2;
    EXPECT_EQ(Four::memory_type(1, low | high << 7), type);
    EXPECT_EQ(Four::memory_type(2, low | high << 12 | one(7)), type);
    EXPECT_EQ(Four::memory_type(3, low | high << 12 | one(7)), type);
  }
}

TEST(X86_64Reading, CountsTenSoftwareBits) {
  for (int n = 0; n < 10; ++n) {
    int const where = n < 3 ? 9 + n : 52 + (n - 3);
    EXPECT_EQ(Four::software(1, one(where)), one(n));
  }
  EXPECT_EQ(Four::software(1, ~(mask(11, 9) | mask(58, 52))), 0U);
  EXPECT_EQ(Four::software_bits, 10);
}

TEST(X86_64Reading, PrintsAMalformedEntryByItsShape) {
  EXPECT_EQ(Four::fields(2, 0x60a0e7).data(), x86_64::pde_2m.data());
  EXPECT_EQ(Four::fields(2, 0x3027).data(), x86_64::pde.data());
  EXPECT_EQ(Four::fields(4, 0x30a7).data(), x86_64::pml4e.data());
  EXPECT_EQ(Four::fields(1, 0x50e7).data(), x86_64::pte.data());
  EXPECT_EQ(Four::fields(3, 0x50e6).data(), x86_64::not_present.data());
}

TEST(X86_64Geometry, TakesNineBitsALevel) {
  std::uint64_t const address = 0x1008040201abc;
  for (int level = 1; level <= 5; ++level) {
    EXPECT_EQ(Five::index(level, address), 1U);
    EXPECT_EQ(Five::slot(std::uint64_t{0x7000}, level, address), 0x7008U);
  }
  EXPECT_EQ(Four::index<std::uint64_t>(4, 0xffff800000000000U), 256U);
  EXPECT_EQ(Four::slot<std::uint64_t>(0x1000, 1, 0x1ff000), 0x1ff8U);
  EXPECT_EQ(Four::level_shift(1), 12);
  EXPECT_EQ(Four::level_shift(4), 39);
  EXPECT_EQ(Four::page_size(2), PageSize::Size2M);
  EXPECT_EQ(Four::page_size(3), PageSize::Size1G);
}

TEST(X86_64Geometry, LeavesPcidAndLamOutOfTheRootTable) {
  EXPECT_EQ(Four::root_table<std::uint64_t>(0xe000000012345fffU), 0x12345000U);
}

TEST(X86_64Geometry, KnowsWhereTheHoleBetweenTheHalvesBegins) {
  EXPECT_TRUE(Four::canonical<std::uint64_t>(0x00007fffffffffffU));
  EXPECT_FALSE(Four::canonical<std::uint64_t>(0x0000800000000000U));
  EXPECT_FALSE(Four::canonical<std::uint64_t>(0xffff7fffffffffffU));
  EXPECT_TRUE(Four::canonical<std::uint64_t>(0xffff800000000000U));
  EXPECT_TRUE(Five::canonical<std::uint64_t>(0x00ffffffffffffffU));
  EXPECT_FALSE(Five::canonical<std::uint64_t>(0x0100000000000000U));
  EXPECT_FALSE(Five::canonical<std::uint64_t>(0xfeffffffffffffffU));
  EXPECT_TRUE(Five::canonical<std::uint64_t>(0xff00000000000000U));
  EXPECT_EQ(Four::sign_extend<std::uint64_t>(0x800000000000U), 0xffff800000000000U);
  EXPECT_EQ(Four::sign_extend<std::uint64_t>(0xffff7fffffffffffU), 0x7fffffffffffU);
}

TEST(X86_64Geometry, RefusesRangesThatLeaveTheirHalf) {
  EXPECT_TRUE(Four::virtual_range_fits(0, 0x7fffffffffff));
  EXPECT_FALSE(Four::virtual_range_fits(0, 0x800000000000));
  EXPECT_FALSE(Four::virtual_range_fits(0x7ffffffff000, 0xffff800000000fff));
  EXPECT_TRUE(Four::virtual_range_fits(0xffff800000000000, ~0ULL));
  EXPECT_FALSE(Four::virtual_range_fits(0xfffffffffffff000, 0xfff));
}

TEST(X86_64Geometry, RefusesPhysicalRangesBeyondTheWidth) {
  MachineOptions options;
  options.physical_bits = 36;
  EXPECT_TRUE(Four::physical_range_fits(options, 0, one(36) - 1));
  EXPECT_FALSE(Four::physical_range_fits(options, 0, one(36)));
  EXPECT_FALSE(Four::physical_range_fits(options, 0x1000, 0xfff));
  options.physical_bits = 52;
  EXPECT_TRUE(Four::physical_range_fits(options, 0, one(52) - 1));
  EXPECT_FALSE(Four::physical_range_fits(options, 0, one(52)));
}

// ---- Stale entries, a case for each row of the sheet's table 2.1 ----

struct StaleCase {
  char const* row;
  int level;
  std::uint64_t old;
  std::uint64_t now;
  StaleEffect effect;
};

TEST(X86_64Cache, JudgesAStoreByTheRowOfTheSheet) {
  MachineOptions options;
  options.protection_keys = true;
  options.physical_bits = 46;
  X86_64Settings const settings = Four::settings(options);
  constexpr StaleEffect harmless = StaleEffect::harmless;
  constexpr StaleEffect lazy = StaleEffect::lazy;
  constexpr StaleEffect must = StaleEffect::must_invalidate;
  std::vector<StaleCase> const cases{
      {"invalid to valid", 1, 0, 0x5067, harmless},
      {"invalid to valid", 2, 0xfffffffffffffffe, 0x3067, harmless},
      {"invalid to valid", 2, 0x60a0e7, 0x3067, harmless},  // a reserved bit is not cached
      {"unchanged", 1, 0x5067, 0x5067, harmless},
      {"leaf, valid to invalid", 1, 0x5067, 0, must},
      {"leaf, valid to invalid", 1, 0x5067, 0x5066, must},
      {"leaf, valid to invalid", 2, 0x6000e7, 0x6020e7, must},
      {"table unlinked", 2, 0x3027, 0, must},
      {"table unlinked", 2, 0x3027, 0x4027, must},
      {"leaf to table", 2, 0x6000e7, 0x3027, must},
      {"table to leaf", 2, 0x3027, 0x6000e7, must},
      {"address changed", 1, 0x5067, 0x6067, must},
      {"rights reduced", 1, 0x5067, 0x5065, must},
      {"rights reduced", 1, 0x5067, 0x5063, must},
      {"rights reduced", 1, 0x5063, 0x5067, must},  // SMEP and SMAP withdraw the supervisor's
      {"rights reduced", 1, 0x5067, 0x8000000000005067, must},
      {"rights reduced", 1, 0x5065, 0x8000000000005067, must},  // W gained, X lost
      {"rights increased", 1, 0x5065, 0x5067, lazy},
      {"rights increased", 1, 0x8000000000005067, 0x5067, lazy},
      {"memory type changed", 1, 0x5067, 0x506f, must},
      {"memory type changed", 1, 0x5067, 0x50e7, must},
      {"memory type changed", 2, 0x6000e7, 0x6010e7, must},
      {"key changed", 1, 0x5067, 0x0800000000005067, must},
      {"D cleared", 1, 0x5067, 0x5027, must},
      {"A cleared", 1, 0x5067, 0x5047, lazy},
      {"G 1 to 0", 1, 0x5167, 0x5067, must},
      {"G 0 to 1", 1, 0x5067, 0x5167, harmless},
      {"A or D set, or software bits", 1, 0x5007, 0x5067, harmless},
      {"A or D set, or software bits", 1, 0x5067, 0x07f0000000005e67, harmless},
      {"rights reduced on a table entry", 3, 0x3027, 0x3025, must},
      {"rights reduced on a table entry", 3, 0x3027, 0x8000000000003027, must},
      {"rights increased on a table entry", 3, 0x3025, 0x3027, lazy},
      {"type of a table entry changed", 3, 0x3027, 0x3037, must},
      {"A or ignored bits of a table entry", 3, 0x3027, 0x7ff0000000003f47, harmless},
  };
  for (StaleCase const& c : cases) {
    Staleness const verdict = Four::stale_effect(settings, c.level, c.old, c.now);
    EXPECT_EQ(verdict.row, c.row) << std::hex << c.old << " -> " << c.now;
    EXPECT_EQ(verdict.effect, c.effect) << c.row;
  }
}

TEST(X86_64Cache, LeavesKeysAloneWhereTheMachineHasNone) {
  X86_64Settings const settings = Four::settings({});
  EXPECT_EQ(Four::stale_effect(settings, 1, 0x5067, 0x0800000000005067).effect,
            StaleEffect::harmless);
}

TEST(X86_64Cache, KeepsNothingOfHolesAndReservedBits) {
  X86_64Settings const settings(machine(46));
  EXPECT_FALSE(Four::cacheable(settings, 1, 0x5066));
  EXPECT_FALSE(Four::cacheable(settings, 1, one(46) | 0x5067));
  EXPECT_TRUE(Four::cacheable(settings, 1, 0x5001));  // hardware sets A by itself
  EXPECT_TRUE(Four::cacheable(settings, 4, 0x2027));
}

TEST(X86_64Cache, KeepsOnlyLeavesAsGlobal) {
  X86_64Settings const settings = Four::settings({});
  EXPECT_TRUE(Four::cached_as_global(settings, 1, 0x5167));
  EXPECT_TRUE(Four::cached_as_global(settings, 2, 0x6001e7));
  EXPECT_FALSE(Four::cached_as_global(settings, 1, 0x5067));
  EXPECT_FALSE(Four::cached_as_global(settings, 2, 0x3167));
  X86_64Settings const without_pge(machine(46));
  EXPECT_FALSE(Four::cached_as_global(without_pge, 1, 0x5167));
}

TEST(X86_64Cache, SeesWhenOneStoreChangesThePageSize) {
  X86_64Settings const settings = Four::settings({});
  EXPECT_TRUE(Four::changes_size(settings, 2, 0x6000e7, 0x3027));
  EXPECT_TRUE(Four::changes_size(settings, 2, 0x3027, 0x6000e7));
  EXPECT_FALSE(Four::changes_size(settings, 2, 0x3027, 0x4027));
  EXPECT_FALSE(Four::changes_size(settings, 2, 0x6000e7, 0));
}

TEST(Specs, AreFoundByName) {
  int calls = 0;
  EXPECT_TRUE(AllSpecs::with("x86_64-5", [&]<class Spec>(std::type_identity<Spec>) {
    ++calls;
    EXPECT_EQ(Spec::levels, 5);
  }));
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(AllSpecs::with("x86_64", [&](auto) { ++calls; }));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace twinwalk::models
