// That reading, writing, changing, splitting and judging one entry rings for formats that are wrong
// in one function, and has nothing against the shipped ones.
#include "fuzz/entry_check.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "engine/formats/x86_64.hpp"
#include "fuzz/format_pairs.hpp"
#include "fuzz/random.hpp"
#include "models/specs.hpp"

namespace twinwalk::fuzz {
namespace {

using Spec = models::X86_64Spec<4>;

// Entries of every kind; what one becomes often differs from it in a bit or two.
EntryCase random_case(Random& random) {
  EntryCase c;
  c.machine.physical_bits = static_cast<std::uint8_t>(32 + random.below(21));
  c.machine.no_execute = random.chance(3, 4);
  c.machine.gigabyte_pages = random.chance(3, 4);
  c.machine.protection_keys = random.chance(1, 2);
  c.level = 1 + static_cast<int>(random.below(4));
  c.entry = random.next();
  if (random.chance(7, 8)) {
    // Without most of what may be reserved: above the width, and below the frame of a large page.
    c.entry &= mask(c.machine.physical_bits - 1, 0) | mask(62, 52);
    if (random.chance(3, 4)) c.entry &= ~mask(29, 13);
    if (c.machine.no_execute) c.entry |= random.next() & bit(63);
    if (random.chance(3, 4)) c.entry |= 0x81;
  }
  c.flags = MappingFlags(random.next() & (random.chance(3, 4) ? mask(29, 0) : ~std::uint64_t{0}));
  if (random.chance(7, 8)) {
    // Much of what is drawn is no set that a leaf can hold.
    c.flags = c.flags | Flag::READ | Flag::EXECUTE;
    if (!c.machine.protection_keys) c.flags = c.flags.with_key(0);
    c.flags = c.flags.without(MappingFlags(mask(15, 11)));
    if (random.chance(1, 2)) c.flags = c.flags.without(MappingFlags(mask(10, 7)));
    if (random.chance(1, 2)) c.flags = c.flags.without(Flag::DEVICE | Flag::UNCACHED);
    if (c.machine.no_execute && random.chance(1, 2)) c.flags = c.flags.without(Flag::EXECUTE);
  }
  c.pa = PhysAddr(random.next() >> random.below(32));
  c.other = c.entry;
  for (std::uint32_t n = random.below(4); n != 0; --n)
    c.other ^= bit(static_cast<int>(random.below(64)));
  if (random.chance(1, 8)) c.other = random.next();
  return c;
}

// The first complaint about a format, or nothing after so many cases.
template <class Format>
std::optional<std::string> complaint_about(int cases) {
  Random random(11);
  for (int i = 0; i < cases; ++i) {
    if (auto wrong = check_entry<Format, Spec>(random_case(random))) return wrong;
  }
  return std::nullopt;
}

TEST(EntryCheck, HasNothingAgainstTheShippedFormatsInManyCases) {
  for_each_format([&]<class Format, class EachSpec>() {
    Random random(5);
    for (int i = 0; i < 200000; ++i) {
      EntryCase c = random_case(random);
      c.level = 1 + i % EachSpec::levels;
      c.machine.execute_only = random.chance(1, 2);
      c.machine.mode_based_execute = random.chance(1, 2);
      c.machine.page_memory_types = random.chance(1, 2);
      c.machine.hardware_updates = static_cast<HardwareUpdates>(random.below(3));
      auto const wrong = check_entry<Format, EachSpec>(c);
      ASSERT_EQ(wrong, std::nullopt) << EachSpec::name << " case " << i;
    }
  });
}

TEST(EntryCheck, MeetsLeavesThatAreSplitChangedAndFlushed) {
  Random random(5);
  int leaves = 0, large = 0, changed = 0, written = 0;
  for (int i = 0; i < 20000; ++i) {
    EntryCase const c = random_case(random);
    auto const settings = Spec::settings(c.machine);
    bool const leaf = Spec::classify(settings, c.level, c.entry) == models::EntryKind::leaf;
    leaves += leaf;
    large += leaf && c.level > 1;
    changed += leaf && Spec::stale_effect(settings, c.level, c.entry, c.other).effect ==
                           models::StaleEffect::must_invalidate;
    written += leaf && bool(Spec::representable(c.machine, c.flags));
  }
  EXPECT_GT(leaves, 5000);
  EXPECT_GT(large, 2000);
  EXPECT_GT(changed, 2000);
  EXPECT_GT(written, 1000);
}

// ---- Formats that are wrong in one function ----------------------------------------------------

using Right = X86_64<4>;
using Word = std::uint64_t;

struct PieceKeepsPs : Right {
  static Word first_piece(int, Word entry) { return entry; }
};
struct PieceLosesPat : Right {
  static Word first_piece(int level, Word entry) {
    return level == 2 ? entry & ~(bit(12) | large_bit) : entry;
  }
};
struct PieceLosesDirty : Right {
  static Word first_piece(int level, Word entry) {
    return Right::first_piece(level, entry) & ~dirty_bit;
  }
};
struct PieceLosesSoftware : Right {
  static Word first_piece(int level, Word entry) {
    return Right::first_piece(level, entry) & ~bit(10);
  }
};
struct PieceLosesPsAtLevel3 : Right {
  static Word first_piece(int, Word entry) { return Right::first_piece(2, entry); }
};

struct ProtectLosesDirty : Right {
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return Right::with_attributes(level, entry, attributes) & ~dirty_bit;
  }
};
struct ProtectSetsAccessed : Right {
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return Right::with_attributes(level, entry, attributes) | accessed_bit;
  }
};
struct ProtectTakesSoftware : Right {
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return (Right::with_attributes(level, entry, attributes) & ~software_bits) |
           (attributes.bits & software_bits);
  }
};
struct ProtectKeepsPat : Right {
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    Word const pat = bit(pat_bit(level));
    return (Right::with_attributes(level, entry, attributes) & ~pat) | (entry & pat);
  }
};
struct ProtectKeepsKey : Right {
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return (Right::with_attributes(level, entry, attributes) & ~key_bits) | (entry & key_bits);
  }
};
struct ProtectMoves : Right {
  static Word with_attributes(int level, Word entry, Attributes<Word> attributes) {
    return Right::with_attributes(level, entry, attributes) & ~bit(31);
  }
};

