// The laws of the AArch64 encoding, each against a few lines that say the same with `if`.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "engine/formats/aarch64.hpp"

namespace twinwalk::test {
namespace {

using Lower = Aarch64Stage1<Aarch64Range::lower>;
using Upper = Aarch64Stage1<Aarch64Range::upper>;
using El2 = Aarch64Stage1<Aarch64Range::el2>;
using Guest = Aarch64Stage2<48>;
using Guest40 = Aarch64Stage2<40>;
using enum Flag;

constexpr HardwareUpdates every_kind[] = {HardwareUpdates::none, HardwareUpdates::accessed,
                                          HardwareUpdates::accessed_and_dirty};

MachineOptions machine(HardwareUpdates updates) {
  MachineOptions options;
  options.hardware_updates = updates;
  return options;
}

// ---- By hand ----

enum class Kind { two_ranges, one_range, stage_2 };

bool may_be_held(Kind kind, MappingFlags f) {
  if (f.has(IGNORE_PAT) || f.key() != 0 || f.software() > 7) return false;
  if (kind != Kind::two_ranges && f.has(GLOBAL)) return false;
  if (kind == Kind::one_range && f.has(USER)) return false;
  if (f.has(TYPED) && (f.has(DEVICE) || f.has(UNCACHED))) return false;
  if (!f.has(TYPED) && f.memory_type() != 0) return false;
  if (kind == Kind::stage_2) {
    bool const reserved = f.memory_type() != 0 && f.memory_type() % 4 == 0;
    return !reserved && (f.has(READ) || f.has(WRITE) || f.has(EXECUTE));
  }
  if (f.memory_type() > 7 || (f.has(WRITE) && !f.has(READ))) return false;
  return f.has(READ) || (f.has(EXECUTE) && f.has(USER));
}

std::uint64_t type_of(Kind kind, MappingFlags f) {
  if (f.has(TYPED)) return f.memory_type();
  bool const second = kind == Kind::stage_2;
  if (f.has(DEVICE)) return second ? 1 : 0;
  if (f.has(UNCACHED)) return second ? 5 : 2;
  return second ? 15 : 1;
}

MappingFlags normalised(Kind kind, MappingFlags f) {
  MappingFlags const plain(f.bits & ~std::uint64_t{0xfb0});
  MappingFlags const kept = kind == Kind::stage_2 ? plain.without(USER) : plain;
  std::uint64_t const type = type_of(kind, f);
  if (type == type_of(kind, {})) return kept;
  if (type == type_of(kind, DEVICE)) return kept | DEVICE;
  if (type == type_of(kind, UNCACHED)) return kept | UNCACHED;
  return kept.with_memory_type(type);
}

std::uint64_t leaf_by_hand(Kind kind, HardwareUpdates updates, int level, std::uint64_t address,
                           MappingFlags f) {
  std::uint64_t entry = address | (level == 1 ? 3 : 1) | 0x300;
  if (updates == HardwareUpdates::none) entry |= 0x400;
  bool const open = f.has(WRITE) && updates != HardwareUpdates::accessed_and_dirty;
  if (f.has(WRITE)) entry |= bit(51);
  entry |= type_of(kind, f) << 2;
  entry |= f.software() << 56;
  if (kind == Kind::stage_2) {
    if (f.has(READ)) entry |= 0x40;
    if (open) entry |= 0x80;
    if (!f.has(EXECUTE)) entry |= bit(54);
    return entry;
  }
  if (!open) entry |= 0x80;
  if (kind == Kind::one_range) return entry | 0x40 | (f.has(EXECUTE) ? 0 : bit(54));
  if (!f.has(GLOBAL)) entry |= 0x800;
  if (f.has(USER))
    return entry | (f.has(READ) ? 0x40 : 0) | bit(53) | (f.has(EXECUTE) ? 0 : bit(54));
  return entry | bit(54) | (f.has(EXECUTE) ? 0 : bit(53));
}

template <class F>
void holds_flags_exactly_or_refuses_them(Kind kind) {
  for (HardwareUpdates const updates : every_kind) {
    typename F::template Options<std::uint64_t> const engine(machine(updates));
    int held = 0;
    for (std::uint64_t bits = 0; bits < (1U << 13); ++bits) {
      for (std::uint64_t const more : {0x0ull, 0x100000ull, 0x700000ull, 0x800000ull, 0x10000ull}) {
        MappingFlags const f(bits | more);
        ASSERT_EQ(F::representable(engine, f), may_be_held(kind, f)) << std::hex << f.bits;
        if (!may_be_held(kind, f)) continue;
        ++held;
        for (int level = 1; level <= 3; ++level) {
          std::uint64_t const address = std::uint64_t{3} << 40;
          std::uint64_t const entry = F::leaf(level, address, F::encode(engine, f));
          ASSERT_EQ(entry, leaf_by_hand(kind, updates, level, address, f)) << std::hex << f.bits;
          ASSERT_EQ(F::decode(engine, level, entry), normalised(kind, f)) << std::hex << f.bits;
          ASSERT_EQ(F::leaf_address(level, entry), address);
          ASSERT_TRUE(F::present(engine, level, entry));
          ASSERT_TRUE(level == 1 || F::large(entry));
        }
      }
    }
    EXPECT_GT(held, 100);
  }
}

TEST(Aarch64Format, FlagsAreHeldExactlyOrRefusedAndComeBackNormalised) {
  holds_flags_exactly_or_refuses_them<Lower>(Kind::two_ranges);
  holds_flags_exactly_or_refuses_them<El2>(Kind::one_range);
  holds_flags_exactly_or_refuses_them<Guest>(Kind::stage_2);
}

// ---- Descriptors and addresses ----

TEST(Aarch64Format, TakesABlockWhereThereIsNoneForAHole) {
  Lower::Options<std::uint64_t> const options;
  EXPECT_FALSE(Lower::present(options, 1, std::uint64_t{0x5701}));
  EXPECT_TRUE(Lower::present(options, 1, std::uint64_t{0x5703}));
  EXPECT_TRUE(Lower::present(options, 2, std::uint64_t{0x600701}));
  EXPECT_TRUE(Lower::present(options, 3, std::uint64_t{0x40000701}));
  EXPECT_FALSE(Lower::present(options, 4, std::uint64_t{0x701}));
  EXPECT_TRUE(Lower::present(options, 4, std::uint64_t{0x2003}));
  EXPECT_FALSE(Lower::large(Lower::table(std::uint64_t{0x2000})));
  EXPECT_EQ(Lower::table_address(~std::uint64_t{0}), mask(47, 12));
}

TEST(Aarch64Format, DropsFromPiecesWhatIsNoAddressOfABlock) {
  std::uint64_t const nothing_but_low_bits = mask(20, 12);
  EXPECT_EQ(Lower::first_piece(2, std::uint64_t{0x60f701} | nothing_but_low_bits), 0x600703u);
  EXPECT_EQ(Lower::first_piece(3, std::uint64_t{0x7ffff701}), 0x40000701u);
}

TEST(Aarch64Format, ServesOneRangeOfAddresses) {
  EXPECT_EQ(std::string(Lower::name), "aarch64-s1");
  EXPECT_EQ(std::string(Guest40::name), "aarch64-s2-40");
  EXPECT_TRUE(Lower::canonical(mask(47, 0)));
  EXPECT_FALSE(Lower::canonical(bit(48)));
  EXPECT_FALSE(Lower::canonical(~std::uint64_t{0}));
  EXPECT_TRUE(Upper::canonical(mask(63, 48)));
  EXPECT_FALSE(Upper::canonical(mask(63, 49)));
  EXPECT_FALSE(Upper::canonical(std::uint64_t{0}));
  EXPECT_EQ(Guest40::levels, 3);
  EXPECT_EQ(Guest40::root_index_bits, 10);
  EXPECT_TRUE(Guest40::canonical(mask(39, 0)));
  EXPECT_FALSE(Guest40::canonical(bit(40)));
}

// ---- Dirty ----

TEST(Aarch64Format, MovesDirtyToSoftwareWhereTheRightIsWithdrawn) {
  Lower::Options<std::uint64_t> const options;
  auto const writable = Lower::encode(options, READ | WRITE);
  auto const readable = Lower::encode(options, MappingFlags(READ));
  std::uint64_t const clean = Lower::leaf(1, std::uint64_t{0x5000}, writable);
  EXPECT_EQ(Lower::dirty(clean), 0u);
  std::uint64_t const written = clean & ~bit(7);  // as hardware leaves it
  EXPECT_EQ(Lower::dirty(written), 1u);
  EXPECT_EQ(Lower::with_dirty(clean), written);
  EXPECT_EQ(Lower::without_dirty(written), clean);

  std::uint64_t const withdrawn = Lower::with_attributes(1, written, readable);
  EXPECT_EQ(withdrawn & (bit(7) | bit(51) | bit(55)), bit(7) | bit(55));
  EXPECT_EQ(Lower::dirty(withdrawn), 1u);
  EXPECT_EQ(Lower::with_attributes(1, withdrawn, writable), written);
  EXPECT_EQ(Lower::dirty(Lower::without_dirty(withdrawn)), 0u);
  // Of a page that is not writable it is noted, and grants nothing.
  std::uint64_t const read_only = Lower::leaf(1, std::uint64_t{0x5000}, readable);
  EXPECT_EQ(Lower::with_dirty(read_only), read_only | bit(55));
  EXPECT_EQ(Guest::with_dirty(std::uint64_t{0x577f}), 0x577f | bit(55));
  // What is open without DBM is writable, and stays so when it is cleaned.
  EXPECT_EQ(Lower::without_dirty(std::uint64_t{0x5707}), 0x5787 | bit(51));
  EXPECT_EQ(Guest::without_dirty(std::uint64_t{0x57ff}), 0x577f | bit(51));
}

TEST(Aarch64Format, ProtectPresetsDirtyOfWhatBecomesWritable) {
  for (HardwareUpdates const updates : every_kind) {
    Guest::Options<std::uint64_t> const options(machine(updates));
    auto const writable = Guest::encode(options, READ | WRITE);
    std::uint64_t const leaf =
        Guest::leaf(1, std::uint64_t{0x5000}, Guest::encode(options, MappingFlags(READ)));
    bool const preset = updates != HardwareUpdates::accessed_and_dirty;
    std::uint64_t const after = Guest::with_attributes(1, leaf, writable);
    EXPECT_EQ(Guest::dirty(after), preset ? 1u : 0u);
    // One that was writable keeps what it has.
    EXPECT_EQ(Guest::dirty(Guest::with_attributes(1, Guest::without_dirty(after), writable)), 0u);
  }
}

// ---- Flush and break ----

TEST(Aarch64Format, ForgetsWhatIsNoLongerGrantedAndBreaksWhatTheManualNames) {
  constexpr std::uint64_t page = bit(54) | bit(53) | bit(51) | 0x5f07;  // kernel's, RW, dirty
  struct Row {
    std::uint64_t before;
    std::uint64_t after;
    bool forgets;
    bool breaks;
  };
  Row const rows[] = {
      {page, page ^ 0x4, true, true},                            // AttrIndx
      {page, page ^ 0x100, true, true},                          // SH
      {page, page & ~bit(11), true, true},                       // becomes global
      {page & ~bit(11), page, true, false},                      // is global no more
      {page, page ^ bit(52), true, true},                        // Contiguous
      {page, page | 0x80, true, false},                          // clean
      {page | 0x80, page, false, false},                         // dirty
      {page, (page | 0x80) & ~bit(51), true, false},             // read-only
      {(page | 0x80) & ~bit(51), page, false, false},            // writable
      {page & ~bit(53), page, true, false},                      // the kernel fetches no more
      {page, page & ~bit(53), false, false},                     // the kernel fetches
      {page & ~bit(53), (page & ~bit(53)) | 0x40, true, false},  // … not what EL0 writes
      {page & ~bit(54), page, true, false},                      // EL0 fetches no more
      {page | 0x40, page, true, false},                          // EL0 reads no more
      {page, page & ~bit(10), false, false},                     // AF
      {page, page ^ mask(58, 56), false, false},                 // software
  };
  Lower::Options<std::uint64_t> const options;
  for (Row const& row : rows) {
    EXPECT_EQ(Lower::must_invalidate(options, 1, row.before, row.after), row.forgets)
        << std::hex << row.before << " to " << row.after;
    EXPECT_EQ(Lower::demands_break(1, row.before, row.after), row.breaks)
        << std::hex << row.before << " to " << row.after;
  }
  EXPECT_TRUE(Lower::demands_break(1, page, page + 0x1000));
  EXPECT_FALSE(Lower::demands_break(2, page, page + 0x1000)) << "no address of a block";
  EXPECT_FALSE(El2::demands_break(1, page, page & ~bit(11))) << "nG is nobody's there";
}

TEST(Aarch64Format, OfStage2ForgetsWhoFetchedAndReadsEachRightAlone) {
  Guest::Options<std::uint64_t> const options;
  std::uint64_t const page = 0x57ff;
  // XN[1:0]: both, EL0, nobody, EL1.
  bool const lost[4][4] = {{false, true, true, true},
                           {false, false, true, true},
                           {false, false, false, false},
                           {false, true, true, false}};
  for (std::uint64_t from = 0; from < 4; ++from) {
    for (std::uint64_t to = 0; to < 4; ++to) {
      EXPECT_EQ(Guest::must_invalidate(options, 1, page | from << 53, page | to << 53),
                lost[from][to])
          << from << " to " << to;
    }
  }
  EXPECT_TRUE(Guest::must_invalidate(options, 1, page, page & ~std::uint64_t{0x40}));
  EXPECT_TRUE(Guest::demands_break(1, page, page ^ 0x4));
  EXPECT_FALSE(Guest::demands_break(1, page, page & ~std::uint64_t{0xc0}));
}

}  // namespace
}  // namespace twinwalk::test
