// What a user of the libraries that this engine follows finds here, an operation or an error at a
// time: page_table_multiarch 0.6.1 (PTM), page-table-generic 0.7.4 (PTG), axaddrspace 0.5.9 (AXA).
//
// docs/compatibility.md is made of the comments before the tests by tools/compatibility.py: what
// the library does, and what this engine does, which the test shows. "Seen" is what came of running
// the library, "read" what its source says.
#include <vector>

#include "engine/formats/aarch64.hpp"
#include "engine/formats/ept.hpp"
#include "engine/formats/loongarch64.hpp"
#include "engine/formats/riscv.hpp"
#include "fixture.hpp"

namespace twinwalk::test {
namespace {

using enum PagingError;

struct Table64 : TableOf<X86_64<4>> {
  auto map_at(std::uint64_t va, std::uint64_t pa, PageSize size, MappingFlags flags = read_write) {
    return table->map(VirtAddr(va), PhysAddr(pa), size, flags);
  }
  auto map_4k(std::uint64_t va, std::uint64_t pa, MappingFlags flags = read_write) {
    return map_at(va, pa, PageSize::Size4K, flags);
  }
  bool is_mapped(std::uint64_t va) const { return bool(table->query(VirtAddr(va))); }
};

// ---- try_new ----

struct TryNew : Table64 {};

// There: PTM: NoMemory where there is no frame for the root.
// Here: The same; and the frame need not be zeroed.
TEST_F(TryNew, NeedsOneFrame) {
  Arena none;
  none.allocations_left = 0;
  EXPECT_EQ(error_of(Table::create(none, options)), NoMemory);
  EXPECT_FALSE(is_mapped(0));
}

// ---- map ----

struct Map : Table64 {};

// There: PTM: takes any address and rounds it down to the page (read).
// Here: NotAligned.
TEST_F(Map, RefusesWhatIsNoPage) {
  EXPECT_EQ(error_of(map_4k(0x1001, 0x5000)), NotAligned);
  EXPECT_EQ(error_of(map_at(0, 0x5000, PageSize::Size2M)), NotAligned);
}

// There: PTM: takes addresses that are not canonical, so that 0x0000_8000_0000_0000 is another name
// of 0xffff_8000_0000_0000, and cuts physical ones that are too wide (seen).
// Here: InvalidAddress, by the width of the machine.
TEST_F(Map, RefusesAddressesThatThereAreNot) {
  EXPECT_EQ(error_of(map_4k(0x0000'8000'0000'0000, 0x5000)), InvalidAddress);
  start({.physical_bits = 36});
  EXPECT_EQ(error_of(map_4k(0, std::uint64_t{1} << 36)), InvalidAddress);
}

// There: PTM: AlreadyMapped wherever any bit of the entry is set; once 4K was mapped and unmapped,
// 2M can never be (seen).
// Here: AlreadyMapped where something is mapped.
TEST_F(Map, TakesWhatIsFree) {
  map4K(0x3000, 0x5000);
  EXPECT_EQ(error_of(map_4k(0x3000, 0x6000)), AlreadyMapped);
  EXPECT_EQ(error_of(map_at(0, 0, PageSize::Size2M)), AlreadyMapped);
  ASSERT_TRUE(settled(table->unmap(VirtAddr(0x3000))));
  EXPECT_TRUE(settled(map_at(0, 0, PageSize::Size2M)));
}

// There: PTM: MappedToHugePage beneath a large page, but NotMapped if that lies at physical 0
// (seen).
// Here: MappedToHugePage, wherever it lies.
TEST_F(Map, KnowsALargePageAtPhysicalZero) {
  map2M(0, 0);
  map2M(MiB2, MiB2);
  EXPECT_EQ(error_of(map_4k(0x1000, 0x5000)), MappedToHugePage);
  EXPECT_EQ(error_of(map_4k(MiB2 + 0x1000, 0x5000)), MappedToHugePage);
}

// There: PTM: NoMemory, and the tables that were made until then stay (seen).
// Here: NoMemory, and nothing was written: every frame is given back.
TEST_F(Map, WithoutMemoryLeavesNothing) {
  arena.allocations_left = 2;
  EXPECT_EQ(error_of(map_4k(0x1000, 0x5000)), NoMemory);
  EXPECT_EQ(frame_count(), 1);
}

// There: PTM: empty flags write nothing at physical 0 and say Ok; elsewhere they leave a word that
// is neither mapped nor free (seen).
// Here: UnrepresentableFlags: a page without any right is a hole.
TEST_F(Map, RefusesAPageWithoutRights) {
  EXPECT_EQ(error_of(map_4k(0x1000, 0, {})), UnrepresentableFlags);
  EXPECT_EQ(error_of(map_4k(0x1000, 0x5000, Flag::DEVICE)), UnrepresentableFlags);
}

// There: PTM: on x86 WRITE or EXECUTE alone can be read as well (read).
// Here: UnrepresentableFlags: no more is granted than was asked for.
TEST_F(Map, GrantsNoMoreThanAskedFor) {
  EXPECT_EQ(error_of(map_4k(0x1000, 0x5000, Flag::WRITE)), UnrepresentableFlags);
  EXPECT_EQ(error_of(map_4k(0x1000, 0x5000, Flag::EXECUTE)), UnrepresentableFlags);
}

// There: PTG: a new table takes the rights of the first page beneath it, so that a later one cannot
// be written (seen).
// Here: rights live in leaves; tables grant everything.
TEST_F(Map, TablesTakeNoRights) {
  map4K(0x1000, 0x5000, read_only);
  map4K(0x2000, 0x6000, read_write);
  std::uint64_t at = table->root().value;
  for (int level = levels; level > 1; --level) {
    EXPECT_EQ(arena.peek(at) & 7, 7u);
    at = arena.peek(at) & 0x000f'ffff'ffff'f000;
  }
}

// ---- remap ----

struct Remap : Table64 {};

// There: PTM: writes a mapping where there was none (seen).
// Here: NotMapped.
TEST_F(Remap, NeedsAPage) {
  map4K(0x2000, 0x5000);
  EXPECT_EQ(error_of(table->remap(VirtAddr(0x1000), PhysAddr(0x6000), read_write)), NotMapped);
}

// There: PTM: takes any physical address for a large page, whose low bits then are reserved ones or
// the PAT's (seen).
// Here: NotAligned.
TEST_F(Remap, KeepsLargePagesAligned) {
  map2M(0, MiB2);
  EXPECT_EQ(error_of(table->remap(VirtAddr(0), PhysAddr(0x803000), read_write)), NotAligned);
}

// There: PTM: returns the size of the page.
// Here: returns the whole old leaf, as hardware left it; its software bits stay.
TEST_F(Remap, ReturnsWhatWasThere) {
  map4K(0x1000, 0x5000, read_write.with_software(5));
  set_in_leaf(0x1000, dirty_bit);
  auto moved = table->remap(VirtAddr(0x1000), PhysAddr(0x9000), read_only);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->leaf.phys, PhysAddr(0x5000));
  EXPECT_EQ(moved->leaf.dirty, 1u);
  moved->plan.carry_out();
  EXPECT_EQ(table->query(VirtAddr(0x1000))->flags, read_only.with_software(5));
}

// ---- protect ----

struct Protect : Table64 {};

// There: PTM: empty flags make a page that is not there and not free; on RISC-V the next map takes
// its frame for a table and writes into it (seen).
// Here: UnrepresentableFlags, on every format.
TEST_F(Protect, ToNothingIsRefused) {
  map2M(0, MiB2);
  EXPECT_EQ(error_of(table->protect(VirtAddr(0), {})), UnrepresentableFlags);
  EXPECT_FALSE(Riscv<3>::representable({}, MappingFlags()));
  EXPECT_FALSE(Riscv<3>::representable({}, Flag::USER | Flag::DEVICE));
}

// There: PTM: drops accessed, dirty, GLOBAL, the PAT and what software had there (read).
// Here: keeps accessed, dirty and software's bits; the others are what the flags say.
TEST_F(Protect, KeepsWhatHardwareNoted) {
  map4K(0x1000, 0x5000, read_write.with_software(3));
  set_in_leaf(0x1000, accessed_bit | dirty_bit);
  ASSERT_TRUE(settled(table->protect(VirtAddr(0x1000), read_only | Flag::GLOBAL)));
  auto leaf = table->query(VirtAddr(0x1000));
  EXPECT_EQ(leaf->accessed, 1u);
  EXPECT_EQ(leaf->dirty, 1u);
  EXPECT_EQ(leaf->flags, (read_only | Flag::GLOBAL).with_software(3));
}

// There: PTM: NotMapped where there is no page.
// Here: The same.
TEST_F(Protect, NeedsAPage) {
  EXPECT_EQ(error_of(table->protect(VirtAddr(0x1000), read_only)), NotMapped);
}

// ---- unmap ----

struct Unmap : Table64 {};

// There: PTM: NotMapped where there is no page, but clears the entry all the same (read).
// Here: NotMapped, and no store.
TEST_F(Unmap, OfAHoleStoresNothing) {
  map4K(0x2000, 0x5000);
  arena.poke(seen(0x1000).slot, 0xabc0);
  arena.forget();
  EXPECT_EQ(error_of(table->unmap(VirtAddr(0x1000))), NotMapped);
  EXPECT_EQ(arena.count(Arena::Kind::write), 0);
}

// There: PTM: frees no table before the whole tree goes (read). PTG: frees them without a flush
// (read).
// Here: a table that is empty goes with the call, and its frame after the flush.
TEST_F(Unmap, GivesEmptyTablesBack) {
  map4K(0x1000, 0x5000);
  auto removed = table->unmap(VirtAddr(0x1000));
  ASSERT_TRUE(removed);
  EXPECT_EQ(frame_count(), 4);
  removed->plan.carry_out();
  EXPECT_EQ(frame_count(), 1);
}

// ---- query ----

struct Query : Table64 {};

// There: PTM: the byte's physical address, flags and size; NotMapped elsewhere.
// Here: The same, with accessed and dirty.
TEST_F(Query, TranslatesTheByte) {
  map2M(MiB2, 3 * MiB2);
  auto leaf = table->query(VirtAddr(MiB2 + 0x1234));
  EXPECT_EQ(leaf->phys, PhysAddr(3 * MiB2 + 0x1234));
  EXPECT_EQ(leaf->size, PageSize::Size2M);
  EXPECT_EQ(error_of(table->query(VirtAddr(0))), NotMapped);
}

// There: PTM: DEVICE comes back as UNCACHED (read).
// Here: each comes back as itself.
TEST_F(Query, TellsDeviceFromUncached) {
  map4K(0x1000, 0x5000, read_write | Flag::DEVICE);
  map4K(0x2000, 0x6000, read_write | Flag::UNCACHED);
  EXPECT_EQ(table->query(VirtAddr(0x1000))->flags, read_write | Flag::DEVICE);
  EXPECT_EQ(table->query(VirtAddr(0x2000))->flags, read_write | Flag::UNCACHED);
}

// ---- map_region ----

struct MapRegion : Table64 {};

// There: PTM: takes the largest page that both addresses and the rest of the length allow.
// Here: The same; and no larger than the caller wants.
TEST_F(MapRegion, TakesTheLargestPages) {
  ASSERT_TRUE(settled(
      table->map_region(VirtAddr(MiB2 - KiB4), PhysAddr(3 * MiB2 - KiB4), MiB2 + KiB4, read_only)));
  EXPECT_EQ(seen(MiB2 - KiB4).level, 1);
  EXPECT_EQ(seen(MiB2).level, 2);
}

// There: PTM, PTG: the first refusal ends it, and what was mapped before stays (seen).
// Here: all of it or nothing, and the refusal says where.
TEST_F(MapRegion, IsAllOrNothing) {
  map4K(0x3000, 0x9000);
  auto const refused = table->map_region(VirtAddr(0x1000), PhysAddr(0x5000), 4 * KiB4, read_only);
  EXPECT_EQ(error_of(refused), AlreadyMapped);
  EXPECT_EQ(refused.failure().where, VirtAddr(0x3000));
  EXPECT_FALSE(is_mapped(0x1000));
}

// There: PTM: with checks on, panics after mapping the last page of the address space (seen).
// Here: The last page is one like any other.
TEST_F(MapRegion, ReachesTheLastPage) {
  EXPECT_TRUE(
      settled(table->map_region(VirtAddr(~std::uint64_t{0xfff}), PhysAddr(0), KiB4, read_only)));
  EXPECT_TRUE(is_mapped(~std::uint64_t{0}));
}

// ---- unmap_region ----

struct UnmapRegion : Table64 {};

// There: PTM: a hole ends it with NotMapped, after half of the work (seen).
// Here: holes are skipped; the caller learns how much was mapped.
TEST_F(UnmapRegion, SkipsHoles) {
  map4K(0x1000, 0x5000);
  map4K(0x3000, 0x6000);
  auto done = table->unmap_region(VirtAddr(0), 16 * KiB4);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->mapped_bytes, 2 * KiB4);
  done->plan.carry_out();
}

// There: PTM: a range that cuts a large page panics, after all of the page is gone (seen).
// Here: the page is split, and exactly the range goes.
TEST_F(UnmapRegion, SplitsWhatItCuts) {
  map2M(0, MiB2);
  ASSERT_TRUE(settled(table->unmap_region(VirtAddr(0x1000), KiB4)));
  EXPECT_TRUE(is_mapped(0) && is_mapped(0x2000));
  EXPECT_FALSE(is_mapped(0x1000));
}

// There: PTG: from an unaligned hole it steps past a page, which stays mapped (seen).
// Here: every page of the range goes.
TEST_F(UnmapRegion, StepsPastNoPage) {
  map4K(GiB1, 0x5000);
  ASSERT_TRUE(settled(table->unmap_region(VirtAddr(GiB1 - KiB4), 2 * KiB4)));
  EXPECT_FALSE(is_mapped(GiB1));
}

// There: PTG: a large page at the edge goes as a whole, and what lies behind it in the range stays
// (seen).
// Here: what is outside of the range stays, and what is inside goes.
TEST_F(UnmapRegion, IsExactAtBothEnds) {
  map2M(MiB2, 0);
  map4K(2 * MiB2, 0x5000);
  ASSERT_TRUE(settled(table->unmap_region(VirtAddr(MiB2 + KiB4), MiB2)));
  EXPECT_TRUE(is_mapped(MiB2));
  EXPECT_FALSE(is_mapped(2 * MiB2));
}

// ---- protect_region ----

struct ProtectRegion : Table64 {};

// There: PTM: a range that cuts a large page panics, after all of the page has changed (seen).
// Here: the page is split, and exactly the range changes; holes are skipped.
TEST_F(ProtectRegion, ChangesExactlyTheRange) {
  map2M(0, MiB2);
  ASSERT_TRUE(settled(table->protect_region(VirtAddr(KiB4), 4 * MiB2, read_only)));
  EXPECT_EQ(table->query(VirtAddr(0))->flags, read_write);
  EXPECT_EQ(table->query(VirtAddr(KiB4))->flags, read_only);
}

// ---- walk ----

struct WalkOf : Table64 {};

// There: PTM: tells addresses of the upper half without their sign (seen).
// Here: addresses are as a processor takes them.
TEST_F(WalkOf, TellsCanonicalAddresses) {
  map4K(high_first, 0x5000);
  std::vector<VirtAddr> found;
  ASSERT_TRUE(table->walk(VirtAddr(high_first), GiB1, [&](Leaf const& leaf) {
    found.push_back(leaf.virt);
    return true;
  }));
  EXPECT_EQ(found, std::vector<VirtAddr>{VirtAddr(high_first)});
}

// ---- copy_from, here share_root_entries ----

struct CopyFrom : Table64 {};

// There: PTM: copies slots as they are; what the source maps later under an empty one is not seen,
// and what the copy maps there is lost (seen).
// Here: the owner gets a table first, so that both see what comes; only the owner may change it.
TEST_F(CopyFrom, SharesWhatComesLater) {
  constexpr std::uint64_t slot = std::uint64_t{1} << 39;
  ASSERT_TRUE(settled(second().share_root_entries(*table, VirtAddr(0), slot)));
  map4K(0x1000, 0x5000);
  EXPECT_TRUE(bool(second().query(VirtAddr(0x1000))));
  EXPECT_EQ(error_of(second().map(VirtAddr(0x2000), PhysAddr(0), PageSize::Size4K, read_only)),
            Borrowed);
  // The borrower goes first.
  second().destroy().carry_out();
  other.reset();
}

// ---- Drop, here destroy ----

struct Drop : Table64 {};

// There: PTM: frees the tables, and flushes nothing (read).
// Here: a plan flushes everything, and frees then.
TEST_F(Drop, FlushesBeforeItFrees) {
  map4K(0x1000, 0x5000);
  auto plan = table->destroy();
  EXPECT_TRUE(plan.scope().everything);
  EXPECT_EQ(frame_count(), 4);
  plan.carry_out();
  EXPECT_EQ(frame_count(), 0);
  table.reset();
}

// ---- TlbFlush, TlbFlusher, here FlushPlan ----

struct Flusher : Table64 {};

// There: PTM: forgetting a cursor loses every flush that it owes (seen).
// Here: a plan that owes something and is dropped is an assertion; a refused call owes nothing.
TEST_F(Flusher, OwesUntilItIsCarriedOut) {
  map4K(0x1000, 0x5000);
  auto removed = table->unmap(VirtAddr(0x1000));
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->plan.owes());
  removed->plan.carry_out();
  EXPECT_FALSE(removed->plan.owes());
}

// There: PTM: a new mapping is flushed as well (read).
// Here: only where a format says that somebody may keep that there was none.
TEST_F(Flusher, OwesNothingForANewPage) {
  auto plan = map_4k(0x1000, 0x5000);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->owes());
}

// ---- Entries of other formats ----

// There: AXA: WRITE without READ is written as it is, and is an EPT misconfiguration (read).
// Here: UnrepresentableFlags.
TEST(EptEntries, AreNeverMisconfigured) {
  EXPECT_FALSE(Ept<4>::representable({}, MappingFlags(Flag::WRITE)));
  EXPECT_FALSE(Ept<4>::representable({}, Flag::WRITE | Flag::EXECUTE));
}

// There: AXA: UNCACHED is lost, and the page write-back (read).
// Here: UNCACHED is WC and DEVICE is UC.
TEST(EptEntries, HoldTheMemoryTypeAskedFor) {
  auto const type = [](MappingFlags flags) { return (Ept<4>::encode({}, flags).bits >> 3) & 7; };
  EXPECT_EQ(type(read_write), 6u);
  EXPECT_EQ(type(read_write | Flag::UNCACHED), 1u);
  EXPECT_EQ(type(read_write | Flag::DEVICE), 0u);
}

// There: AXA: of a guest's pages XN is never set, and all of them can be executed (read).
// Here: only those with EXECUTE can.
TEST(Aarch64Entries, OfAGuestAreExecutableOnlyWithExecute) {
  EXPECT_NE(Aarch64Stage2<48>::encode({}, read_write).bits & bit(54), 0u);
  EXPECT_EQ(Aarch64Stage2<48>::encode({}, all_rights).bits & mask(54, 53), 0u);
}

// There: PTM: a large page that is global lies 4K further on, by the bit that makes it global
// (read).
// Here: the bit is none of the address.
TEST(LoongArchEntries, OfALargeGlobalPageLieWhereTheyWereMapped) {
  std::uint64_t const leaf =
      LoongArch64::leaf(2, 4 * MiB2, LoongArch64::encode({}, read_write | Flag::GLOBAL));
  EXPECT_EQ(LoongArch64::leaf_address(2, leaf), 4 * MiB2);
  EXPECT_TRUE(LoongArch64::global(2, leaf));
}

}  // namespace
}  // namespace twinwalk::test
