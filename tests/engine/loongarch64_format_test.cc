// The laws of the LoongArch64 encoding, each against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "engine/formats/loongarch64.hpp"
#include "engine/loongarch64.hpp"

namespace twinwalk::test {
namespace {

using F = LoongArch64;
using enum Flag;

constexpr PhysAddr the_void(0x0000'7654'3210'f000);
constexpr std::uint64_t no_read = bit(61);
constexpr std::uint64_t no_execute = bit(62);

MachineOptions machine(bool walks) {
  MachineOptions options;
  options.physical_bits = 48;
  options.hardware_updates = walks ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
  options.void_frame = the_void;
  return options;
}
F::Options<std::uint64_t> options(bool walks) { return F::Options<std::uint64_t>(machine(walks)); }

// ---- By hand ----

bool may_be_held(MappingFlags f) {
  if (f.has(IGNORE_PAT) || f.key() != 0 || f.software() > 3) return false;
  if (f.has(TYPED) && (f.has(DEVICE) || f.has(UNCACHED))) return false;
  if (f.has(TYPED) ? f.memory_type() > 2 : f.memory_type() != 0) return false;
  return f.has(READ) || f.has(WRITE) || f.has(EXECUTE);
}

std::uint64_t leaf_by_hand(bool walks, int level, std::uint64_t address, MappingFlags f) {
  std::uint64_t mat = 1;
  if (f.has(UNCACHED)) mat = 2;
  if (f.has(DEVICE)) mat = 0;
  if (f.has(TYPED)) mat = f.memory_type();
  std::uint64_t entry = address | 0x80 | (mat << 4) | (f.software() << 10);
  if (!walks) entry |= 1;
  if (f.has(WRITE)) entry |= walks ? 0x100 : 0x102;
  if (f.has(USER)) entry |= 0xc;
  if (!f.has(READ)) entry |= no_read;
  if (!f.has(EXECUTE)) entry |= no_execute;
  if (level > 1) entry |= 0x40;
  if (f.has(GLOBAL)) entry |= level > 1 ? 0x1000 : 0x40;
  return entry;
}

template <class Visitor>
void for_all_flags(Visitor visit) {
  for (std::uint64_t low = 0; low < 1024; ++low) {
    for (unsigned software = 0; software < 4; ++software) {
      visit(MappingFlags(low).with_software(software));
    }
  }
}

TEST(LoongArch64, HoldsWhatTheContractSaysAndNothingElse) {
  for_all_flags([](MappingFlags f) {
    EXPECT_EQ(F::representable(options(true), f), may_be_held(f)) << f.bits;
  });
  EXPECT_FALSE(F::representable(options(true), (READ | IGNORE_PAT)));
  EXPECT_FALSE(F::representable(options(true), MappingFlags(READ).with_key(1)));
  EXPECT_FALSE(F::representable(options(true), MappingFlags(READ).with_software(4)));
  EXPECT_FALSE(F::representable(options(true), MappingFlags(READ).with_memory_type(3)));
  EXPECT_FALSE(F::representable(options(true), MappingFlags(READ).with_memory_type(4)));
}

TEST(LoongArch64, EncodesEachFlagWhereTheLevelHasIt) {
  for_all_flags([](MappingFlags f) {
    if (!may_be_held(f)) return;
    for (bool const walks : {false, true}) {
      for (int level = 1; level <= 4; ++level) {
        auto const attributes = F::encode(options(walks), f);
        std::uint64_t const address = std::uint64_t{5} << 39;
        ASSERT_EQ(F::leaf(level, address, attributes), leaf_by_hand(walks, level, address, f))
            << f.bits << " at level " << level;
      }
    }
  });
}

TEST(LoongArch64, ReadsBackWhatItWrote) {
  for_all_flags([](MappingFlags f) {
    if (!may_be_held(f)) return;
    for (int level = 1; level <= 4; ++level) {
      std::uint64_t const leaf =
          F::leaf(level, std::uint64_t{3} << 39, F::encode(options(true), f));
      MappingFlags const read = F::decode(options(true), level, leaf);
      EXPECT_EQ(F::leaf(level, std::uint64_t{3} << 39, F::encode(options(true), read)), leaf);
      EXPECT_EQ(F::global(level, leaf), f.has(GLOBAL));
    }
  });
}

TEST(LoongArch64, ADirectoryIsNeverTakenForAPageNorTheVoidForADirectory) {
  auto const soft = options(false);
  EXPECT_EQ(F::hole(soft, 1), 0u);
  for (int level = 2; level <= 4; ++level) {
    EXPECT_EQ(F::hole(soft, level), the_void.value);
    EXPECT_FALSE(F::present(soft, level, the_void.value));
    EXPECT_TRUE(F::present(soft, level, F::table(std::uint64_t{0})));
    EXPECT_FALSE(F::large(F::table(std::uint64_t{0x1000})));
    EXPECT_FALSE(F::present(soft, level, F::vacant(level)));
    EXPECT_TRUE(F::large(F::vacant(level)));
  }
  // A word is a page where P stands; where software walks, V does as well.
  for (int level = 1; level <= 4; ++level) {
    std::uint64_t const shape = level > 1 ? 0x40 : 0;
    for (bool const walks : {false, true}) {
      EXPECT_TRUE(F::present(options(walks), level, shape | 0x80));
      EXPECT_EQ(F::present(options(walks), level, shape | 1), !walks);
      EXPECT_FALSE(F::present(options(walks), level, shape | 0x100));
    }
  }
}

TEST(LoongArch64, PiecesMoveGlobalWhereTheirLevelHasIt) {
  std::uint64_t const large = 0x4000'0000 | 0x11d3 | bit(13) | bit(20);  // 1G, G, and ignored bits
  EXPECT_EQ(F::first_piece(3, large), 0x4000'0000u | 0x11d3);            // 2M, still huge
  EXPECT_EQ(F::first_piece(2, large), 0x4000'0000u | 0x01d3);            // 4K: bit 6 is G now
  EXPECT_EQ(F::first_piece(2, large & ~bit(12)), 0x4000'0000u | 0x0193);
}

TEST(LoongArch64, DirtyMovesToTheNoteAsTheRightGoes) {
  auto const with = [](std::uint64_t leaf, MappingFlags f) {
    return F::with_attributes(1, leaf, F::encode(options(true), f));
  };
  std::uint64_t const clean = leaf_by_hand(true, 1, 0x5000, READ | WRITE);
  std::uint64_t const written = clean | 2;
  EXPECT_EQ(F::dirty(clean), 0u);
  EXPECT_EQ(F::dirty(written), 1u);
  std::uint64_t const noted = with(written, READ);
  EXPECT_EQ(noted & 0x302, 0x200u);
  EXPECT_EQ(F::dirty(noted), 1u);
  EXPECT_EQ(with(noted, READ | WRITE), written);
  EXPECT_EQ(F::without_dirty(written), clean);
  EXPECT_EQ(F::without_dirty(noted) & 0x302, 0u);
  EXPECT_EQ(F::with_dirty(clean), written);
  EXPECT_EQ(F::with_dirty(noted & ~std::uint64_t{0x200}), noted);
  // What somebody else let through without W stays writable.
  EXPECT_TRUE(F::decode(options(false), 1, F::without_dirty(std::uint64_t{0x5093})).has(WRITE));
}

TEST(LoongArch64, APageThatWasNotUsedIsStillThere) {
  EXPECT_EQ(F::without_accessed(std::uint64_t{0x5081}), 0x5080u);
  EXPECT_EQ(F::without_accessed(std::uint64_t{0x5001}), 0x5080u);  // P kept by nobody until then
  EXPECT_EQ(F::with_accessed(std::uint64_t{0x5080}), 0x5081u);
}

TEST(LoongArch64, ForgetsWhatAnyPrivilegeLevelLoses) {
  auto const must = [](bool walks, std::uint64_t before, std::uint64_t after) {
    return F::must_invalidate(options(walks), 1, before, after);
  };
  std::uint64_t const page = 0x5093;  // V, D, MAT 1, P
  EXPECT_FALSE(must(false, page, page | 0xc));
  EXPECT_TRUE(must(false, page | 0xc, page));
  EXPECT_TRUE(must(false, page | 4, page));                    // level 1 has lost it
  EXPECT_TRUE(must(false, page | 0xc, page | 0xc | bit(63)));  // the kernel has
  EXPECT_FALSE(must(false, page | bit(63), page));
  EXPECT_TRUE(must(false, page, page | no_read));
  EXPECT_TRUE(must(false, page, page | no_execute));
  EXPECT_FALSE(must(false, page | no_execute, page));
  EXPECT_TRUE(must(false, page, page ^ 0x30));
  EXPECT_TRUE(must(false, page, page & ~std::uint64_t{2}));
  EXPECT_TRUE(must(false, page, page | 0x40) && must(false, page | 0x40, page));
  EXPECT_FALSE(must(false, page, page & ~std::uint64_t{1}));
  // W is what a hardware walker fills a TLB by, and nothing to one that software fills.
  EXPECT_TRUE(must(true, 0x5190, 0x5090));
  EXPECT_FALSE(must(false, 0x5191, 0x5091));
}

TEST(LoongArch64, BreaksWhereGlobalChanges) {
  EXPECT_TRUE(F::demands_break(1, std::uint64_t{0x5093}, std::uint64_t{0x50d3}));
  EXPECT_FALSE(F::demands_break(1, std::uint64_t{0x5093}, std::uint64_t{0x6093}));
  EXPECT_TRUE(F::demands_break(2, std::uint64_t{0x2000d3}, std::uint64_t{0x2010d3}));
}

TEST(LoongArch64, IsNamedAndShaped) {
  EXPECT_EQ(std::string(F::name), "loongarch64");
  for (int log2 : {12, 21, 30, 39}) {
    EXPECT_TRUE(F::supports(options(true), static_cast<PageSize>(log2)));
  }
  EXPECT_FALSE(F::supports(options(true), static_cast<PageSize>(48)));
  EXPECT_TRUE(F::canonical(std::uint64_t{0x0000'7fff'ffff'ffff}));
  EXPECT_TRUE(F::canonical(std::uint64_t{0xffff'8000'0000'0000}));
  EXPECT_FALSE(F::canonical(std::uint64_t{0x0000'8000'0000'0000}));
}

TEST(LoongArch64, TheVoidLeadsToItselfAndToNoPage) {
  std::uint64_t words[512];
  loongarch64::fill_void(words, the_void);
  for (std::uint64_t const word : words) {
    EXPECT_EQ(F::table_address(word), the_void.value);
    EXPECT_FALSE(F::large(word));
    EXPECT_FALSE(F::present(options(false), 1, word));
  }
}

// PWCL: PTbase, PTwidth, Dir1_base, Dir1_width, Dir2_base, Dir2_width; PWCH: Dir3_base, Dir3_width.
TEST(LoongArch64, TheWalkRegistersDescribeTheseTables) {
  std::uint64_t const low = loongarch64::walk_low;
  std::uint64_t const high = loongarch64::walk_high;
  for (int level = 1; level <= 3; ++level) {
    int const at = 10 * (level - 1);
    EXPECT_EQ((low >> at) & 31, static_cast<std::uint64_t>(12 + 9 * (level - 1)));
    EXPECT_EQ((low >> (at + 5)) & 31, 9u);
  }
  EXPECT_EQ(low >> 30, 0u);
  EXPECT_EQ(high & 63, 39u);
  EXPECT_EQ(high >> 6, 9u);
}

}  // namespace
}  // namespace twinwalk::test
