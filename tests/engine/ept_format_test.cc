// The laws of the EPT encoding, each against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>

#include "engine/formats/ept.hpp"

namespace twinwalk::test {
namespace {

using E4 = Ept<4>;
using E5 = Ept<5>;
using Options = E4::Options<std::uint64_t>;

constexpr std::uint64_t address_of_level[] = {0, 0x000f'ffff'ffff'f000, 0x000f'ffff'ffe0'0000,
                                              0x000f'ffff'c000'0000};
constexpr int software_bit_of[] = {11, 52, 53, 54, 55, 56, 59, 62};

MachineOptions machine(bool execute_only, bool mode_based, bool tracked) {
  MachineOptions options;
  options.execute_only = execute_only;
  options.mode_based_execute = mode_based;
  options.hardware_updates = tracked ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
  return options;
}

bool is_type(std::uint64_t type) { return type == 0 || type == 1 || (type >= 4 && type <= 6); }

bool may_be_held(MachineOptions const& options, MappingFlags f) {
  std::uint64_t const known = 0xbf | 0xf00 | 0x1000 | 0x0ff00000;
  if ((f.bits & ~known) != 0) return false;
  if (!f.has(Flag::READ)) {
    if (f.has(Flag::WRITE) || !f.has(Flag::EXECUTE) || !options.execute_only) return false;
  }
  if (!f.has(Flag::TYPED)) return f.memory_type() == 0;
  return is_type(f.memory_type()) && !f.has(Flag::DEVICE) && !f.has(Flag::UNCACHED);
}

MappingFlags normalised(MappingFlags f) {
  f = f.without(Flag::USER);
  MappingFlags const untyped(f.bits & ~std::uint64_t{0xf80});
  if (f.has(Flag::TYPED)) {
    if (f.memory_type() == 6) return untyped;
    if (f.memory_type() == 1) return untyped | Flag::UNCACHED;
    if (f.memory_type() == 0) return untyped | Flag::DEVICE;
    return f;
  }
  if (f.has(Flag::DEVICE)) return f.without(Flag::UNCACHED);
  return f;
}

std::uint64_t leaf_by_hand(MachineOptions const& options, int level, std::uint64_t address,
                           MappingFlags f) {
  std::uint64_t type = 6;
  if (f.has(Flag::UNCACHED)) type = 1;
  if (f.has(Flag::DEVICE)) type = 0;
  if (f.has(Flag::TYPED)) type = f.memory_type();
  std::uint64_t entry = address | (type << 3);
  if (f.has(Flag::READ)) entry |= 1;
  if (f.has(Flag::WRITE)) entry |= 2;
  if (f.has(Flag::EXECUTE)) entry |= 0x404;
  if (f.has(Flag::IGNORE_PAT)) entry |= 0x40;
  if (level > 1) entry |= 0x80;
  if (options.hardware_updates == HardwareUpdates::none) {
    entry |= 0x100;
    if (f.has(Flag::WRITE)) entry |= 0x200;
  }
  for (int k = 0; k < 8; ++k) entry |= ((f.software() >> k) & 1) << software_bit_of[k];
  return entry;
}

// Calls visit(flags) for every combination of the named flags and every type, with some software
// bits and unknown bits.
template <class Visit>
void for_all_flags(Visit visit) {
  for (std::uint64_t named = 0; named < 0x100; ++named) {
    for (std::uint64_t type = 0; type < 16; ++type) {
      for (std::uint64_t const more : {0x0ull, 0x1000ull, 0x10000ull, 0x00500000ull, 0x0fa01000ull,
                                       0x10000000ull, 0x2000ull}) {
        visit(MappingFlags(named | (type << 8) | more));
      }
    }
  }
}

TEST(EptFormat, FlagsAreHeldExactlyOrRefusedAndComeBackNormalised) {
  for (int which = 0; which < 8; ++which) {
    MachineOptions const options = machine((which & 1) != 0, (which & 2) != 0, (which & 4) != 0);
    Options const engine(options);
    int held = 0;
    for_all_flags([&](MappingFlags f) {
      ASSERT_EQ(E4::representable(engine, f), may_be_held(options, f)) << std::hex << f.bits;
      if (!may_be_held(options, f)) return;
      ++held;
      for (int level = 1; level <= 3; ++level) {
        std::uint64_t const address = address_of_level[level];
        std::uint64_t const entry = E4::leaf(level, address, E4::encode(engine, f));
        ASSERT_EQ(entry, leaf_by_hand(options, level, address, f)) << std::hex << f.bits;
        ASSERT_EQ(E4::decode(engine, level, entry), normalised(f)) << std::hex << f.bits;
        ASSERT_EQ(E4::leaf_address(level, entry), address);
        ASSERT_TRUE(E4::present(engine, level, entry));
      }
    });
    EXPECT_GT(held, 200);
  }
}

TEST(EptFormat, BothLevelCountsEncodeAlike) {
  for_all_flags([&](MappingFlags f) {
    ASSERT_EQ(E4::encode({}, f).bits, E5::encode({}, f).bits);
    ASSERT_EQ(E4::representable(Options(), f), E5::representable(E5::Options<std::uint64_t>(), f));
  });
}

TEST(EptFormat, FetchingByUsersMakesAnEntryPresentOnlyWhereItIsAskedFor) {
  Options const plain(machine(true, false, true));
  Options const mode_based(machine(true, true, true));
  EXPECT_FALSE(E4::present(plain, 1, std::uint64_t{0x5400}));
  EXPECT_TRUE(E4::present(mode_based, 1, std::uint64_t{0x5400}));
  EXPECT_FALSE(E4::present(mode_based, 1, std::uint64_t{0x50f8}));
  // And EXECUTE is what both may fetch.
  EXPECT_TRUE(E4::decode(plain, 1, std::uint64_t{0x5035}).has(Flag::EXECUTE));
  EXPECT_FALSE(E4::decode(mode_based, 1, std::uint64_t{0x5035}).has(Flag::EXECUTE));
  EXPECT_TRUE(E4::decode(mode_based, 1, std::uint64_t{0x5435}).has(Flag::EXECUTE));
}

TEST(EptFormat, NewAttributesKeepAddressAccessedDirtyAndSoftwareBits) {
  std::uint64_t const kept = ~std::uint64_t{0x47f};
  MachineOptions const options = machine(true, true, true);
  for (std::uint64_t const was :
       {~0ull, 1ull, 0x0123'4567'89ab'cdefull, 0xfedc'ba98'7654'3211ull}) {
    for_all_flags([&](MappingFlags f) {
      if (!may_be_held(options, f)) return;
      std::uint64_t const changed = E4::with_attributes(1, was, E4::encode(Options(options), f));
      ASSERT_EQ(changed & kept, was & kept);
      ASSERT_EQ(changed & ~kept, leaf_by_hand(options, 1, 0, f) & ~kept);
    });
  }
}

TEST(EptFormat, DirtyIsPresetWhereverWriteIsNewAndTheProcessorSetsNone) {
  Options const untracked(machine(true, false, false));
  auto const writable = E4::encode(untracked, Flag::READ | Flag::WRITE);
  auto const readable = E4::encode(untracked, MappingFlags(Flag::READ));
  EXPECT_EQ(E4::with_attributes(1, std::uint64_t{0x5131}, writable), 0x5333u);
  // What was writable and was cleaned stays clean.
  EXPECT_EQ(E4::with_attributes(1, std::uint64_t{0x5133}, writable), 0x5133u);
  EXPECT_EQ(E4::with_attributes(1, std::uint64_t{0x5333}, readable), 0x5331u);
}

TEST(EptFormat, WhatMustBeFlushedIsEveryLessRightAndEveryOtherType) {
  for (bool const mode_based : {false, true}) {
    for (bool const tracked : {false, true}) {
      Options const options(machine(true, mode_based, tracked));
      for (int changed = 0; changed < 64; ++changed) {
        std::uint64_t const clear = 0xb000000000000800;
        std::uint64_t const set = clear | bit(changed);
        if (set == clear || (changed >= 12 && changed <= 51) || changed == 7) continue;
        bool const type = changed >= 3 && changed <= 6;
        bool const right = changed <= 2 || (changed == 10 && mode_based);
        bool const noted = changed == 9 && tracked;
        EXPECT_EQ(E4::must_invalidate(options, 1, clear, set), type) << changed;
        EXPECT_EQ(E4::must_invalidate(options, 1, set, clear), type || right || noted) << changed;
      }
    }
  }
}

TEST(EptFormat, PiecesAreNextSmallerLeaves) {
  EXPECT_EQ(E4::first_piece(3, std::uint64_t{0x400003b7}), 0x400003b7u);
  EXPECT_EQ(E4::first_piece(2, std::uint64_t{0x2003b7}), 0x200337u);
}

TEST(EptFormat, GuestPhysicalAddressesHaveNoSign) {
  EXPECT_TRUE(E4::canonical(std::uint64_t{0xffff'ffff'ffff}));
  EXPECT_FALSE(E4::canonical(std::uint64_t{0xffff'8000'0000'0000}));
  EXPECT_FALSE(E4::canonical(std::uint64_t{1} << 48));
  EXPECT_TRUE(E5::canonical((std::uint64_t{1} << 57) - 1));
  EXPECT_FALSE(E5::canonical(std::uint64_t{1} << 57));
}

}  // namespace
}  // namespace twinwalk::test
