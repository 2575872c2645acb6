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

// An empty directory leads into the void, and through it to a page that is not valid: what hardware
// does of itself is what the spec says of the hole.
TEST(LoongArchRules, OfTheVoidEndInTheLastLevel) {
  constexpr std::uint64_t the_void = 0x7654'3210'f000;
  struct Void {
    static std::uint64_t load(std::uint64_t slot) {
      return slot < 0x2000 ? the_void : slot - slot % 0x1000;
    }
  };
  for (AccessKind const kind : {AccessKind::read, AccessKind::write, AccessKind::fetch}) {
    Access const access{.kind = kind};
    auto const blind = walk<Spec>(Void{}, LoongArchSettings(LoongArchMachine{}), 0x1000, 0, access);
    auto const knowing = walk<Spec>(
        Void{}, LoongArchSettings(LoongArchMachine{.void_entry = the_void}), 0x1000, 0, access);
    EXPECT_EQ(blind.fault.name, knowing.fault.name);
    EXPECT_EQ(blind.fault.level, 1);
    EXPECT_EQ(knowing.fault.level, 4);
  }
}

// To software a page with W alone is clean, and one with neither W nor D is nobody's to write.
TEST(LoongArchRules, TellACleanPageFromOneThatIsNotWritable) {
  LoongArchSettings const settings(LoongArchMachine{});
  auto const refusal = [&](std::uint64_t entry) {
    Access const stores{.kind = AccessKind::write};
    return walk<Spec>(OneEntry{entry}, settings, 0x1000, 0, stores).fault.refusal;
  };
  EXPECT_EQ(refusal(0x5193), Refusal::none);
  EXPECT_EQ(refusal(0x5191), Refusal::dirty_clear);
  EXPECT_EQ(refusal(0x5091), Refusal::denied);
  EXPECT_EQ(refusal(0x5093), Refusal::none);
  EXPECT_EQ(refusal(0x5092), Refusal::accessed_clear);
}

// ---- In neutral words ----

using enum Flag;

TEST(LoongArchFlags, AreRepresentableExactlyWhereTheContractSaysSo) {
  for (std::uint64_t bits = 0; bits < (1U << 13); ++bits) {
    for (std::uint64_t const more : {0x0ull, 0x10000ull, 0x300000ull, 0x400000ull}) {
      MappingFlags const f(bits | more);
      bool held = !f.has(IGNORE_PAT) && f.key() == 0 && f.software() < 4 &&
                  (f.has(READ) || f.has(WRITE) || f.has(EXECUTE));
      if (f.has(TYPED)) {
        held = held && !f.has(DEVICE) && !f.has(UNCACHED) && f.memory_type() < 3;
      } else {
        held = held && f.memory_type() == 0;
      }
      EXPECT_EQ(Spec::representable(MachineOptions{}, f), held) << std::hex << f.bits;
    }
  }
}

TEST(LoongArchFlags, OfALeafAreWhatItsBitsSay) {
  auto const of = [](int level, std::uint64_t leaf) {
    return Spec::flags_of_leaf(MachineOptions{}, level, leaf);
  };
  EXPECT_EQ(of(1, 0x5191), READ | WRITE | EXECUTE);
  EXPECT_EQ(of(1, 0x5093), READ | WRITE | EXECUTE);  // D without W
  EXPECT_EQ(of(1, one(62) | one(61) | 0x5191), MappingFlags(WRITE));
  EXPECT_EQ(of(1, one(62) | 0x509d), READ | USER);
  EXPECT_EQ(of(1, one(62) | 0x5099), MappingFlags(READ));  // level 2 is not the user's
  EXPECT_EQ(of(1, one(62) | 0x50d1), READ | GLOBAL);
  EXPECT_EQ(of(2, one(62) | 0x2000d1), MappingFlags(READ));
  EXPECT_EQ(of(2, one(62) | 0x2010d1), READ | GLOBAL);
  EXPECT_EQ(of(1, one(62) | 0x5081), READ | DEVICE);
  EXPECT_EQ(of(1, one(62) | 0x50a1), READ | UNCACHED);
  EXPECT_EQ(of(1, one(62) | 0x5491), MappingFlags(READ).with_software(1));
}