struct HeirLosesSoftware : Right {
  static Attributes<Word> with_software_of(Word, Attributes<Word> attributes) { return attributes; }
};
struct HeirTakesHalfOfSoftware : Right {
  static Attributes<Word> with_software_of(Word entry, Attributes<Word> attributes) {
    return {(attributes.bits & ~mask(11, 9)) | (entry & mask(11, 9))};
  }
};
struct HeirTakesKey : Right {
  static Attributes<Word> with_software_of(Word entry, Attributes<Word> attributes) {
    return {Right::with_software_of(entry, attributes).bits | (entry & bit(59))};
  }
};

struct NeverFlushes : Right {
  static bool must_invalidate(Options<Word> const&, int, Word, Word) { return false; }
};
struct AlwaysFlushes : Right {
  static bool must_invalidate(Options<Word> const&, int, Word, Word) { return true; }
};
// A change of one bit that is taken for harmless.
template <int Bit, bool WhenCleared, bool WhenSet>
struct Overlooks : Right {
  static bool must_invalidate(Options<Word> const& options, int level, Word before, Word after) {
    Word const seen = (WhenCleared ? before & ~after : 0) | (WhenSet ? after & ~before : 0);
    return Right::must_invalidate(options, level, before & ~(seen & bit(Bit)),
                                  after & ~(seen & bit(Bit)));
  }
};
struct OverlooksPatOfSmallPages : Right {
  static bool must_invalidate(Options<Word> const& options, int, Word before, Word after) {
    return Right::must_invalidate(options, 2, before, after);
  }
};
struct FlushesWhenRightsGrow : Right {
  static bool must_invalidate(Options<Word> const& options, int level, Word before, Word after) {
    return Right::must_invalidate(options, level, before, after) ||
           ((before ^ after) & writable_bit) != 0;
  }
};
struct FlushesForSoftware : Right {
  static bool must_invalidate(Options<Word> const& options, int level, Word before, Word after) {
    return Right::must_invalidate(options, level, before, after) ||
           ((before ^ after) & bit(9)) != 0;
  }
};
struct FlushesWhenUsed : Right {
  static bool must_invalidate(Options<Word> const& options, int level, Word before, Word after) {
    return Right::must_invalidate(options, level, before, after) ||
           ((before ^ after) & accessed_bit) != 0;
  }
};

