// Entries in neutral words: what they hold, what they refuse, what survives.
#include <gtest/gtest.h>

#include <cstdint>

#include "engine/aarch64.hpp"
#include "engine/ept.hpp"
#include "engine/riscv.hpp"
#include "engine/x86_64.hpp"

namespace twinwalk::test {
namespace {

constexpr MappingFlags read_write = Flag::READ | Flag::WRITE;

TEST(NeutralEntry, ThePublishedWordsAreThoseOfTheSeed) {
  PhysAddr const page(0x5000);
  EXPECT_EQ(X64PTE<1>::new_page(page, Flag::READ)->bits(), 0x8000'0000'0000'5001u);
  EXPECT_EQ(X64PTE<1>::new_page(page, read_write)->bits(), 0x8000'0000'0000'5003u);
  EXPECT_EQ(X64PTE<1>::new_page(page, read_write | Flag::EXECUTE | Flag::USER)->bits(), 0x5007u);
  EXPECT_EQ(X64PTE<1>::new_page(page, Flag::READ | Flag::DEVICE)->bits(), 0x8000'0000'0000'5019u);
  EXPECT_EQ(X64PTE<4>::new_table(page)->bits(), 0x5007u);
}

template <template <int> class PTE>
void moves_and_changes(std::uint64_t table) {
  PTE<2> leaf = *PTE<2>::new_page(PhysAddr(0x40'0000), read_write);
  EXPECT_EQ(leaf.paddr(), PhysAddr(0x40'0000));
  EXPECT_TRUE(leaf.is_huge() && leaf.is_present());
  EXPECT_TRUE(leaf.set_paddr(PhysAddr(0x7f'ffe0'0000)));
  EXPECT_EQ(leaf.paddr(), PhysAddr(0x7f'ffe0'0000));
  EXPECT_EQ(leaf.flags(), read_write);
  EXPECT_FALSE(leaf.set_paddr(PhysAddr(0x1000))) << "not aligned";
  EXPECT_TRUE(leaf.set_flags(Flag::READ));
  EXPECT_EQ(leaf.flags(), MappingFlags(Flag::READ));
  EXPECT_EQ(leaf.paddr(), PhysAddr(0x7f'ffe0'0000));
  PTE<2> pointer = *PTE<2>::new_table(PhysAddr(0x5000));
  EXPECT_EQ(pointer.bits(), table);
  EXPECT_TRUE(pointer.is_table());
  EXPECT_TRUE(pointer.set_paddr(PhysAddr(0x7'f000)));
  EXPECT_EQ(pointer.paddr(), PhysAddr(0x7'f000));
  pointer.clear();
  EXPECT_TRUE(pointer.is_unused());
}

TEST(NeutralEntry, OfEveryArchitectureMovesAndChanges) {
  moves_and_changes<X64PTE>(0x5007);
  moves_and_changes<EPTEntry>(0x5407);
  moves_and_changes<Rv64PTE>(0x1401);
  moves_and_changes<Rv64GuestPTE>(0x1401);
  moves_and_changes<A64PTE>(0x5003);
  moves_and_changes<A64El2PTE>(0x5003);
  moves_and_changes<A64GuestPTE>(0x5003);
}

TEST(NeutralEntry, DeviceAndUncachedComeBackApart) {
  PhysAddr const page(0x5000);
  EXPECT_EQ(X64PTE<1>::new_page(page, Flag::READ | Flag::DEVICE)->flags(),
            Flag::READ | Flag::DEVICE);
  EXPECT_EQ(X64PTE<1>::new_page(page, Flag::READ | Flag::UNCACHED)->flags(),
            Flag::READ | Flag::UNCACHED);
}

TEST(NeutralEntry, BitSevenIsPatAtLevelOneAndPageSizeAbove) {
  X64PTE<1> const small(0x5081);
  EXPECT_FALSE(small.is_huge());
  EXPECT_TRUE(small.is_page());
  EXPECT_EQ(small.flags().memory_type(), 4u);
  X64PTE<2> const large(0x4000'1081);
  EXPECT_TRUE(large.is_huge());
  EXPECT_EQ(large.paddr(), PhysAddr(0x4000'0000)) << "bit 12 is PAT, not address";
  X64PTE<4> const top(0x5081);  // reserved there, and no page
  EXPECT_FALSE(top.is_huge());
}

TEST(NeutralEntry, WhatCannotBeHeldIsRefused) {
  MachineOptions machine;
  machine.physical_bits = 40;
  machine.gigabyte_pages = false;
  X64PTE<1>::Options const options(machine);
  auto const error = [](auto const& result) { return result.error(); };
  EXPECT_EQ(error(X64PTE<3>::new_page(PhysAddr(0), read_write, options)),
            PagingError::UnsupportedPageSize);
  EXPECT_EQ(error(X64PTE<2>::new_page(PhysAddr((1ull << 40) + 1), MappingFlags(), options)),
            PagingError::InvalidAddress);
  EXPECT_EQ(error(X64PTE<2>::new_page(PhysAddr(0x1000), MappingFlags(), options)),
            PagingError::NotAligned);
  EXPECT_EQ(error(X64PTE<2>::new_page(PhysAddr(0), Flag::EXECUTE, options)),
            PagingError::UnrepresentableFlags);
  EXPECT_EQ(error(X64PTE<2>::new_page(PhysAddr(0), MappingFlags(read_write).with_key(1))),
            PagingError::UnrepresentableFlags);
  EXPECT_EQ(error(X64PTE<2>::new_table(PhysAddr(1ull << 52))), PagingError::InvalidAddress);
  EXPECT_EQ(error(X64PTE<2>::new_table(PhysAddr(0x5008))), PagingError::NotAligned);
}

template <class Entry>
concept MakesPages = requires { Entry::new_page(PhysAddr(), MappingFlags()); };
template <class Entry>
concept MakesTables = requires { Entry::new_table(PhysAddr()); };

TEST(NeutralEntry, LevelsMakeOnlyWhatTheyCanHold) {
  static_assert(MakesPages<X64PTE<1>> && !MakesTables<X64PTE<1>>);
  static_assert(MakesPages<X64PTE<3>> && MakesTables<X64PTE<3>>);
  static_assert(!MakesPages<X64PTE<4>> && MakesTables<X64PTE<4>>);
  static_assert(!MakesPages<X64PTE<5>> && MakesTables<X64PTE<5>>);
}

TEST(NeutralEntry, SetFlagsKeepsAccessedDirtySoftwareBitsAndTheAddress) {
  X64PTE<2> entry(0x03f0'0000'4000'1ee7 | 0x80);
  ASSERT_TRUE(entry.set_flags(MappingFlags(Flag::READ).with_software(1)));
  EXPECT_EQ(entry.bits(), 0x83f0'0000'4000'0ee1u);
}

TEST(NeutralEntry, SetPaddrKeepsEverythingElse) {
  X64PTE<2> entry(0x83f0'0000'4000'1fe3);
  ASSERT_TRUE(entry.set_paddr(PhysAddr(0x000f'ffff'ffe0'0000)));
  EXPECT_EQ(entry.bits(), 0x83ff'ffff'ffe0'1fe3u);
  EXPECT_FALSE(entry.set_paddr(PhysAddr(0x1000)));
  EXPECT_FALSE(entry.set_paddr(PhysAddr(1ull << 52)));
  EXPECT_EQ(entry.bits(), 0x83ff'ffff'ffe0'1fe3u);
  X64PTE<2> table(0x5027);
  ASSERT_TRUE(table.set_paddr(PhysAddr(0x7000)));
  EXPECT_EQ(table.bits(), 0x7027u);
  EXPECT_FALSE(table.set_flags(read_write)) << "rights live in leaves";
}

TEST(NeutralEntry, AHoleHasNoAddressAndNoFlagsAndTakesNone) {
  X64PTE<1> hole(0xdead'beef'dead'beee);
  EXPECT_FALSE(hole.is_present());
  EXPECT_FALSE(hole.is_unused());
  EXPECT_EQ(hole.paddr(), PhysAddr(0));
  EXPECT_EQ(hole.flags(), MappingFlags());
  EXPECT_FALSE(hole.set_flags(read_write));
  EXPECT_FALSE(hole.set_paddr(PhysAddr(0x1000)));
  hole.clear();
  EXPECT_TRUE(hole.is_unused());
  EXPECT_EQ(hole, X64PTE<1>());
}

TEST(NeutralEntry, MetadataSaysWhatAnyMachineMayHave) {
  using M = X64PagingMetaData<4>;
  EXPECT_EQ(M::LEVELS, 4);
  EXPECT_EQ(M::VA_MAX_BITS, 48);
  EXPECT_EQ(X64PagingMetaData<5>::VA_MAX_BITS, 57);
  EXPECT_TRUE(M::paddr_is_valid(PhysAddr(M::PA_MAX_ADDR)));
  EXPECT_FALSE(M::paddr_is_valid(PhysAddr(M::PA_MAX_ADDR + 1)));
  EXPECT_TRUE(M::vaddr_is_valid(VirtAddr(0xffff'8000'0000'0000)));
  EXPECT_FALSE(M::vaddr_is_valid(VirtAddr(0x0000'8000'0000'0000)));
}

}  // namespace
}  // namespace twinwalk::test
