// Typed entries: every field in its five forms, where the manual has it and nowhere else.
#include <gtest/gtest.h>

#include <cstdint>

#include "engine/formats/x86_64_entries.hpp"
#include "engine/x86_64.hpp"

namespace twinwalk::test {
namespace {

// All five forms of one field, given its bits.
#define EXPECT_FIELD(Entry, field, hi, lo)                                              \
  do {                                                                                  \
    std::uint64_t const all = mask(hi, lo);                                             \
    auto const largest = decltype(Entry().field())(all >> lo);                          \
    EXPECT_EQ(Entry(~0ull).field(), largest);                                           \
    EXPECT_EQ(Entry().with_##field(largest).bits() & ~Entry().bits(), all);             \
    EXPECT_EQ(Entry(~0ull).with_##field(decltype(largest){}).bits(), ~all);             \
    EXPECT_EQ((*Entry().with_##field##_checked(largest)).bits(), Entry().bits() | all); \
    Entry entry;                                                                        \
    entry.set_##field(largest);                                                         \
    EXPECT_EQ(entry.bits(), Entry().bits() | all);                                      \
    EXPECT_TRUE(entry.set_##field##_checked(decltype(largest){}));                      \
    EXPECT_EQ(entry.bits(), Entry().bits());                                            \
  } while (false)

template <class Entry>
class TypedEntry : public ::testing::Test {};
using EveryEntry = ::testing::Types<Pml5Entry, Pml4Entry, PdptTableEntry, PdptPageEntry, PdptEntry,
                                    PdTableEntry, PdPageEntry, PdEntry, PtEntry>;
TYPED_TEST_SUITE(TypedEntry, EveryEntry);

TYPED_TEST(TypedEntry, HasEveryCommonFieldInFiveForms) {
  EXPECT_FIELD(TypeParam, present, 0, 0);
  EXPECT_FIELD(TypeParam, writable, 1, 1);
  EXPECT_FIELD(TypeParam, user, 2, 2);
  EXPECT_FIELD(TypeParam, write_through, 3, 3);
  EXPECT_FIELD(TypeParam, cache_disable, 4, 4);
  EXPECT_FIELD(TypeParam, accessed, 5, 5);
  EXPECT_FIELD(TypeParam, os_available_low, 11, 9);
  EXPECT_FIELD(TypeParam, os_available_high, 58, 52);
  EXPECT_FIELD(TypeParam, protection_key, 62, 59);
  EXPECT_FIELD(TypeParam, no_execute, 63, 63);
}

TYPED_TEST(TypedEntry, CheckedFormsRefuseWhatDoesNotFitAndOthersDropIt) {
  TypeParam entry;
  EXPECT_FALSE(entry.set_protection_key_checked(16));
  EXPECT_FALSE(entry.set_os_available_low_checked(8));
  EXPECT_FALSE(entry.set_os_available_high_checked(128));
  EXPECT_EQ(entry, TypeParam()) << "a refused value changes nothing";
  EXPECT_FALSE(bool(entry.with_protection_key_checked(255)));
  EXPECT_FALSE(bool(entry.with_os_available_low_checked(9)));
  EXPECT_FALSE(bool(entry.with_os_available_high_checked(200)));
  EXPECT_EQ(entry.with_protection_key(0x1f).protection_key(), 15);
  EXPECT_EQ(entry.with_os_available_low(0xff).bits(), TypeParam().bits() | 0xe00);
}

TEST(TypedEntries, PageFieldsStandWhereTheLevelHasThem) {
  EXPECT_FIELD(PtEntry, pat, 7, 7);
  EXPECT_FIELD(PdPageEntry, pat, 12, 12);
  EXPECT_FIELD(PdptPageEntry, pat, 12, 12);
  EXPECT_FIELD(PtEntry, dirty, 6, 6);
  EXPECT_FIELD(PdPageEntry, dirty, 6, 6);
  EXPECT_FIELD(PdptPageEntry, global, 8, 8);
  EXPECT_FIELD(PtEntry, global, 8, 8);
  EXPECT_FIELD(PdptEntry, large_page, 7, 7);
  EXPECT_FIELD(PdEntry, large_page, 7, 7);
}

template <class Entry>
concept HasPageFields = requires(Entry e) { e.dirty(); } || requires(Entry e) { e.global(); } ||
                        requires(Entry e) { e.pat(); };
template <class Entry>
concept HasLargePage = requires(Entry e) { e.large_page(); };

TEST(TypedEntries, FieldsThatMeanNothingAtALevelDoNotExistThere) {
  static_assert(!HasPageFields<Pml5Entry> && !HasLargePage<Pml5Entry>);
  static_assert(!HasPageFields<Pml4Entry> && !HasLargePage<Pml4Entry>);
  static_assert(!HasPageFields<PdptTableEntry> && !HasPageFields<PdTableEntry>);
  static_assert(!HasLargePage<PtEntry>);
  static_assert(HasPageFields<PtEntry> && HasPageFields<PdPageEntry>);
}

TEST(TypedEntries, AddressesAreExactForThePageSize) {
  EXPECT_EQ(Pml4Entry(~0ull).physical_address().base(), PhysAddr(0x000f'ffff'ffff'f000));
  EXPECT_EQ(PtEntry(~0ull).physical_address().base(), PhysAddr(0x000f'ffff'ffff'f000));
  EXPECT_EQ(PdPageEntry(~0ull).physical_address().base(), PhysAddr(0x000f'ffff'ffe0'0000));
  EXPECT_EQ(PdptPageEntry(~0ull).physical_address().base(), PhysAddr(0x000f'ffff'c000'0000));
  auto const page = *PhysicalPage<PageSize::Size2M>::from_base(PhysAddr(0x4020'0000));
  PdPageEntry entry(~0ull);
  entry.set_physical_address(page);
  EXPECT_EQ(entry.bits(), 0xfff0'0000'4020'0000 | 0x1f'ffff) << "PAT and reserved bits stay";
  EXPECT_EQ(PdPageEntry().with_physical_address(page).bits(), 0x4020'0080u);
  auto const table = *PhysicalPage<PageSize::Size4K>::from_base(PhysAddr(0x5000));
  EXPECT_EQ(Pml5Entry(1).with_physical_address(table).next_table()->base(), PhysAddr(0x5000));
}

TEST(TypedEntries, PhysicalPagesAreAlignedAndWithinFiftyTwoBits) {
  using Page = PhysicalPage<PageSize::Size1G>;
  EXPECT_FALSE(bool(Page::from_base(PhysAddr(0x20'0000))));
  EXPECT_FALSE(bool(Page::from_base(PhysAddr(1ull << 52))));
  EXPECT_EQ(Page::from_base(PhysAddr(0xf'ffff'c000'0000))->base(), PhysAddr(0xf'ffff'c000'0000));
  EXPECT_EQ(Page::containing(PhysAddr(0x7fff'ffff)).base(), PhysAddr(0x4000'0000));
}

TEST(TypedEntries, NextTableIsThereForPresentTablesOnly) {
  EXPECT_FALSE(bool(Pml4Entry(0x5002).next_table()));
  EXPECT_EQ(Pml4Entry(0x5003).next_table()->base(), PhysAddr(0x5000));
  EXPECT_FALSE(bool(PdEntry(0x4000'0083).next_table())) << "a huge page is no table";
  EXPECT_EQ(PdEntry(0x4000'0003).next_table()->base(), PhysAddr(0x4000'0000));
  EXPECT_TRUE(bool(PdEntry(0x83).page()));
  EXPECT_FALSE(bool(PdEntry(0x83).table()));
  EXPECT_EQ(PdEntry(0x5003).table()->physical_address().base(), PhysAddr(0x5000));
  EXPECT_FALSE(bool(PdEntry(0x03).page()));
  EXPECT_EQ(PdptEntry(0x4000'1083).page()->pat(), true);
}

TEST(TypedEntries, PresentWithPutsFlagsWhereTheEntryHasThem) {
  auto const flags = VirtualMemoryPageBits()
                         .with_writable(true)
                         .with_pat(true)
                         .with_global(true)
                         .with_no_execute(true)
                         .with_protection_key(5);
  using enum PageSize;
  std::uint64_t const common = 0xa800'0000'0000'0103;
  EXPECT_EQ(PtEntry::present_with(flags, PhysicalPage<Size4K>::containing(PhysAddr(0x5000))).bits(),
            common | 0x5080);
  EXPECT_EQ(
      PdEntry::present_with(flags, PhysicalPage<Size2M>::containing(PhysAddr(0x20'0000))).bits(),
      common | 0x20'1080);
  EXPECT_EQ(
      PdptEntry::present_with(flags, PhysicalPage<Size1G>::containing(PhysAddr(1 << 30))).bits(),
      common | 0x4000'1080);
  auto const plain = VirtualMemoryPageBits().with_writable(true).with_user(true);
  auto const table = PhysicalPage<Size4K>::containing(PhysAddr(0x9000));
  EXPECT_EQ(Pml5Entry::present_with(plain, table).bits(), 0x9007u);
  EXPECT_EQ(Pml4Entry::present_with(plain, table).bits(), 0x9007u);
  EXPECT_EQ(PdptEntry::present_with(plain, table).bits(), 0x9007u);
  EXPECT_EQ(PdEntry::present_with(plain, table).bits(), 0x9007u);
}

TEST(TypedEntriesDeathTest, FlagsThatATableHasNoPlaceForDie) {
  auto const table = PhysicalPage<PageSize::Size4K>::containing(PhysAddr(0x9000));
  for (auto const flags :
       {VirtualMemoryPageBits().with_large_page(true), VirtualMemoryPageBits().with_pat(true),
        VirtualMemoryPageBits().with_global(true), VirtualMemoryPageBits().with_dirty(true)}) {
    EXPECT_DEATH((void)Pml4Entry::present_with(flags, table), "");
    EXPECT_DEATH((void)PdEntry::present_with(flags, table), "");
  }
  EXPECT_DEATH((void)PtEntry::present_with(VirtualMemoryPageBits().with_large_page(true), table),
               "");
  EXPECT_DEATH((void)PdPageEntry(0x200001), "") << "PS is missing";
}

TEST(TypedEntries, APartOfAVirtualAddressNamesASlotOfEachTable) {
  constexpr VirtAddr address((1ull << 48) | (2ull << 39) | (3ull << 30) | (4ull << 21) |
                             (5ull << 12) | 6);
  static_assert(pml5_index(address) == 1 && pml4_index(address) == 2);
  static_assert(pdpt_index(address) == 3 && pd_index(address) == 4 && pt_index(address) == 5);
  static_assert(page_offset(address) == 6);
  static_assert(page_offset(address, PageSize::Size2M) == 0x5006);
  EXPECT_EQ(pml5_index(VirtAddr(~0ull)), 511u);
  EXPECT_EQ(pt_index(VirtAddr(~0ull)), 511u);
}

}  // namespace
}  // namespace twinwalk::test