struct TableLacksUser : Right {
  static Word table(Word address) { return Right::table(address) & ~user_bit; }
};
struct TableForbidsFetches : Right {
  static Word table(Word address) { return Right::table(address) | execute_disable_bit; }
};
struct TableIsLarge : Right {
  static Word table(Word address) { return Right::table(address) | large_bit; }
};
struct TableBelow40Bits : Right {
  static Word table(Word address) { return Right::table(address & mask(39, 0)); }
};
struct HoleIsPresent : Right {
  template <class W>
  static W hole(Options<W> const& /*options*/, int /*level*/) {
    return W(present_bit);
  }
};

struct AccessedMeansDirty : Right {
  static Word with_accessed(Word entry) { return entry | accessed_bit | dirty_bit; }
};
struct UnusedMeansClean : Right {
  static Word without_accessed(Word entry) { return entry & ~(accessed_bit | dirty_bit); }
};
struct DirtyMeansAccessed : Right {
  static Word with_dirty(Word entry) { return entry | accessed_bit | dirty_bit; }
};
struct CleanMeansReadOnly : Right {
  static Word without_dirty(Word entry) { return entry & ~(writable_bit | dirty_bit); }
};
struct TakesPatForGlobal : Right {
  static bool global(int /*level*/, Word entry) { return (entry & large_bit) != 0; }
};
struct BornDirty : Right {
  static Word leaf(int level, Word address, Attributes<Word> attributes) {
    Word const dirty = (attributes.bits & writable_bit) != 0 ? dirty_bit : 0;
    return Right::leaf(level, address, attributes) | dirty;
  }
};

template <class Format>
class BrokenFormat : public testing::Test {};

using BrokenFormats = testing::Types<
    PieceKeepsPs, PieceLosesPat, PieceLosesDirty, PieceLosesSoftware, PieceLosesPsAtLevel3,
    ProtectLosesDirty, ProtectSetsAccessed, ProtectTakesSoftware, ProtectKeepsPat, ProtectKeepsKey,
    ProtectMoves, HeirLosesSoftware, HeirTakesHalfOfSoftware, HeirTakesKey, NeverFlushes,
    AlwaysFlushes, Overlooks<1, true, false>, Overlooks<2, true, false>, Overlooks<2, false, true>,
    Overlooks<3, true, true>, Overlooks<4, true, true>, Overlooks<6, true, false>,
    Overlooks<8, true, false>, Overlooks<12, true, true>, Overlooks<59, true, true>,
    Overlooks<62, true, true>, Overlooks<63, false, true>, OverlooksPatOfSmallPages,
    FlushesWhenRightsGrow, FlushesForSoftware, FlushesWhenUsed, TableLacksUser, TableForbidsFetches,
    TableIsLarge, TableBelow40Bits, HoleIsPresent, AccessedMeansDirty, UnusedMeansClean,
    DirtyMeansAccessed, CleanMeansReadOnly, TakesPatForGlobal, BornDirty>;
TYPED_TEST_SUITE(BrokenFormat, BrokenFormats);

TYPED_TEST(BrokenFormat, Rings) {
  auto const complaint = complaint_about<TypeParam>(200000);
  EXPECT_TRUE(complaint.has_value());
}

}  // namespace
}  // namespace twinwalk::fuzz
