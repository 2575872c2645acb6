// NestedPageTable as its users meet it, and the laws of its encoding where they differ from the
// host's.
#include "engine/npt.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "engine/formats/x86_64.hpp"

namespace twinwalk::test {
namespace {

using Options = Npt::Options<std::uint64_t>;

TEST(NptEntry, HoldsPagesAndTables) {
  auto page = NPTEntry<2>::new_page(PhysAddr(0x200000), Flag::READ | Flag::WRITE | Flag::EXECUTE);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->bits(), 0x200087u);
  EXPECT_TRUE(page->is_huge());
  EXPECT_EQ(page->flags(), Flag::READ | Flag::WRITE | Flag::EXECUTE);
  auto table = NPTEntry<2>::new_table(PhysAddr(0x3000));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->bits(), 0x3007u);
  for (MappingFlags const refused : {MappingFlags(Flag::WRITE), Flag::READ | Flag::GLOBAL,
                                     MappingFlags(Flag::READ).with_key(3)}) {
    EXPECT_EQ(NPTEntry<1>::new_page(PhysAddr(0x1000), refused).error(),
              PagingError::UnrepresentableFlags);
  }
}

TEST(NptFormat, IsTheHostsForAUserWithoutKeysAndGlobal) {
  MachineOptions machine;
  for (bool const no_execute : {true, false}) {
    machine.no_execute = no_execute;
    Options const options(machine);
    X86_64<4>::Options<std::uint64_t> const host(machine);
    int held = 0;
    for (std::uint64_t bits = 0; bits < (1U << 16); ++bits) {
      MappingFlags const flags(bits | 0x0a500000);
      bool const fits = X86_64<4>::representable(host, flags) && !flags.has(Flag::GLOBAL);
      ASSERT_EQ(Npt::representable(options, flags), fits) << std::hex << flags.bits;
      if (!fits) continue;
      ++held;
      for (int level = 1; level <= 3; ++level) {
        std::uint64_t const entry =
            Npt::leaf(level, std::uint64_t{0x40000000}, Npt::encode(options, flags));
        ASSERT_EQ(entry, X86_64<4>::leaf(level, std::uint64_t{0x40000000},
                                         X86_64<4>::encode(host, flags | Flag::USER)));
        ASSERT_EQ(Npt::decode(options, level, entry),
                  X86_64<4>::decode(host, level, entry).without(Flag::USER));
      }
    }
    EXPECT_GT(held, 40);
  }
}

TEST(NptFormat, ReadsNoRightWithoutUserAndNoKeyAtAll) {
  EXPECT_EQ(Npt::decode(Options(), 1, std::uint64_t{0x5003}), MappingFlags());
  EXPECT_EQ(Npt::decode(Options(), 1, std::uint64_t{0x7800000000005107}),
            Flag::READ | Flag::WRITE | Flag::EXECUTE);
}

TEST(NptFormat, HasAddressesWithoutASign) {
  EXPECT_TRUE(Npt::canonical(mask(47, 0)));
  EXPECT_FALSE(Npt::canonical(bit(48)));
  EXPECT_FALSE(Npt::canonical(~std::uint64_t{0}));
}

TEST(NptTlbControl, ForgetsAnAsidOrEverything) {
  FlushScope scope;
  EXPECT_EQ(npt::tlb_control(scope, true), npt::TlbControl::nothing);
  scope.table_changed = true;
  EXPECT_EQ(npt::tlb_control(scope, true), npt::TlbControl::nothing);
  scope.range_count = 1;
  scope.ranges[0] = {0x5000, 0x5fff, PageSize::Size4K};
  EXPECT_EQ(npt::tlb_control(scope, true), npt::TlbControl::this_asid);
  EXPECT_EQ(npt::tlb_control(scope, false), npt::TlbControl::everything);
  scope.every_space = true;
  EXPECT_EQ(npt::tlb_control(scope, true), npt::TlbControl::everything);
}

}  // namespace
}  // namespace twinwalk::test
