// The laws of the x86-64 encoding, each against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>

#include "engine/formats/x86_64.hpp"

namespace twinwalk::test {
namespace {

using F4 = X86_64<4>;
using F5 = X86_64<5>;
using Options = F4::Options<std::uint64_t>;

constexpr std::uint64_t address_of_level[] = {0, 0x000f'ffff'ffff'f000, 0x000f'ffff'ffe0'0000,
                                              0x000f'ffff'c000'0000};

MachineOptions machine(bool no_execute, bool keys) {
  MachineOptions options;
  options.no_execute = no_execute;
  options.protection_keys = keys;
  return options;
}

bool may_be_held(MachineOptions const& options, MappingFlags f) {
  std::uint64_t const known = 0xff | 0xf00 | 0xf0000 | 0x3ff00000;
  if ((f.bits & ~known) != 0) return false;
  if (!f.has(Flag::READ)) return false;
  if (!f.has(Flag::EXECUTE) && !options.no_execute) return false;
  if (f.key() != 0 && !options.protection_keys) return false;
  if (!f.has(Flag::TYPED)) return f.memory_type() == 0;
  return f.memory_type() < 8 && !f.has(Flag::DEVICE) && !f.has(Flag::UNCACHED);
}

MappingFlags normalised(MappingFlags f) {
  MappingFlags const untyped(f.bits & ~std::uint64_t{0xf80});
  if (f.has(Flag::TYPED)) {
    if (f.memory_type() == 0) return untyped;
    if (f.memory_type() == 2) return untyped | Flag::UNCACHED;
    if (f.memory_type() == 3) return untyped | Flag::DEVICE;
    return f;
  }
  if (f.has(Flag::DEVICE)) return f.without(Flag::UNCACHED);
  return f;
}

std::uint64_t leaf_by_hand(int level, std::uint64_t address, MappingFlags f) {
  std::uint64_t type = 0;
  if (f.has(Flag::UNCACHED)) type = 2;
  if (f.has(Flag::DEVICE)) type = 3;
  if (f.has(Flag::TYPED)) type = f.memory_type();
  std::uint64_t entry = address | 1;
  if (f.has(Flag::WRITE)) entry |= 2;
  if (f.has(Flag::USER)) entry |= 4;
  if (type & 1) entry |= 8;
  if (type & 2) entry |= 0x10;
  if (type & 4) entry |= level == 1 ? 0x80 : 0x1000;
  if (level > 1) entry |= 0x80;
  if (f.has(Flag::GLOBAL)) entry |= 0x100;
  entry |= (f.software() & 7) << 9;
  entry |= (f.software() >> 3) << 52;
  entry |= f.key() << 59;
  if (!f.has(Flag::EXECUTE)) entry |= std::uint64_t{1} << 63;
  return entry;
}

// Calls visit(flags) for every combination of the eight named flags and every type, with some keys,
// software bits and unknown bits.
template <class Visit>
void for_all_flags(Visit visit) {
  for (std::uint64_t low = 0; low < 0x1000; ++low) {
    for (std::uint64_t const key : {0u, 1u, 6u, 15u}) {
      for (std::uint64_t const software : {0u, 1u, 4u, 8u, 0x155u, 0x3ffu}) {
        visit(MappingFlags(low).with_key(key).with_software(software));
      }
    }
    for (int unknown : {12, 13, 15, 30, 31, 63}) visit(MappingFlags(low | bit(unknown)));
  }
}

TEST(X86_64Format, FlagsAreHeldExactlyOrRefusedAndComeBackNormalised) {
  for (bool const no_execute : {false, true}) {
    for (bool const keys : {false, true}) {
      MachineOptions const options = machine(no_execute, keys);
      Options const engine(options);
      int held = 0;
      for_all_flags([&](MappingFlags f) {
        ASSERT_EQ(F4::representable(engine, f), may_be_held(options, f)) << std::hex << f.bits;
        if (!may_be_held(options, f)) return;
        ++held;
        for (int level = 1; level <= 3; ++level) {
          std::uint64_t const address = address_of_level[level];
          std::uint64_t const entry = F4::leaf(level, address, F4::encode(Options(), f));
          ASSERT_EQ(entry, leaf_by_hand(level, address, f)) << std::hex << f.bits;
          ASSERT_EQ(F4::decode(engine, level, entry), normalised(f)) << std::hex << f.bits;
          ASSERT_EQ(F4::leaf_address(level, entry), address);
        }
      });
      EXPECT_GT(held, 300);
    }
  }
}

TEST(X86_64Format, BothLevelCountsEncodeAlike) {
  for_all_flags([&](MappingFlags f) {
    ASSERT_EQ(F4::encode(Options(), f).bits, F5::encode({}, f).bits);
    ASSERT_EQ(F4::representable(Options(), f), F5::representable(F5::Options<std::uint64_t>(), f));
  });
}

TEST(X86_64Format, KeyBitsAreNoKeysWhereKeysAreOff) {
  std::uint64_t const entry = 0x7800'0000'0000'1001;
  EXPECT_EQ(F4::decode(Options(machine(true, false)), 1, entry).key(), 0u);
  EXPECT_EQ(F4::decode(Options(machine(true, true)), 1, entry).key(), 15u);
}

TEST(X86_64Format, NewAttributesKeepAddressAccessedDirtyAndSoftwareBits) {
  std::uint64_t const kept_of_level[] = {0, 0x07ff'ffff'ffff'fe61, 0x07ff'ffff'ffff'eee1,
                                         0x07ff'ffff'ffff'eee1};
  for (int level = 1; level <= 3; ++level) {
    for (std::uint64_t const was :
         {~0ull, 1ull, 0x0123'4567'89ab'cdefull, 0xfedc'ba98'7654'3211ull}) {
      std::uint64_t const leaf = level > 1 ? was | 0x80 : was;
      for_all_flags([&](MappingFlags f) {
        if (!may_be_held(machine(true, true), f)) return;
        std::uint64_t const changed = F4::with_attributes(level, leaf, F4::encode(Options(), f));
        std::uint64_t const kept = kept_of_level[level];
        ASSERT_EQ(changed & kept, leaf & kept) << level;
        ASSERT_EQ(changed & ~kept, leaf_by_hand(level, 0, f) & ~kept) << level;
      });
    }
  }
}

TEST(X86_64Format, SoftwareBitsOfALeafReplaceThoseOfTheAttributes) {
  auto const attributes = F4::encode(Options(), MappingFlags(Flag::READ).with_software(0x0f0));
  std::uint64_t const leaf =
      leaf_by_hand(1, 0x5000, (Flag::READ | Flag::WRITE).with_software(0x30f));
  EXPECT_EQ(F4::leaf<std::uint64_t>(1, 0x5000, F4::with_software_of(leaf, attributes)),
            leaf_by_hand(1, 0x5000, MappingFlags(Flag::READ).with_software(0x30f)));
}

TEST(X86_64Format, PiecesOfASplitAreLeavesOfTheSameFlagsOnePageApart) {
  for (int level = 2; level <= 3; ++level) {
    std::uint64_t const address = 0x000a'bcde'c000'0000;
    std::uint64_t const step = level == 3 ? 0x200000 : 0x1000;
    for_all_flags([&](MappingFlags f) {
      if (!may_be_held(machine(true, true), f)) return;
      std::uint64_t const leaf = leaf_by_hand(level, address, f) | 0x60;
      std::uint64_t const first = F4::first_piece(level, leaf);
      for (std::uint64_t const k : {0u, 1u, 2u, 511u}) {
        ASSERT_EQ(first + k * step, leaf_by_hand(level - 1, address + k * step, f) | 0x60);
      }
    });
  }
}

TEST(X86_64Format, AccessedAndDirtyAreBitsFiveAndSix) {
  EXPECT_EQ(F4::with_accessed(std::uint64_t{1}), 0x21u);
  EXPECT_EQ(F4::with_dirty(std::uint64_t{1}), 0x41u);
  EXPECT_EQ(F4::without_accessed(~0ull), ~0x20ull);
  EXPECT_EQ(F4::without_dirty(~0ull), ~0x40ull);
  EXPECT_EQ(F4::accessed(std::uint64_t{0x20}), 1u);
  EXPECT_EQ(F4::accessed(~0x20ull), 0u);
  EXPECT_EQ(F4::dirty(std::uint64_t{0x40}), 1u);
  EXPECT_EQ(F4::dirty(~0x40ull), 0u);
}

TEST(X86_64Format, WhatMustBeFlushedIsEveryChangeButMoreRightsAndAccessed) {
  // From invalidation.md, table 2.1: which change of which bit is owed, by hand.
  auto const owed = [](int level, int changed, bool set) {
    if (changed == 1) return !set;                      // W
    if (changed == 2) return true;                      // U, either way
    if (changed == 3 || changed == 4) return true;      // PWT, PCD
    if (changed == 5) return false;                     // A
    if (changed == 6) return !set;                      // D
    if (changed == (level == 1 ? 7 : 12)) return true;  // PAT
    if (changed == 8) return true;                      // G
    if (changed >= 59 && changed <= 62) return true;    // key
    if (changed == 63) return set;                      // XD
    return false;                                       // software
  };
  for (int level = 1; level <= 3; ++level) {
    for (int changed = 1; changed < 64; ++changed) {
      if ((changed >= 12 && changed < 52 && !(level > 1 && changed == 12)) ||
          (level > 1 && changed == 7)) {
        continue;  // the address and PS do not change in place
      }
      std::uint64_t const clear = level > 1 ? 0x81 : 0x1;
      std::uint64_t const set = clear | bit(changed);
      EXPECT_EQ(F4::must_invalidate(Options(), level, clear, set), owed(level, changed, true))
          << changed;
      EXPECT_EQ(F4::must_invalidate(Options(), level, set, clear), owed(level, changed, false))
          << changed;
    }
  }
}

TEST(X86_64Format, CanonicalAddressesAreSignExtendedFromTheTopBit) {
  EXPECT_TRUE(F4::canonical<std::uint64_t>(0x0000'7fff'ffff'ffff));
  EXPECT_FALSE(F4::canonical<std::uint64_t>(0x0000'8000'0000'0000));
  EXPECT_FALSE(F4::canonical<std::uint64_t>(0xffff'7fff'ffff'ffff));
  EXPECT_TRUE(F4::canonical<std::uint64_t>(0xffff'8000'0000'0000));
  EXPECT_TRUE(F4::canonical<std::uint64_t>(~0ull));
  EXPECT_TRUE(F5::canonical<std::uint64_t>(0x00ff'ffff'ffff'ffff));
  EXPECT_FALSE(F5::canonical<std::uint64_t>(0x0100'0000'0000'0000));
  EXPECT_FALSE(F5::canonical<std::uint64_t>(0xfeff'ffff'ffff'ffff));
  EXPECT_TRUE(F5::canonical<std::uint64_t>(0xff00'0000'0000'0000));
}

TEST(X86_64Format, PhysicalRangesEndWithTheWidthOfTheMachine) {
  for (int bits = 32; bits <= 52; ++bits) {
    MachineOptions options;
    options.physical_bits = static_cast<std::uint8_t>(bits);
    Options const engine(options);
    std::uint64_t const last = (std::uint64_t{1} << bits) - 1;
    EXPECT_TRUE(F4::physical_range_fits<std::uint64_t>(engine, 0, last));
    EXPECT_FALSE(F4::physical_range_fits<std::uint64_t>(engine, 0, last + 1));
    EXPECT_FALSE(F4::physical_range_fits<std::uint64_t>(engine, ~0ull << 12, 0)) << "wrapped";
  }
}

}  // namespace
}  // namespace twinwalk::test
