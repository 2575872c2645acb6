// The spec of RISC-V paging, each rule against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "models/spec/riscv.hpp"

namespace twinwalk::models {
namespace {

using Sv39 = RiscvSpec<3, RiscvStage::first>;
using Sv57 = RiscvSpec<5, RiscvStage::first>;
using Sv39x4 = RiscvSpec<3, RiscvStage::second>;
using enum Flag;

constexpr std::uint64_t one(int n) { return std::uint64_t{1} << n; }

// ---- Entries ----

EntryKind kind_by_the_manual(RiscvMachine const& hart, int level, std::uint64_t e) {
  if ((e & 1) == 0) return EntryKind::hole;
  bool const r = (e & 2) != 0;
  bool const w = (e & 4) != 0;
  bool const x = (e & 8) != 0;
  std::uint64_t const ppn = (e >> 10) & (one(44) - 1);
  std::uint64_t const pbmt = (e >> 61) & 3;
  bool const n = (e >> 63) != 0;
  if (w && !r) return EntryKind::malformed;
  if (((e >> 54) & 0x1f) != 0) return EntryKind::malformed;
  if (((e >> 59) & 3) != 0 && hart.svrsw60t59b == 0) return EntryKind::malformed;
  if ((ppn << 12 & ~hart.physical_mask) != 0) return EntryKind::malformed;
  if (!r && !x) {
    bool const clean = pbmt == 0 && !n && (e & 0xd0) == 0;
    return clean && level > 1 ? EntryKind::table : EntryKind::malformed;
  }
  if (pbmt == 3 || (pbmt != 0 && hart.svpbmt == 0)) return EntryKind::malformed;
  if ((ppn & (one(9 * (level - 1)) - 1)) != 0) return EntryKind::malformed;
  if (n && (hart.svnapot == 0 || level > 1 || (ppn & 0xf) != 8)) return EntryKind::malformed;
  return EntryKind::leaf;
}

TEST(RiscvReading, MakesOfEveryEntryWhatTheManualSays) {
  std::mt19937_64 random(7);
  int seen[4] = {};
  for (int i = 0; i < 400'000; ++i) {
    RiscvMachine const hart{.physical_mask = mask(45, 0),
                            .svpbmt = random() & 1,
                            .svnapot = random() & 1,
                            .svrsw60t59b = random() & 1,
                            .updates = 0};
    int const level = 1 + i % 5;
    std::uint64_t entry = random() & random() & random();
    if (i % 4 != 0)
      entry &= mask(0, 0) | mask(9, 1) | mask(43, 10 + 9 * (level - 1)) | mask(63, 61);
    if (i % 8 == 3) entry = (entry & ~mask(62, 61) & ~mask(13, 10)) | one(63) | one(13);
    EntryKind const kind = Sv57::classify(RiscvSettings(hart), level, entry);
    ASSERT_EQ(kind, kind_by_the_manual(hart, level, entry)) << std::hex << entry << " " << level;
    ++seen[static_cast<int>(kind)];
  }
  for (int const count : seen) EXPECT_GT(count, 1000);
}

TEST(RiscvReading, TakesAddressesFromTheNumberOfAPage) {
  EXPECT_EQ(Sv39::leaf_address(1, std::uint64_t{0x14cf}), std::uint64_t{0x5000});
  EXPECT_EQ(Sv39::leaf_address(2, ~std::uint64_t{0}), mask(55, 21));
  EXPECT_EQ(Sv57::leaf_address(5, ~std::uint64_t{0}), mask(55, 48));
  EXPECT_EQ(Sv39::table_address(2, ~std::uint64_t{0}), mask(55, 12));
  // Of the sixteen entries of a NAPOT page each says the same.
  std::uint64_t const napot = one(63) | (std::uint64_t{0x18} << 10) | 0xcf;
  EXPECT_EQ(Sv39::leaf_size(1, napot), static_cast<PageSize>(16));
  EXPECT_EQ(Sv39::leaf_address(1, napot), std::uint64_t{0x10000});
  EXPECT_EQ(Sv39::output(1, napot, std::uint64_t{0x7abc}), std::uint64_t{0x17abc});
}

TEST(RiscvReading, PointersSayNothingButWhereTheyLead) {
  EXPECT_TRUE(Sv39::grants_everything(3, std::uint64_t{0x801}));
  EXPECT_FALSE(Sv39::grants_everything(3, std::uint64_t{0x821}));
  EXPECT_FALSE(Sv39::grants_everything(3, std::uint64_t{0x901}));
}

// ---- Addresses ----

TEST(RiscvGeometry, HasASignInTheFirstStageAndMoreRootInTheSecond) {
  EXPECT_TRUE(Sv39::canonical(mask(37, 0)));
  EXPECT_FALSE(Sv39::canonical(one(38)));
  EXPECT_TRUE(Sv39::canonical(~mask(37, 0)));
  EXPECT_EQ(Sv39x4::address_bits, 41);
  EXPECT_EQ(Sv39x4::root_bits, 14);
  EXPECT_TRUE(Sv39x4::canonical(mask(40, 0)));
  EXPECT_FALSE(Sv39x4::canonical(one(41)));
  EXPECT_EQ(Sv39x4::index(3, mask(40, 0)), 2047u);
  EXPECT_EQ(Sv39x4::index(2, mask(40, 0)), 511u);
}

// ---- Flags ----

TEST(RiscvFlags, AreRepresentableExactlyWhereTheContractSaysSo) {
  MachineOptions plain;
  MachineOptions typed;
  typed.page_memory_types = true;
  for (std::uint64_t bits = 0; bits < (1U << 13); ++bits) {
    for (std::uint64_t const more : {0x0ull, 0x10000ull, 0x100000ull, 0x400000ull}) {
      MappingFlags const f(bits | more);
      bool fits = f.has(READ) || (f.has(EXECUTE) && !f.has(WRITE));
      fits = fits && !f.has(IGNORE_PAT) && f.key() == 0 && f.software() < 4;
      if (f.has(TYPED)) {
        fits = fits && !f.has(DEVICE) && !f.has(UNCACHED) && f.memory_type() <= 2;
      } else {
        fits = fits && f.memory_type() == 0;
      }
      ASSERT_EQ(Sv39::representable(typed, f), fits) << std::hex << f.bits;
      ASSERT_EQ(Sv39x4::representable(typed, f), fits && !f.has(GLOBAL)) << std::hex << f.bits;
      ASSERT_EQ(Sv39::representable(plain, f), fits && !f.has(TYPED)) << std::hex << f.bits;
    }
  }
}

TEST(RiscvFlags, NormaliseToTheNamesThatComeBack) {
  MachineOptions plain;
  MachineOptions typed;
  typed.page_memory_types = true;
  MappingFlags const base = READ | WRITE | USER;
  EXPECT_EQ(Sv39::normalise(plain, base | DEVICE), base);
  EXPECT_EQ(Sv39::normalise(typed, base | DEVICE | UNCACHED), base | DEVICE);
  EXPECT_EQ(Sv39::normalise(typed, base.with_memory_type(1)), base | UNCACHED);
  EXPECT_EQ(Sv39::normalise(typed, base.with_memory_type(0)), base);
  EXPECT_EQ(Sv39x4::normalise(plain, base), READ | WRITE);
  EXPECT_EQ(Sv39::flags_of_leaf(plain, 1, std::uint64_t{0x14ff}),
            READ | WRITE | EXECUTE | USER | GLOBAL);
  EXPECT_EQ(Sv39x4::flags_of_leaf(plain, 1, std::uint64_t{0x14ff}), READ | WRITE | EXECUTE);
  EXPECT_EQ(Sv39x4::flags_of_leaf(plain, 1, std::uint64_t{0x14cf}), MappingFlags());
}

// ---- What a hart may keep ----

TEST(RiscvCache, JudgesAStoreByTheRowOfTheSheet) {
  using enum StaleEffect;
  struct Row {
    std::uint64_t old;
    std::uint64_t now;
    StaleEffect first;
    StaleEffect second;
  };
  Row const rows[] = {
      {0x0, 0x14df, harmless, harmless},
      {0x14df, 0x0, must_invalidate, must_invalidate},
      {0x14df, 0x18df, must_invalidate, must_invalidate},
      {0x14df, 0x14d3, must_invalidate, must_invalidate},
      {0x14d3, 0x14df, lazy, lazy},
      {0x14cf, 0x14df, must_invalidate, lazy},
      {0x14df, 0x14cf, must_invalidate, must_invalidate},
      {0x14df, 0x20000000000014df, must_invalidate, must_invalidate},
      {0x14df, 0x145f, must_invalidate, must_invalidate},
      {0x145f, 0x141f, lazy, lazy},
      {0x14ff, 0x14df, must_invalidate, harmless},
      {0x14df, 0x14ff, harmless, harmless},
      {0x14df, 0x17df, harmless, harmless},
  };
  MachineOptions options;
  options.page_memory_types = true;
  for (Row const& row : rows) {
    EXPECT_EQ(Sv39::stale_effect(Sv39::settings(options), 1, row.old, row.now).effect, row.first)
        << std::hex << row.old << " -> " << row.now;
    EXPECT_EQ(Sv39x4::stale_effect(Sv39x4::settings(options), 1, row.old, row.now).effect,
              row.second)
        << std::hex << row.old << " -> " << row.now;
  }
  auto const pointer = [&](std::uint64_t now) {
    return Sv39::stale_effect(Sv39::settings(options), 2, 0x801, now).effect;
  };
  EXPECT_EQ(pointer(0xc01), must_invalidate);
  EXPECT_EQ(pointer(0x821), must_invalidate);
  EXPECT_EQ(pointer(0x901), harmless);
  EXPECT_EQ(pointer(0x1800cf), must_invalidate);
}

}  // namespace
}  // namespace twinwalk::models
