// That reading raw memory as page tables rings for formats and walks that are wrong in one place,
// and has nothing against the shipped ones.
#include "fuzz/memory_check.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/formats/x86_64.hpp"
#include "fuzz/format_pairs.hpp"
#include "fuzz/random.hpp"
#include "models/specs.hpp"

namespace twinwalk::fuzz {
namespace {

using Spec = models::X86_64Spec<4>;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t page = 0x1000;
constexpr std::uint64_t table = 0x7;  // present, writable, user
constexpr std::uint64_t leaf = 0x7;
constexpr std::uint64_t large = 0x80;

// The bytes that put each word into its place, counted in words from the root on.
Bytes memory_of(std::vector<std::pair<std::uint64_t, std::uint64_t>> const& words) {
  Bytes bytes;
  for (auto const& [place, word] : words) {
    for (int i = 0; i < 2; ++i) bytes.push_back(static_cast<std::uint8_t>(place >> (8 * i)));
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  }
  return bytes;
}
constexpr std::uint64_t place(std::uint64_t frame, std::uint64_t slot) {
  return frame * 512 + slot;
}

// Four tables for the first addresses, with two pages and a large one.
std::vector<std::pair<std::uint64_t, std::uint64_t>> tree(std::uint64_t more_in_tables = 0) {
  return {{place(0, 0), (1 * page) | table | more_in_tables},
          {place(1, 0), (2 * page) | table | more_in_tables},
          {place(2, 0), (3 * page) | table | more_in_tables},
          {place(2, 2), 0x4000'0000 | leaf | large | 1 << 12},
          {place(3, 5), 0x12'3000 | leaf | 0x60},
          {place(3, 511), 0xf000 | leaf}};
}

template <class Format>
std::optional<std::string> check(Bytes const& bytes, std::uint64_t va) {
  return check_memory<Format, Spec>(MachineOptions{}, bytes, VirtAddr(va));
}

// ---- Formats that are wrong in one place -------------------------------------------------------

using Right = X86_64<4>;

struct TakesIgnoredBitsForAddress : Right {
  template <Word W>
  static constexpr W table_address(W entry) {
    return entry & W(mask(62, 12));
  }
};
struct DropsHighAddressBits : Right {
  template <Word W>
  static constexpr W table_address(W entry) {
    return entry & W(mask(45, 12));
  }
};
// Every slot is the next one's: the table it reads from begins a word late.
struct ShiftsSlots : Right {
  template <Word W>
  static constexpr W table_address(W entry) {
    return (entry & W(mask(51, 12))) | W(8);
  }
};
struct KeepsBit12OfLargeLeaves : Right {
  template <Word W>
  static constexpr W leaf_address(int /*level*/, W entry) {
    return entry & W(mask(51, 12));
  }
};
struct FollowsLargeLeaves : Right {
  template <Word W>
  static constexpr auto large(W /*entry*/) {
    return false;
  }
};
// Takes a bit that is free for software in a table entry for the sign of a large page.
struct TakesSoftwareBitsForLarge : Right {
  template <Word W>
  static constexpr auto large(W entry) {
    return (entry & W(large_bit | bit(11))) != W(0);
  }
};

TEST(MemoryCheck, HasNothingAgainstTheShippedFormatOnAPlainTree) {
  for (std::uint64_t const va : {0x5000U, 0x5fffU, 0x6000U, 0x1f'f000U, 0x40'0000U, 0x7f'ffffU}) {
    EXPECT_EQ(check<Right>(memory_of(tree()), va), std::nullopt) << hex(va);
  }
}

TEST(MemoryCheck, HasNothingAgainstTheShippedFormatWhereTablesHaveIgnoredBits) {
  // 11, 10, 9, 8 and 6, and 62:52: all that table entries leave to software or to nobody.
  for (int const bit_number : {6, 8, 9, 10, 11, 52, 53, 58, 59, 62}) {
    auto const bytes = memory_of(tree(bit(bit_number)));
    EXPECT_EQ(check<Right>(bytes, 0x5000), std::nullopt) << bit_number;
  }
}

TEST(MemoryCheck, RingsWhenIgnoredBitsAreTakenForAnAddress) {
  EXPECT_EQ(check<TakesIgnoredBitsForAddress>(memory_of(tree()), 0x5000), std::nullopt);
  EXPECT_NE(check<TakesIgnoredBitsForAddress>(memory_of(tree(bit(52))), 0x5000), std::nullopt);
  EXPECT_NE(check<TakesIgnoredBitsForAddress>(memory_of(tree(bit(62))), 0x5000), std::nullopt);
}

TEST(MemoryCheck, RingsWhenAHighBitOfATableIsLost) {
  EXPECT_NE(check<DropsHighAddressBits>(memory_of(tree(bit(46))), 0x5000), std::nullopt);
}

TEST(MemoryCheck, RingsWhenSlotsAreShifted) {
  EXPECT_NE(check<ShiftsSlots>(memory_of(tree()), 0x5000), std::nullopt);
}

TEST(MemoryCheck, RingsInTheWalkWhenALargeLeafKeepsItsTypeBitAsAddress) {
  // The address asked for is in another page: only the walk meets the large one.
  EXPECT_NE(check<KeepsBit12OfLargeLeaves>(memory_of(tree()), 0x5000), std::nullopt);
  EXPECT_NE(check<KeepsBit12OfLargeLeaves>(memory_of(tree()), 0x40'0000), std::nullopt);
}

TEST(MemoryCheck, RingsWhenALargeLeafIsFollowed) {
  EXPECT_NE(check<FollowsLargeLeaves>(memory_of(tree()), 0x40'0000), std::nullopt);
}

TEST(MemoryCheck, RingsWhenASoftwareBitOfATableMisleads) {
  EXPECT_NE(check<TakesSoftwareBitsForLarge>(memory_of(tree(bit(11))), 0x5000), std::nullopt);
}

// ---- Walks that are wrong ----------------------------------------------------------------------

struct Visits {
  HostileMemory memory;
  MachineOptions machine;
  Spec::Settings settings = Spec::settings(machine);
  std::vector<Leaf> leaves;

  Visits() {
    auto const bytes = memory_of(tree());
    memory.fill_from(bytes);
    PageTable<Right, HostileMemory> const whole(memory, 0, Right::Options<std::uint64_t>(machine));
    (void)whole.walk(VirtAddr(0), 1 << 23, [&](Leaf const& visited) {
      leaves.push_back(visited);
      return true;
    });
  }
  std::optional<std::string> verdict() {
    VisitJudge<Spec> judge(memory, machine, settings, 0, (1 << 23) - 1);
    for (Leaf const& visited : leaves) {
      if (!judge.visit(visited)) break;
    }
    return judge.finish();
  }
};

TEST(MemoryCheck, AcceptsTheLeavesThatAreThere) {
  Visits visits;
  ASSERT_EQ(visits.leaves.size(), 3u);
  EXPECT_EQ(visits.verdict(), std::nullopt);
}

TEST(MemoryCheck, RingsWhenAWalkVisitsALeafTwice) {
  for (std::size_t i = 0; i < 3; ++i) {
    Visits visits;
    visits.leaves.insert(visits.leaves.begin() + static_cast<std::ptrdiff_t>(i), visits.leaves[i]);
    EXPECT_NE(visits.verdict(), std::nullopt) << i;
  }
}

TEST(MemoryCheck, RingsWhenAWalkLeavesOneOutOrTakesOneFromAHole) {
  for (std::size_t i = 0; i < 3; ++i) {
    Visits visits;
    visits.leaves.erase(visits.leaves.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(visits.verdict(), std::nullopt) << i;
  }
  Visits visits;
  Leaf invented = visits.leaves[0];
  invented.virt = VirtAddr(0x7000);
  visits.leaves.insert(visits.leaves.begin() + 1, invented);
  EXPECT_NE(visits.verdict(), std::nullopt);
}

TEST(MemoryCheck, RingsWhenOneFieldOfALeafIsWrong) {
  for (int field = 0; field < 4; ++field) {
    Visits visits;
    Leaf& changed = visits.leaves[2];
    if (field == 0) changed.phys.value ^= page;
    if (field == 1) changed.flags.bits ^= 2;
    if (field == 2) changed.accessed ^= 1;
    if (field == 3) changed.dirty ^= 1;
    EXPECT_NE(visits.verdict(), std::nullopt) << field;
  }
}

// ---- Many inputs -------------------------------------------------------------------------------

// A word that leads on, maps, or is anything; seldom one that nothing is made of.
std::uint64_t random_entry(Random& random) {
  switch (random.below(8)) {
    case 0:
      return random.next();
    case 1:
      return random.next() & ~std::uint64_t{1};
    case 2:
      return (random.next() & (mask(51, 21) | bit(12))) | leaf | large | (random.next() & 0x61);
    case 3:
      return (random.next() & mask(51, 12)) | (random.next() & 0x7f) | 1;
    case 4:
      return (random.next() & (mask(62, 52) | 0xf60)) | table | page * random.below(8);
    default:
      return page * random.below(8) | table;
  }
}
Bytes random_memory(Random& random) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> words;
  std::uint32_t const count = 1 + random.below(40);
  for (std::uint32_t i = 0; i < count; ++i) {
    // Mostly the slots that the first addresses lead through.
    std::uint64_t const slot = random.chance(3, 4) ? random.below(4) : random.below(512);
    words.emplace_back(place(random.below(8), slot), random_entry(random));
  }
  return memory_of(words);
}
std::uint64_t random_address(Random& random) {
  std::uint64_t address = 0;
  for (int level = 1; level <= 5; ++level) {
    std::uint64_t const slot = random.chance(7, 8) ? random.below(4) : random.below(512);
    address |= slot << (12 + 9 * (level - 1));
  }
  return random.chance(1, 2) ? Spec::sign_extend(address | random.below(4096)) : address;
}

template <class Format>
int inputs_until_it_rings(int most) {
  Random random(7);
  for (int i = 0; i < most; ++i) {
    Bytes const bytes = random_memory(random);
    if (check<Format>(bytes, random_address(random))) return i;
  }
  return most;
}

TEST(MemoryCheck, HasNothingAgainstTheShippedFormatsOnManyInputs) {
  Random random(3);
  MachineOptions machine;
  int seen = 0;
  for (int i = 0; i < 5000; ++i) {
    machine.physical_bits = static_cast<std::uint8_t>(32 + random.below(21));
    machine.no_execute = random.chance(1, 2);
    machine.gigabyte_pages = random.chance(1, 2);
    machine.protection_keys = random.chance(1, 2);
    machine.execute_only = random.chance(1, 2);
    machine.mode_based_execute = random.chance(1, 2);
    Bytes const bytes = random_memory(random);
    VirtAddr const va(random_address(random));
    for_each_format([&]<class Format, class EachSpec>() {
      auto const wrong = check_memory<Format, EachSpec>(machine, bytes, va);
      ASSERT_EQ(wrong, std::nullopt) << EachSpec::name << " input " << i;
      ++seen;
    });
  }
  EXPECT_EQ(seen, 5000 * AllFormats::size);
}

TEST(MemoryCheck, FindsEveryBrokenFormatAmongManyInputs) {
  constexpr int most = 2000;
  EXPECT_LT(inputs_until_it_rings<TakesIgnoredBitsForAddress>(most), most);
  EXPECT_LT(inputs_until_it_rings<DropsHighAddressBits>(most), most);
  EXPECT_LT(inputs_until_it_rings<ShiftsSlots>(most), most);
  EXPECT_LT(inputs_until_it_rings<KeepsBit12OfLargeLeaves>(most), most);
  EXPECT_LT(inputs_until_it_rings<FollowsLargeLeaves>(most), most);
  EXPECT_LT(inputs_until_it_rings<TakesSoftwareBitsForLarge>(most), most);
}

}  // namespace
}  // namespace twinwalk::fuzz
