// The spec of nested page tables, where it differs from the host's paging.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "models/spec/npt.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::models {
namespace {

using Host = X86_64Spec<4>;
using enum Flag;

TEST(NptReading, MakesOfEveryEntryWhatAnAmdHostMakesOfIt) {
  std::mt19937_64 random(11);
  int seen[4] = {};
  for (int i = 0; i < 200'000; ++i) {
    MachineOptions options;
    options.physical_bits = 46;
    options.no_execute = random() % 2 != 0;
    options.gigabyte_pages = random() % 2 != 0;
    std::uint64_t entry = random() & random() & random();
    if (i % 4 != 0) entry &= ~(mask(51, 46) | mask(29, 12));
    int const level = 1 + i % 4;
    EntryKind const kind = NptSpec::classify(NptSpec::settings(options), level, entry);
    ASSERT_EQ(kind, Host::classify(Host::settings(options, true), level, entry))
        << std::hex << entry << " " << level;
    ++seen[static_cast<int>(kind)];
  }
  for (int const count : seen) EXPECT_GT(count, 1000);
}

TEST(NptReading, PrintsWhatANestedWalkIgnores) {
  int ignored = 0;
  for (Field const& field : NptSpec::fields(1, 0x5007)) {
    EXPECT_NE(field.role, Role::global);
    EXPECT_NE(field.role, Role::key);
    ignored += field.role == Role::ignored ? 1 : 0;
  }
  EXPECT_EQ(ignored, 2);
  EXPECT_EQ(mask_of(npt::pml4e, Role::reserved), std::uint64_t{0x180});
}

TEST(NptGeometry, HasAddressesWithoutASign) {
  EXPECT_TRUE(NptSpec::canonical(mask(47, 0)));
  EXPECT_FALSE(NptSpec::canonical(std::uint64_t{1} << 48));
  EXPECT_FALSE(NptSpec::canonical(~std::uint64_t{0}));
}

TEST(NptFlags, RefuseWhatANestedLeafCannotSay) {
  MachineOptions options;
  options.protection_keys = true;
  auto const fits = [&](MappingFlags flags) { return NptSpec::representable(options, flags); };
  EXPECT_TRUE(fits(MappingFlags(READ)));
  EXPECT_TRUE(fits(READ | WRITE | EXECUTE | USER));
  EXPECT_FALSE(fits(READ | GLOBAL));
  EXPECT_FALSE(fits(MappingFlags(READ).with_key(1)));
  EXPECT_FALSE(fits(MappingFlags(WRITE)));
  options.no_execute = false;
  EXPECT_FALSE(fits(MappingFlags(READ)));
  EXPECT_TRUE(fits(READ | EXECUTE));
}

TEST(NptFlags, TakeUserAndDoNotReadItBack) {
  MachineOptions const options;
  EXPECT_EQ(NptSpec::normalise(options, READ | USER), MappingFlags(READ));
  EXPECT_EQ(NptSpec::normalise(options, READ | USER | DEVICE | UNCACHED), READ | DEVICE);
  EXPECT_EQ(NptSpec::flags_of_leaf(options, 1, std::uint64_t{0x5007}), READ | WRITE | EXECUTE);
  // A supervisor's leaf grants nothing.
  EXPECT_EQ(NptSpec::flags_of_leaf(options, 1, std::uint64_t{0x5003}), MappingFlags());
}

TEST(NptCache, JudgesAStoreByTheRowOfTheSheet) {
  using enum StaleEffect;
  struct Row {
    std::uint64_t old;
    std::uint64_t now;
    StaleEffect effect;
  };
  Row const rows[] = {
      {0x0, 0x5007, harmless},
      {0x5007, 0x5007, harmless},
      {0x5007, 0x0, must_invalidate},
      {0x5007, 0x5005, must_invalidate},
      {0x5005, 0x5007, lazy},
      {0x5007, 0x5003, must_invalidate},
      // What a leaf without U/S loses, nobody had.
      {0x5003, 0x5001, harmless},
      {0x5003, 0x5007, lazy},
      {0x5007, 0x8000000000005007, must_invalidate},
      {0x8000000000005007, 0x5007, lazy},
      {0x5007, 0x6007, must_invalidate},
      {0x5007, 0x500f, must_invalidate},
      {0x5047, 0x5007, must_invalidate},
      {0x5027, 0x5007, lazy},
      // G and the key field are ignored.
      {0x5107, 0x5007, harmless},
      {0x7800000000005007, 0x5007, harmless},
  };
  auto const settings = NptSpec::settings({});
  for (Row const& row : rows) {
    EXPECT_EQ(NptSpec::stale_effect(settings, 1, row.old, row.now).effect, row.effect)
        << std::hex << row.old << " -> " << row.now;
  }
  EXPECT_EQ(NptSpec::stale_effect(settings, 2, 0x5007, 0x200087).effect, must_invalidate);
  EXPECT_EQ(NptSpec::stale_effect(settings, 2, 0x5007, 0x500f).effect, must_invalidate);
  EXPECT_EQ(NptSpec::stale_effect(settings, 2, 0x5007, 0x5005).effect, must_invalidate);
  EXPECT_EQ(NptSpec::stale_effect(settings, 2, 0x5007, 0x5027).effect, harmless);
}

TEST(NptRules, SetDirtyForEveryWalkOfAGuestsTables) {
  auto const settings = NptSpec::settings({});
  Access access;
  EXPECT_EQ(NptSpec::hardware_sets(settings, access, 1, true), std::uint64_t{0x20});
  access.guest_walk = true;
  EXPECT_EQ(NptSpec::hardware_sets(settings, access, 1, true), std::uint64_t{0x60});
  EXPECT_EQ(NptSpec::hardware_sets(settings, access, 2, false), std::uint64_t{0x20});
}

}  // namespace
}  // namespace twinwalk::models
