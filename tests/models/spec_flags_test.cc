// The neutral flags of the spec against the contract's paragraph read aloud.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "models/specs.hpp"

namespace twinwalk::models {
namespace {

using Four = X86_64Spec<4>;
using enum Flag;

std::vector<MachineOptions> all_options() {
  std::vector<MachineOptions> all;
  for (int choice = 0; choice < 4; ++choice) {
    MachineOptions options;
    options.no_execute = (choice & 1) != 0;
    options.protection_keys = (choice & 2) != 0;
    all.push_back(options);
  }
  return all;
}

// Every combination of the low 13 bits, the memory type among them, with some keys and software.
template <class Visitor>
void for_many_flags(Visitor&& visitor) {
  for (std::uint64_t low = 0; low < (1U << 16); ++low) {
    for (std::uint64_t key : {0U, 1U, 15U}) {
      visitor(MappingFlags(low).with_key(key).with_software((low * 7 + key) & 0x3ff));
    }
  }
}

bool representable_by_the_contract(MachineOptions const& options, MappingFlags flags) {
  if (!flags.has(READ)) return false;
  if (!options.no_execute && !flags.has(EXECUTE)) return false;
  if (flags.has(IGNORE_PAT)) return false;
  if ((flags.bits >> 13 & 7) != 0 || flags.bits >> 30 != 0) return false;
  if (flags.key() != 0 && !options.protection_keys) return false;
  if (flags.has(TYPED)) {
    if (flags.has(DEVICE) || flags.has(UNCACHED)) return false;
    return flags.memory_type() < 8;
  }
  return flags.memory_type() == 0;
}

TEST(X86_64Flags, AreRepresentableExactlyWhereTheContractSaysSo) {
  for (MachineOptions const& options : all_options()) {
    int yes = 0;
    for_many_flags([&](MappingFlags flags) {
      bool const expected = representable_by_the_contract(options, flags);
      yes += expected ? 1 : 0;
      ASSERT_EQ(Four::representable(options, flags), expected) << std::hex << flags.bits;
    });
    EXPECT_GT(yes, 50);
  }
}

TEST(X86_64Flags, OfReservedNeutralBitsAreRefused) {
  MachineOptions options;
  options.protection_keys = true;
  for (int n = 0; n < 64; ++n) {
    bool const reserved = n == 12 || (n >= 13 && n <= 15) || n >= 30;
    if (n >= 8 && n <= 11) continue;  // a memory type, judged above
    std::uint64_t const bits = MappingFlags(READ).bits | std::uint64_t{1} << n;
    EXPECT_EQ(Four::representable(options, MappingFlags(bits)), !reserved) << n;
  }
}

TEST(X86_64Flags, NormaliseToTheNamesThatComeBack) {
  MachineOptions const options;
  MappingFlags const base = READ | WRITE;
  auto normal = [&](MappingFlags flags) { return Four::normalise(options, flags); };
  EXPECT_EQ(normal(base), base);
  EXPECT_EQ(normal(base | UNCACHED), base | UNCACHED);
  EXPECT_EQ(normal(base | DEVICE), base | DEVICE);
  EXPECT_EQ(normal(base | DEVICE | UNCACHED), base | DEVICE);
  EXPECT_EQ(normal(base.with_memory_type(0)), base);
  EXPECT_EQ(normal(base.with_memory_type(1)), base.with_memory_type(1));
  EXPECT_EQ(normal(base.with_memory_type(2)), base | UNCACHED);
  EXPECT_EQ(normal(base.with_memory_type(3)), base | DEVICE);
  for (std::uint64_t type = 4; type < 8; ++type) {
    EXPECT_EQ(normal(base.with_memory_type(type)), base.with_memory_type(type));
  }
  MappingFlags const rich =
      (base | USER | EXECUTE | GLOBAL).with_key(9).with_software(0x2a5).with_memory_type(2);
  EXPECT_EQ(normal(rich),
            (base | USER | EXECUTE | GLOBAL | UNCACHED).with_key(9).with_software(0x2a5));
}

TEST(X86_64Flags, NormaliseOnceAndForAll) {
  for (MachineOptions const& options : all_options()) {
    for_many_flags([&](MappingFlags flags) {
      if (!Four::representable(options, flags)) return;
      MappingFlags const normal = Four::normalise(options, flags);
      ASSERT_EQ(Four::normalise(options, normal), normal);
      ASSERT_TRUE(Four::representable(options, normal));
    });
  }
}

TEST(X86_64Flags, AreReadFromTheFieldsOfALeaf) {
  MachineOptions options;
  options.protection_keys = true;
  auto read = [&](int level, std::uint64_t entry) {
    return Four::flags_of_leaf(options, level, entry);
  };
  EXPECT_EQ(read(1, 0x8000000000005001), MappingFlags(READ));
  EXPECT_EQ(read(1, 0x5001), READ | EXECUTE);
  EXPECT_EQ(read(1, 0x5067), READ | WRITE | EXECUTE | USER);
  EXPECT_EQ(read(1, 0x8000000000005103), READ | WRITE | GLOBAL);
  EXPECT_EQ(read(1, 0x8000000000005011), READ | UNCACHED);
  EXPECT_EQ(read(1, 0x8000000000005019), READ | DEVICE);
  EXPECT_EQ(read(1, 0x8000000000005009), MappingFlags(READ).with_memory_type(1));
  EXPECT_EQ(read(1, 0x8000000000005081), MappingFlags(READ).with_memory_type(4));
  EXPECT_EQ(read(2, 0x8000000000600081), MappingFlags(READ));
  EXPECT_EQ(read(2, 0x8000000000601081), MappingFlags(READ).with_memory_type(4));
  EXPECT_EQ(read(3, 0x8000000080001099), MappingFlags(READ).with_memory_type(7));
  EXPECT_EQ(read(1, 0xf800000000005001), MappingFlags(READ).with_key(15));
  EXPECT_EQ(read(1, 0x8010000000005a01), MappingFlags(READ).with_software(0xd));
  options.protection_keys = false;
  EXPECT_EQ(read(1, 0xf800000000005001), MappingFlags(READ));
}

TEST(X86_64Flags, OfAnyWellFormedLeafAreNormalAndRepresentable) {
  std::mt19937_64 random(2);
  for (MachineOptions const& options : all_options()) {
    X86_64Settings const settings = Four::settings(options);
    int leaves = 0;
    for (int i = 0; i < 100000; ++i) {
      int const level = 1 + static_cast<int>(random() % 3);
      std::uint64_t entry = random() | 1;
      if (level > 1) entry &= ~mask(level == 3 ? 29 : 20, 13);
      if (!options.no_execute) entry &= mask(62, 0);
      if (!Four::is_leaf(settings, level, entry)) continue;
      ++leaves;
      MappingFlags const flags = Four::flags_of_leaf(options, level, entry);
      ASSERT_TRUE(Four::representable(options, flags)) << std::hex << entry;
      ASSERT_EQ(Four::normalise(options, flags), flags) << std::hex << entry;
    }
    EXPECT_GT(leaves, 1000);
  }
}

TEST(X86_64Flags, OfAPathHaveTheRightsOfAllItsEntries) {
  MachineOptions const options;
  Four::Rights const closed{0, 0, 1};
  EXPECT_EQ(Four::effective_flags<std::uint64_t>(options, closed, 1, 0x5167), READ | GLOBAL);
  Four::Rights const open{1, 1, 0};
  EXPECT_EQ(Four::effective_flags<std::uint64_t>(options, open, 1, 0x5001),
            READ | WRITE | EXECUTE | USER);
}

TEST(X86_64Flags, NameTheSizesThatTheMachineHas) {
  MachineOptions options;
  EXPECT_TRUE(Four::supports(options, PageSize::Size4K));
  EXPECT_TRUE(Four::supports(options, PageSize::Size2M));
  EXPECT_TRUE(Four::supports(options, PageSize::Size1G));
  EXPECT_FALSE(Four::supports(options, PageSize::Size512G));
  EXPECT_FALSE(Four::supports(options, PageSize::Size256T));
  EXPECT_FALSE(Four::supports(options, static_cast<PageSize>(16)));
  options.gigabyte_pages = false;
  EXPECT_FALSE(Four::supports(options, PageSize::Size1G));
  EXPECT_TRUE(Four::supports(options, PageSize::Size2M));
}

}  // namespace
}  // namespace twinwalk::models
