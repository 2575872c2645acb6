// The spec of LoongArch64 paging, each rule against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "models/spec/loongarch64.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {
namespace {

using Spec = LoongArchSpec;

constexpr std::uint64_t one(int n) { return std::uint64_t{1} << n; }

// ---- Entries ----

TEST(LoongArchReading, TellsAPageFromADirectoryAndAHoleByTheirBits) {
  LoongArchSettings const software(LoongArchMachine{.hardware_walks = 0, .void_entry = 0x9000});
  LoongArchSettings const hardware(LoongArchMachine{.hardware_walks = 1, .void_entry = 0x9000});
  std::mt19937_64 random(3);
  int seen[4] = {};
  for (int i = 0; i < 100'000; ++i) {
    int const level = 1 + i % 4;
    std::uint64_t const entry = i % 9 == 0 ? 0x9000 : random();
    bool const page = level == 1 || (entry & 0x40) != 0;
    for (bool const walks : {false, true}) {
      bool const there = (entry & 0x80) != 0 || (!walks && (entry & 1) != 0);
      EntryKind const expected = page              ? (there ? EntryKind::leaf : EntryKind::hole)
                                 : entry == 0x9000 ? EntryKind::hole
                                                   : EntryKind::table;
      EntryKind const kind = Spec::classify(walks ? hardware : software, level, entry);
      ASSERT_EQ(kind, expected) << std::hex << entry << " " << level;
      ++seen[static_cast<int>(kind)];
    }
  }
  EXPECT_GT(seen[static_cast<int>(EntryKind::hole)], 1000);
  EXPECT_GT(seen[static_cast<int>(EntryKind::leaf)], 1000);
  EXPECT_GT(seen[static_cast<int>(EntryKind::table)], 1000);
  EXPECT_EQ(seen[static_cast<int>(EntryKind::malformed)], 0);
}

TEST(LoongArchReading, FindsGlobalWhereThePageHasIt) {
  LoongArchSettings const settings{LoongArchMachine{}};
  EXPECT_EQ(Spec::global(settings, 1, one(6)), 1u);
  EXPECT_EQ(Spec::global(settings, 1, one(12)), 0u);
  EXPECT_EQ(Spec::global(settings, 2, one(6)), 0u);
  EXPECT_EQ(Spec::global(settings, 2, one(12) | one(6)), 1u);
  EXPECT_EQ(Spec::leaf_address(2, ~std::uint64_t{0}), mask(47, 21));
  EXPECT_EQ(Spec::leaf_address(1, ~std::uint64_t{0}), mask(47, 12));
}

TEST(LoongArchReading, TakesDirtyFromDOrFromTheNote) {
  EXPECT_EQ(Spec::dirty(1, std::uint64_t{2}), 1u);
  EXPECT_EQ(Spec::dirty(1, one(9)), 1u);
  EXPECT_EQ(Spec::dirty(1, one(8)), 0u);
}

// ---- Accesses ----

// "TLB-based Translation of Virtual Addresses to Physical Addresses", from found_v on.
std::string_view by_the_pseudocode(std::uint64_t e, AccessKind kind, std::uint64_t plv,
                                   std::uint64_t dwpl) {
  bool const fetch = kind == AccessKind::fetch;
  bool const load = kind == AccessKind::read;
  bool const store = kind == AccessKind::write;
  auto const on = [&](int n) { return (e >> n & 1) != 0; };
  std::uint64_t const page_plv = e >> 2 & 3;
  if (!on(0)) return fetch ? "PIF" : load ? "PIL" : "PIS";
  if (fetch && on(62)) return "PNX";
  if ((!on(63) && plv > page_plv) || (on(63) && plv != page_plv)) return "PPI";
  if (load && on(61)) return "PNR";
  if (store && !on(1) && (plv == 3 || (dwpl >> plv & 1) == 0)) return "PME";
  return "OK";
}

struct OneEntry {
  std::uint64_t entry;
  std::uint64_t load(std::uint64_t slot) const { return slot < 0x4000 ? slot + 0x1000 : entry; }
};

TEST(LoongArchRules, AreThoseOfThePseudocode) {
  std::mt19937_64 random(5);
  int allowed = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::uint64_t const r = random();
    auto const kind = static_cast<AccessKind>((r & 0xff) % 3);
    std::uint64_t const plv = r >> 8 & 3;
    std::uint64_t const dwpl = r >> 10 & 7;
    std::uint64_t const entry =
        0x5110 | (random() & (mask(63, 61) | mask(8, 6) | mask(3, 0))) | (i % 4 != 0 ? 1 : 0);
    LoongArchSettings const settings(LoongArchMachine{},
                                     {.kernel_level = plv == 3 ? 0 : plv, .writes_unasked = dwpl});
    Access const access{.kind = kind, .user = plv == 3};
    // Directories at 0x1000 to 0x3000 lead to the next, and every slot of 0x4000 holds the entry.
    auto const result = walk<Spec>(OneEntry{entry}, settings, 0x1000, 0, access);
    std::string const expected(by_the_pseudocode(entry, kind, plv, dwpl));
    std::string const got(result.ok() ? "OK" : result.fault.name);
    ASSERT_EQ(got, expected) << std::hex << entry << " plv " << plv << " dwpl " << dwpl;
    if (result.ok()) ++allowed;
  }
  EXPECT_GT(allowed, 10'000);
}

TEST(LoongArchRules, OfAHardwareWalkerSetValidAndDirty) {
  LoongArchSettings const settings(LoongArchMachine{.hardware_walks = 1});
  Access const stores{.kind = AccessKind::write};
  Access const loads{.kind = AccessKind::read};
  auto const changed = [&](std::uint64_t entry, Access const& access) -> std::uint64_t {
    auto const result = walk<Spec>(OneEntry{entry}, settings, 0x1000, 0, access);
    EXPECT_TRUE(result.ok());
    return result.update_count == 0 ? 0 : result.begin()->mask;
  };
  EXPECT_EQ(changed(0x5190, loads), 1u);
  EXPECT_EQ(changed(0x5190, stores), 3u);
  EXPECT_EQ(changed(0x5193, stores), 0u);
}

}  // namespace
}  // namespace twinwalk::models
