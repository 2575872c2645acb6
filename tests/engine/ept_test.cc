// ExtendedPageTable as its users meet it: entries, the EPT pointer, and the flush carrier on a
// processor that only takes notes.
#include "engine/ept.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace twinwalk::test {
namespace {

constexpr std::uint64_t every_capability = ~std::uint64_t{0};

// ---- Entries ----

TEST(EptEntry, HoldsPagesAndTables) {
  auto page = EPTEntry<2>::new_page(PhysAddr(0x200000), Flag::READ | Flag::EXECUTE);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->bits(), 0x2004b5u);
  EXPECT_TRUE(page->is_huge());
  EXPECT_EQ(page->flags(), Flag::READ | Flag::EXECUTE);
  auto table = EPTEntry<2>::new_table(PhysAddr(0x3000));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->bits(), 0x3407u);
  EXPECT_TRUE(table->is_table());
  EXPECT_EQ(EPTEntry<1>::new_page(PhysAddr(0x1000), MappingFlags(Flag::WRITE)).error(),
            PagingError::UnrepresentableFlags);
}

TEST(EptFlags, KnowTheMemoryTypesThatThereAre) {
  EPTFlags flags(Flag::READ | Flag::DEVICE);
  EXPECT_EQ(*flags.mem_type(), EPTMemType::Uncached);
  flags.set_mem_type(EPTMemType::WriteThrough);
  EXPECT_EQ(flags.bits(), EPTFlags::READ | 0x20);
  EXPECT_EQ(flags.mapping_flags(), MappingFlags(Flag::READ).with_memory_type(4));
  for (std::uint64_t const none : {2u, 3u, 7u}) EXPECT_FALSE(EPTFlags(none << 3).mem_type());
  EXPECT_TRUE(EPTFlags(Flag::READ | Flag::EXECUTE)
                  .contains(EPTFlags::EXECUTE | EPTFlags::EXECUTE_FOR_USER));
}

// ---- The EPT pointer ----

TEST(EptPointer, IsMadeAsAVmEntryTakesIt) {
  EPTP const four(PhysAddr(0x1234000), 4, true);
  EXPECT_EQ(four.bits(), 0x123405eu);
  EXPECT_EQ(four.root(), PhysAddr(0x1234000));
  EXPECT_TRUE(four.is_valid(every_capability, 46));
  EPTP const five(PhysAddr(0x5000), 5, false, EPTMemType::Uncached);
  EXPECT_EQ(five.bits(), 0x5020u);
  EXPECT_TRUE(five.is_valid(every_capability, 46));
}

TEST(EptPointer, IsRefusedWhereTheProcessorWould) {
  auto const valid = [](std::uint64_t bits, std::uint64_t missing) {
    return EPTP(bits).is_valid(every_capability & ~missing, 46);
  };
  EXPECT_FALSE(valid(0x105e, bit(6)));
  EXPECT_FALSE(valid(0x105e, bit(14)));
  EXPECT_FALSE(valid(0x105e, bit(21)));
  EXPECT_FALSE(valid(0x1020, bit(7)));
  EXPECT_FALSE(valid(0x1020, bit(8)));
  EXPECT_FALSE(valid(0x10de, bit(23)));
  EXPECT_TRUE(valid(0x10de, 0));
  EXPECT_FALSE(valid(0x1059, 0)) << "a type that is none for tables";
  EXPECT_FALSE(valid(0x1056, 0)) << "a walk of 3";
  EXPECT_FALSE(valid(0x115e, 0)) << "a reserved bit";
  EXPECT_FALSE(valid(0x105e | bit(46), 0)) << "beyond MAXPHYADDR";
}

// ---- The carrier ----

struct FakeProcessor {
  std::uint64_t known = every_capability;
  bool takes_single_context = true;
  std::vector<std::pair<ept::Invept, std::uint64_t>> notes{};

  std::uint64_t capabilities() const { return known; }
  bool invept(ept::Invept type, std::uint64_t pointer) {
    notes.emplace_back(type, pointer);
    return type == ept::Invept::all_context || takes_single_context;
  }
};
using Notes = decltype(FakeProcessor::notes);

Notes notes_of(FakeProcessor cpu, FlushScope const& scope) {
  ept::Carrier<FakeProcessor, 4>(cpu).carry_out(scope);
  return cpu.notes;
}

FlushScope a_page() {
  FlushScope scope;
  scope.root = 0x1234000;
  scope.range_count = 1;
  scope.ranges[0] = {0x5000, 0x5fff, PageSize::Size4K};
  return scope;
}

TEST(EptCarrier, ForgetsOneTreeForOnePage) {
  EXPECT_EQ(notes_of({}, a_page()), (Notes{{ept::Invept::single_context, 0x123401e}}));
  FakeProcessor uncached;
  uncached.known &= ~ept::capability::write_back;
  EXPECT_EQ(notes_of(uncached, a_page()), (Notes{{ept::Invept::single_context, 0x1234018}}));
}

TEST(EptCarrier, ForgetsEveryTreeWhereMoreAreConcernedOrItCannotDoLess) {
  FlushScope shared = a_page();
  shared.every_space = true;
  EXPECT_EQ(notes_of({}, shared), (Notes{{ept::Invept::all_context, 0}}));
  FakeProcessor old;
  old.known &= ~ept::capability::invept_single_context;
  EXPECT_EQ(notes_of(old, a_page()), (Notes{{ept::Invept::all_context, 0}}));
  FakeProcessor failing;
  failing.takes_single_context = false;
  EXPECT_EQ(notes_of(failing, a_page()).back(),
            (std::pair<ept::Invept, std::uint64_t>{ept::Invept::all_context, 0}));
}

TEST(EptCarrier, DoesNothingForNewEntries) {
  FlushScope linked;
  linked.table_changed = true;
  EXPECT_EQ(notes_of({}, linked), Notes{});
}

}  // namespace
}  // namespace twinwalk::test
