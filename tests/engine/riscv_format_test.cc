// The laws of the RISC-V encoding, each against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "engine/formats/riscv.hpp"

namespace twinwalk::test {
namespace {

using First = Riscv<5>;
using Second = Riscv<5, RiscvStage::second>;

MachineOptions machine(bool types, bool tracked) {
  MachineOptions options;
  options.page_memory_types = types;
  options.hardware_updates = tracked ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
  return options;
}

bool may_be_held(MachineOptions const& options, bool second, MappingFlags f) {
  std::uint64_t const known = 0xff | 0x300 | 0x300000;
  if ((f.bits & ~known) != 0) return false;
  if (!f.has(Flag::READ) && (f.has(Flag::WRITE) || !f.has(Flag::EXECUTE))) return false;
  if (second && f.has(Flag::GLOBAL)) return false;
  if (!f.has(Flag::TYPED)) return f.memory_type() == 0;
  if (!options.page_memory_types || f.memory_type() > 2) return false;
  return !f.has(Flag::DEVICE) && !f.has(Flag::UNCACHED);
}

MappingFlags normalised(MachineOptions const& options, bool second, MappingFlags f) {
  MappingFlags plain(f.bits & ~std::uint64_t{0xfb0});
  if (second) plain = plain.without(Flag::USER);
  if (!options.page_memory_types) return plain;
  std::uint64_t type = 0;
  if (f.has(Flag::UNCACHED)) type = 1;
  if (f.has(Flag::DEVICE)) type = 2;
  if (f.has(Flag::TYPED)) type = f.memory_type();
  if (type == 1) return plain | Flag::UNCACHED;
  if (type == 2) return plain | Flag::DEVICE;
  return plain;
}

std::uint64_t leaf_by_hand(MachineOptions const& options, bool second, std::uint64_t address,
                           MappingFlags f) {
  std::uint64_t entry = (address >> 12 << 10) | 1;
  if (f.has(Flag::READ)) entry |= 2;
  if (f.has(Flag::WRITE)) entry |= 4;
  if (f.has(Flag::EXECUTE)) entry |= 8;
  if (f.has(Flag::USER) || second) entry |= 0x10;
  if (f.has(Flag::GLOBAL)) entry |= 0x20;
  if (options.hardware_updates == HardwareUpdates::none) {
    entry |= 0x40;
    if (f.has(Flag::WRITE)) entry |= 0x80;
  }
  MappingFlags const normal = normalised(options, second, f);
  if (normal.has(Flag::UNCACHED)) entry |= std::uint64_t{1} << 61;
  if (normal.has(Flag::DEVICE)) entry |= std::uint64_t{1} << 62;
  return entry | (f.software() << 8);
}

template <class F>
void holds_flags_exactly_or_refuses_them() {
  bool const second = F::second;
  for (int which = 0; which < 4; ++which) {
    MachineOptions const options = machine((which & 1) != 0, (which & 2) != 0);
    typename F::template Options<std::uint64_t> const engine(options);
    int held = 0;
    for (std::uint64_t bits = 0; bits < (1U << 13); ++bits) {
      for (std::uint64_t const more : {0x0ull, 0x100000ull, 0x300000ull, 0x400000ull, 0x10000ull}) {
        MappingFlags const f(bits | more);
        ASSERT_EQ(F::representable(engine, f), may_be_held(options, second, f))
            << std::hex << f.bits;
        if (!may_be_held(options, second, f)) continue;
        ++held;
        for (int level = 1; level <= F::levels; ++level) {
          std::uint64_t const address = std::uint64_t{3} << 48;
          std::uint64_t const entry = F::leaf(level, address, F::encode(engine, f));
          ASSERT_EQ(entry, leaf_by_hand(options, second, address, f)) << std::hex << f.bits;
          ASSERT_EQ(F::decode(engine, level, entry), normalised(options, second, f))
              << std::hex << f.bits;
          ASSERT_EQ(F::leaf_address(level, entry), address);
          ASSERT_TRUE(F::present(engine, level, entry) && F::large(entry));
        }
      }
    }
    EXPECT_GT(held, 100);
  }
}

TEST(RiscvFormat, FlagsAreHeldExactlyOrRefusedAndComeBackNormalised) {
  holds_flags_exactly_or_refuses_them<First>();
  holds_flags_exactly_or_refuses_them<Second>();
}

TEST(RiscvFormat, AnEntryWithoutRightsIsNeverALeaf) {
  First::Options<std::uint64_t> const options;
  EXPECT_FALSE(First::representable(options, MappingFlags(Flag::USER)));
  EXPECT_FALSE(First::representable(options, MappingFlags()));
  EXPECT_EQ(First::table(std::uint64_t{0x5000}), 0x1401u);
  EXPECT_FALSE(First::large(std::uint64_t{0x1401}));
  EXPECT_EQ(First::table_address(std::uint64_t{0x1401}), 0x5000u);
  EXPECT_EQ(First::table_address(~std::uint64_t{0}), mask(55, 12));
}

TEST(RiscvFormat, GivesTheSecondStageALargerRootAndNoSign) {
  EXPECT_EQ(std::string(Riscv<3>::name), "sv39");
  EXPECT_EQ(std::string((Riscv<4, RiscvStage::second>::name)), "sv48x4");
  EXPECT_EQ(Riscv<3>::address_bits, 39);
  EXPECT_TRUE(Riscv<3>::canonical(~mask(37, 0)));
  EXPECT_FALSE(Riscv<3>::canonical(bit(38)));
  using Sv39x4 = Riscv<3, RiscvStage::second>;
  EXPECT_EQ(Sv39x4::address_bits, 41);
  EXPECT_TRUE(Sv39x4::canonical(mask(40, 0)));
  EXPECT_FALSE(Sv39x4::canonical(bit(41)));
}

TEST(RiscvFormat, HasLeavesAtEveryLevel) {
  Riscv<3>::Options<std::uint64_t> const options;
  for (int log2 = 12; log2 < 60; ++log2) {
    bool const is_size = log2 == 12 || log2 == 21 || log2 == 30;
    EXPECT_EQ(Riscv<3>::supports(options, static_cast<PageSize>(log2)), is_size) << log2;
    EXPECT_EQ(Riscv<5>::supports(First::Options<std::uint64_t>(), static_cast<PageSize>(log2)),
              is_size || log2 == 39 || log2 == 48)
        << log2;
  }
}

TEST(RiscvFormat, ForgetsWhatIsNoLongerGranted) {
  First::Options<std::uint64_t> const first;
  Second::Options<std::uint64_t> const second;
  struct Row {
    std::uint64_t before;
    std::uint64_t after;
    bool in_first;
    bool in_second;
  };
  Row const rows[] = {
      {0x14df, 0x14d3, true, true},   {0x14d3, 0x14df, false, false},
      {0x14df, 0x145f, true, true},   {0x145f, 0x14df, false, false},
      {0x14df, 0x149f, false, false}, {0x14cf, 0x14df, true, false},
      {0x14df, 0x14cf, true, true},   {0x14ff, 0x14df, true, false},
      {0x14df, 0x17df, false, false}, {0x14df, 0x20000000000014df, true, true},
  };
  for (Row const& row : rows) {
    EXPECT_EQ(First::must_invalidate(first, 1, row.before, row.after), row.in_first)
        << std::hex << row.before << " to " << row.after;
    EXPECT_EQ(Second::must_invalidate(second, 1, row.before, row.after), row.in_second)
        << std::hex << row.before << " to " << row.after;
  }
}

TEST(RiscvFormat, ProtectReplacesNothingButFlags) {
  std::uint64_t const before = 0x8f3fffffffffffff & ~std::uint64_t{0x2e};
  Attributes<std::uint64_t> const read{First::encode({}, MappingFlags(Flag::READ))};
  std::uint64_t const after = First::with_attributes(1, before, read);
  EXPECT_EQ(after ^ before, std::uint64_t{0x12}) << "R comes, U goes";
  EXPECT_EQ(First::with_software_of(before, read).bits & mask(9, 8), mask(9, 8));
  EXPECT_EQ(First::without_dirty(First::with_dirty(std::uint64_t{1})), 1u);
  EXPECT_EQ(First::without_accessed(First::with_accessed(std::uint64_t{1})), 1u);
}

TEST(RiscvFormat, ProtectPresetsDirtyOfWhatBecomesWritable) {
  for (bool const tracked : {false, true}) {
    First::Options<std::uint64_t> const options(machine(false, tracked));
    auto const writable = First::encode(options, Flag::READ | Flag::WRITE);
    std::uint64_t const preset = tracked ? 0 : 0x80;
    EXPECT_EQ(First::with_attributes(1, std::uint64_t{0x1443}, writable), 0x1447 | preset);
    // One that was writable keeps what it has.
    EXPECT_EQ(First::with_attributes(1, std::uint64_t{0x1447}, writable), 0x1447u);
    // In the second stage nobody writes where U is not set, nor is G anybody's.
    Second::Options<std::uint64_t> const guest(machine(false, tracked));
    auto const granted = Second::encode(guest, Flag::READ | Flag::WRITE);
    EXPECT_EQ(Second::with_attributes(1, std::uint64_t{0x1467}, granted), 0x1457 | preset);
    EXPECT_EQ(Second::with_attributes(1, std::uint64_t{0x1457}, granted), 0x1457u);
  }
}

}  // namespace
}  // namespace twinwalk::test