// ---- What a processor may keep ----

TEST(LoongArchCache, JudgesAStoreByTheRowOfTheSheet) {
  using enum StaleEffect;
  struct Row {
    std::uint64_t old;
    std::uint64_t now;
    StaleEffect effect;
    bool breaks;
  };
  constexpr std::uint64_t page = 0x5193;
  Row const rows[] = {
      {0, page, harmless, false},
      {page, 0, must_invalidate, false},
      {page, page + 0x1000, must_invalidate, false},
      {page, page ^ 0x30, must_invalidate, false},                 // MAT
      {page, page | 0x40, must_invalidate, true},                  // becomes global
      {page | 0x40, page, must_invalidate, true},                  // is global no more
      {page, page & ~one(1), must_invalidate, false},              // clean
      {page & ~one(1), page, lazy, false},                         // dirty
      {page & ~one(1), 0x5091, harmless, false},                   // W of a clean page
      {page, page | one(61), must_invalidate, false},              // NR
      {page | one(62), page, lazy, false},                         // NX gone
      {page, page | 0xc, lazy, false},                             // PLV 3
      {page | 0xc, page | 0x8, must_invalidate, false},            // PLV 2
      {page | 0xc, page | 0xc | one(63), must_invalidate, false},  // RPLV
      {page, page & ~one(0), lazy, false},                         // V
      {page, page ^ 0xc00, harmless, false},                       // software
      {0x5091 | one(9), 0x5091, must_invalidate, false},           // the note of dirty
  };
  LoongArchSettings const settings{LoongArchMachine{.void_entry = 0x9000}};
  for (Row const& row : rows) {
    EXPECT_EQ(Spec::stale_effect(settings, 1, row.old, row.now).effect, row.effect)
        << std::hex << row.old << " -> " << row.now;
    EXPECT_EQ(Spec::demands_break(settings, 1, row.old, row.now), row.breaks)
        << std::hex << row.old << " -> " << row.now;
  }
  // With a hardware walker W is the right to write, and what software calls D is noted by it.
  LoongArchSettings const walker{LoongArchMachine{.hardware_walks = 1}};
  EXPECT_EQ(Spec::stale_effect(walker, 1, 0x5191, 0x5091).effect, must_invalidate);
  // Directories.
  EXPECT_EQ(Spec::stale_effect(settings, 2, 0x9000, 0xa000).effect, harmless);
  EXPECT_EQ(Spec::stale_effect(settings, 2, 0xa000, 0x9000).effect, must_invalidate);
  EXPECT_EQ(Spec::stale_effect(settings, 2, 0xa000, 0xb000).effect, must_invalidate);
  EXPECT_EQ(Spec::stale_effect(settings, 2, 0x2000d1, 0xa000).effect, must_invalidate);
}

TEST(LoongArchCache, KeepsAHoleAsPagesOfOneSize) {
  EXPECT_EQ(Spec::level_of_hole(1, 0), 1);
  EXPECT_EQ(Spec::level_of_hole(3, 0x9000), 1);  // the void ends in the last level
  EXPECT_EQ(Spec::level_of_hole(3, 0x40), 3);
  LoongArchSettings const settings{LoongArchMachine{.void_entry = 0x9000}};
  for (int level = 1; level <= 4; ++level) {
    EXPECT_EQ(Spec::classify(settings, level, Spec::passing_hole(level)), EntryKind::hole);
    EXPECT_EQ(Spec::level_of_hole(level, Spec::passing_hole(level)), level);
    EXPECT_EQ(Spec::classify(settings, level, Spec::hole_word(settings, level)), EntryKind::hole);
  }
}

}  // namespace
}  // namespace twinwalk::models
