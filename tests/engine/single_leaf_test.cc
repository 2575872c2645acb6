// The operations on one leaf: what they do, and every reason to refuse in its order.
#include "fixture.hpp"

namespace twinwalk::test {
namespace {

template <class F>
using SingleLeaf = TableOf<F>;
TYPED_TEST_SUITE(SingleLeaf, EveryFormat);

TYPED_TEST(SingleLeaf, AMappedAddressTranslatesToWhatWasAskedFor) {
  struct {
    std::uint64_t va, pa;
    PageSize size;
    int level;
  } const cases[] = {
      {0, 0, PageSize::Size4K, 1},
      {0x7ffe'ffff'f000, 0xf'ffff'ffff'f000, PageSize::Size4K, 1},
      {this->low_last - 0xfff, 0x1000, PageSize::Size4K, 1},
      {this->high_first, 0x2000, PageSize::Size4K, 1},
      {~0xfffull, 0x3000, PageSize::Size4K, 1},
      {5 * MiB2, 7 * MiB2, PageSize::Size2M, 2},
      {~(MiB2 - 1) - MiB2, 0, PageSize::Size2M, 2},
      {3 * GiB1, 0xf'ffff'c000'0000, PageSize::Size1G, 3},
  };
  for (auto const& c : cases) {
    this->map(c.va, c.pa, c.size, read_write);
    std::uint64_t const last = bytes(c.size) - 1;
    EXPECT_EQ(this->seen(c.va).level, c.level);
    EXPECT_EQ(this->seen(c.va).phys, c.pa);
    EXPECT_EQ(this->seen(c.va + last).phys, c.pa + last);
  }
}

TYPED_TEST(SingleLeaf, OneMappingCostsOneTableForEachMissingLevelAndOneStoreShowsThem) {
  auto& memory = this->arena;
  ASSERT_TRUE(settled(this->table->map(VirtAddr(0), PhysAddr(0), PageSize::Size4K, read_write)));
  EXPECT_EQ(this->frame_count(), this->levels);
  int stores_in_root = 0;
  for (auto const& event : memory.events) {
    if (event.kind != Arena::Kind::write) continue;
    if ((event.address & ~0xfffull) == this->table->root().value) ++stores_in_root;
  }
  EXPECT_EQ(stores_in_root, 1);
  EXPECT_EQ(memory.events.back().address, this->table->root().value) << "published last";
  memory.forget();
  ASSERT_TRUE(
      settled(this->table->map(VirtAddr(0x1000), PhysAddr(0), PageSize::Size4K, read_write)));
  EXPECT_EQ(memory.count(Arena::Kind::alloc), 0);
  EXPECT_EQ(memory.count(Arena::Kind::write), 1);
}

TYPED_TEST(SingleLeaf, TablesGrantEverythingAndCarryNoAttribute) {
  this->map4K(0x1000, 0x1000, MappingFlags(Flag::READ) | Flag::GLOBAL | Flag::DEVICE);
  std::uint64_t at = this->table->root().value;
  for (int level = this->levels; level > 1; --level) {
    std::uint64_t const entry = this->arena.peek(at);
    EXPECT_EQ(entry & ~0x000f'ffff'ffff'f000ull, 0x7u) << "level " << level;
    at = entry & 0x000f'ffff'ffff'f000ull;
  }
}

TYPED_TEST(SingleLeaf, MapOverwritesTheBitsThatSomebodyLeftInAHole) {
  this->map4K(0, 0x1000);
  std::uint64_t const slot = this->seen(0x1000).slot;
  this->arena.poke(slot, 0xdeadbeefdeadbeee);
  this->map4K(0x1000, 0x2000, all_rights);
  EXPECT_EQ(this->arena.peek(slot), 0x2003u);
}

TYPED_TEST(SingleLeaf, QueryFindsTheByteAndEveryAttribute) {
  MappingFlags const flags = MappingFlags(Flag::READ) | Flag::WRITE | Flag::USER | Flag::GLOBAL |
                             Flag::UNCACHED | MappingFlags().with_software(0x155);
  this->map2M(MiB2, 5 * MiB2, flags);
  this->set_in_leaf(MiB2, accessed_bit);
  auto leaf = this->table->query(VirtAddr(MiB2 + 0x12345));
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->virt, VirtAddr(MiB2 + 0x12345));
  EXPECT_EQ(leaf->phys, PhysAddr(5 * MiB2 + 0x12345));
  EXPECT_EQ(leaf->size, PageSize::Size2M);
  EXPECT_EQ(leaf->flags, flags);
  EXPECT_EQ(leaf->accessed, 1u);
  EXPECT_EQ(leaf->dirty, 0u);
}

TYPED_TEST(SingleLeaf, UnmapTakesTheWholeLeafThatContainsTheAddress) {
  this->map2M(MiB2, 3 * MiB2, all_rights);
  this->set_in_leaf(MiB2, accessed_bit | dirty_bit);
  auto removed = this->table->unmap(VirtAddr(MiB2 + 0x1fffff));
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->leaf.virt, VirtAddr(MiB2));
  EXPECT_EQ(removed->leaf.phys, PhysAddr(3 * MiB2));
  EXPECT_EQ(removed->leaf.size, PageSize::Size2M);
  EXPECT_EQ(removed->leaf.flags, all_rights);
  EXPECT_EQ(removed->leaf.accessed, 1u);
  EXPECT_EQ(removed->leaf.dirty, 1u);
  removed->plan.carry_out();
  EXPECT_EQ(this->seen(MiB2).level, 0);
  EXPECT_EQ(error_of(this->table->query(VirtAddr(MiB2))), PagingError::NotMapped);
}

TYPED_TEST(SingleLeaf, ATableWhoseLastEntryBecomesAHoleIsUnlinkedInTheSameCall) {
  this->map4K(0, 0x1000);
  this->map4K(GiB1, 0x1000);
  EXPECT_EQ(this->frame_count(), this->levels + 2);
  ASSERT_TRUE(settled(this->table->unmap(VirtAddr(GiB1))));
  EXPECT_EQ(this->frame_count(), this->levels);
  ASSERT_TRUE(settled(this->table->unmap(VirtAddr(0))));
  EXPECT_EQ(this->frame_count(), 1) << "only the root stays";
  EXPECT_EQ(this->arena.peek(this->table->root().value), 0u);
  this->map1G(0, 0);
}

TYPED_TEST(SingleLeaf, ReclaimIgnoresWhatStandsInHoles) {
  this->map4K(0, 0x1000);
  this->arena.poke(this->seen(0x1000).slot, 0xfffffffffffffffe);
  ASSERT_TRUE(settled(this->table->unmap(VirtAddr(0))));
  EXPECT_EQ(this->frame_count(), 1);
}

TYPED_TEST(SingleLeaf, ProtectReplacesRightsTypeKeyAndGlobalAndKeepsTheRest) {
  MachineOptions machine;
  machine.protection_keys = true;
  this->start(machine);
  MappingFlags const software = MappingFlags().with_software(0x2aa);
  this->map4K(0x1000, 0x7000, read_write | software | MappingFlags().with_key(5));
  this->set_in_leaf(0x1000, accessed_bit | dirty_bit);
  MappingFlags const wanted = MappingFlags(Flag::READ) | Flag::EXECUTE | Flag::GLOBAL |
                              Flag::DEVICE | MappingFlags().with_key(9);
  ASSERT_TRUE(settled(
      this->table->protect(VirtAddr(0x1fff), wanted | MappingFlags().with_software(0x155))));
  auto leaf = this->table->query(VirtAddr(0x1000));
  EXPECT_EQ(leaf->flags, wanted | software) << "software bits of the argument are not looked at";
  EXPECT_EQ(leaf->phys, PhysAddr(0x7000));
  EXPECT_EQ(leaf->accessed, 1u);
  EXPECT_EQ(leaf->dirty, 1u);
}

TYPED_TEST(SingleLeaf, ProtectKeepsThePatBitOfALargePageOutOfTheAddress) {
  this->map2M(0, MiB2, MappingFlags(read_write).with_memory_type(5));
  EXPECT_EQ(this->table->query(VirtAddr(0))->phys, PhysAddr(MiB2));
  ASSERT_TRUE(
      settled(this->table->protect(VirtAddr(0), MappingFlags(read_only).with_memory_type(4))));
  EXPECT_EQ(this->seen(0).entry, 0x8000'0000'0000'1081ull | MiB2);
}

TYPED_TEST(SingleLeaf, RemapReplacesAllButSoftwareBitsAndStartsClean) {
  MappingFlags const software = MappingFlags().with_software(0x3ff);
  this->map2M(MiB2, 0, read_write | software);
  this->set_in_leaf(MiB2, accessed_bit | dirty_bit);
  auto removed =
      this->table->remap(VirtAddr(MiB2 + 0x5000), PhysAddr(9 * MiB2), MappingFlags(Flag::READ));
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->leaf.phys, PhysAddr(0));
  EXPECT_EQ(removed->leaf.flags, read_write | software);
  EXPECT_EQ(removed->leaf.accessed, 1u);
  EXPECT_EQ(removed->leaf.dirty, 1u);
  removed->plan.carry_out();
  auto leaf = this->table->query(VirtAddr(MiB2));
  EXPECT_EQ(leaf->phys, PhysAddr(9 * MiB2));
  EXPECT_EQ(leaf->flags, MappingFlags(Flag::READ) | software);
  EXPECT_EQ(leaf->accessed + leaf->dirty, 0u);
}

TYPED_TEST(SingleLeaf, AccessedAndDirtyAreSetAndClearedOneByOne) {
  this->map1G(GiB1, 0, read_only);
  VirtAddr const va(GiB1 + 0x123456);
  auto const state = [&] {
    auto leaf = this->table->query(va);
    return std::pair(leaf->accessed, leaf->dirty);
  };
  ASSERT_TRUE(settled(this->table->set_accessed(va)));
  EXPECT_EQ(state(), std::pair(1ul, 0ul));
  ASSERT_TRUE(settled(this->table->set_dirty(va)));
  EXPECT_EQ(state(), std::pair(1ul, 1ul));
  EXPECT_EQ(this->table->query(va)->flags, read_only) << "set_dirty grants nothing";
  ASSERT_TRUE(settled(this->table->clear_accessed(va)));
  EXPECT_EQ(state(), std::pair(0ul, 1ul));
  ASSERT_TRUE(settled(this->table->clear_dirty(va)));
  EXPECT_EQ(state(), std::pair(0ul, 0ul));
}

// ---- Refusals ----

// What every refusal must leave alone.
template <class T>
class Untouched {
 public:
  explicit Untouched(T& test) : test_(test), before_(test.memory()) { test.forget_events(); }
  ~Untouched() {
    EXPECT_EQ(test_.memory() == before_, true) << "a refused call changed memory";
    EXPECT_EQ(test_.writes(), 0) << "a refused call wrote";
  }

 private:
  T& test_;
  Arena::Snapshot before_;
};

template <class F>
class Refusal : public TableOf<F> {
 public:
  Arena::Snapshot memory() const { return this->arena.frames(); }
  void forget_events() { this->arena.forget(); }
  int writes() const { return this->arena.count(Arena::Kind::write); }

 protected:
  PagingError map_error(std::uint64_t va, std::uint64_t pa, PageSize size, MappingFlags flags) {
    Untouched const untouched(*this);
    auto const result = this->table->map(VirtAddr(va), PhysAddr(pa), size, flags);
    EXPECT_EQ(result.failure().where, VirtAddr(va));
    return result.error();
  }
};
TYPED_TEST_SUITE(Refusal, EveryFormat);

TYPED_TEST(Refusal, MapJudgesInTheOrderOfTheContract) {
  MachineOptions machine;
  machine.gigabyte_pages = false;
  machine.physical_bits = 40;
  this->start(machine);
  std::uint64_t const hole = this->low_last + 1;  // first of the non-canonical addresses
  std::uint64_t const far = std::uint64_t{1} << 40;
  MappingFlags const bad = Flag::EXECUTE;
  // Each line breaks all the rules below its own too.
  EXPECT_EQ(this->map_error(hole + 1, far + 1, PageSize::Size1G, bad),
            PagingError::UnsupportedPageSize);
  EXPECT_EQ(this->map_error(0, 0, PageSize::Size512G, read_only), PagingError::UnsupportedPageSize);
  EXPECT_EQ(this->map_error(hole + 1, 1, PageSize::Size4K, bad), PagingError::InvalidAddress);
  EXPECT_EQ(this->map_error(1, far + 1, PageSize::Size4K, bad), PagingError::InvalidAddress);
  EXPECT_EQ(this->map_error(1, 0, PageSize::Size4K, bad), PagingError::NotAligned);
  EXPECT_EQ(this->map_error(0, 1, PageSize::Size4K, bad), PagingError::NotAligned);
  EXPECT_EQ(this->map_error(MiB2, KiB4, PageSize::Size2M, bad), PagingError::NotAligned);
  EXPECT_EQ(this->map_error(KiB4, MiB2, PageSize::Size2M, bad), PagingError::NotAligned);
  this->map4K(0, 0);
  this->map2M(MiB2, 0);
  EXPECT_EQ(this->map_error(0, 0, PageSize::Size4K, bad), PagingError::UnrepresentableFlags);
  this->arena.allocations_left = 0;
  EXPECT_EQ(this->map_error(0, 0, PageSize::Size4K, read_only), PagingError::AlreadyMapped);
  EXPECT_EQ(this->map_error(0, 0, PageSize::Size2M, read_only), PagingError::AlreadyMapped)
      << "something smaller beneath";
  EXPECT_EQ(this->map_error(MiB2, 0, PageSize::Size2M, read_only), PagingError::AlreadyMapped);
  EXPECT_EQ(this->map_error(MiB2, 0, PageSize::Size4K, read_only), PagingError::MappedToHugePage);
  EXPECT_EQ(this->map_error(2 * MiB2, 0, PageSize::Size4K, read_only), PagingError::NoMemory);
}

TYPED_TEST(Refusal, APhysicalRangeMayEndWithTheWidthAndNotPassIt) {
  MachineOptions machine;
  machine.physical_bits = 36;
  this->start(machine);
  std::uint64_t const end = std::uint64_t{1} << 36;
  this->map1G(0, end - GiB1);
  EXPECT_EQ(this->map_error(GiB1, end, PageSize::Size1G, read_only), PagingError::InvalidAddress);
  EXPECT_EQ(this->map_error(GiB1, ~0ull << 12, PageSize::Size4K, read_only),
            PagingError::InvalidAddress);
}

TYPED_TEST(Refusal, AddressesOutsideOfBothHalvesAreInvalidForEveryOperation) {
  this->map4K(this->low_last & ~0xfffull, 0x1000);
  for (std::uint64_t const va : {this->low_last + 1, this->high_first - 1}) {
    Untouched const untouched(*this);
    VirtAddr const at(va);
    EXPECT_EQ(error_of(this->table->unmap(at)), PagingError::InvalidAddress);
    EXPECT_EQ(error_of(this->table->protect(at, MappingFlags())), PagingError::InvalidAddress);
    EXPECT_EQ(error_of(this->table->remap(at, PhysAddr(1), MappingFlags())),
              PagingError::InvalidAddress);
    EXPECT_EQ(error_of(this->table->query(at)), PagingError::InvalidAddress);
    EXPECT_EQ(error_of(this->table->clear_accessed(at)), PagingError::InvalidAddress);
    EXPECT_EQ(error_of(this->table->clear_dirty(at)), PagingError::InvalidAddress);
    EXPECT_EQ(error_of(this->table->set_accessed(at)), PagingError::InvalidAddress);
    EXPECT_EQ(error_of(this->table->set_dirty(at)), PagingError::InvalidAddress);
  }
}

TYPED_TEST(Refusal, NothingIsMappedInAHoleOfAnyLevel) {
  this->map4K(0, 0);
  for (std::uint64_t const va : {KiB4, MiB2, GiB1, this->high_first}) {
    Untouched const untouched(*this);
    VirtAddr const at(va);
    EXPECT_EQ(error_of(this->table->unmap(at)), PagingError::NotMapped);
    EXPECT_EQ(error_of(this->table->protect(at, read_only)), PagingError::NotMapped);
    EXPECT_EQ(error_of(this->table->remap(at, PhysAddr(0), read_only)), PagingError::NotMapped);
    EXPECT_EQ(error_of(this->table->query(at)), PagingError::NotMapped);
    EXPECT_EQ(error_of(this->table->clear_accessed(at)), PagingError::NotMapped);
    EXPECT_EQ(error_of(this->table->clear_dirty(at)), PagingError::NotMapped);
    EXPECT_EQ(error_of(this->table->set_accessed(at)), PagingError::NotMapped);
    EXPECT_EQ(error_of(this->table->set_dirty(at)), PagingError::NotMapped);
  }
}

TYPED_TEST(Refusal, ProtectRefusesFlagsBeforeItLooksAndRemapJudgesItsAddressTwice) {
  MachineOptions machine;
  machine.physical_bits = 36;
  this->start(machine);
  std::uint64_t const end = std::uint64_t{1} << 36;
  this->map2M(MiB2, 0);
  Untouched const untouched(*this);
  EXPECT_EQ(error_of(this->table->protect(VirtAddr(0), MappingFlags())),
            PagingError::UnrepresentableFlags);
  auto const remap = [&](std::uint64_t va, std::uint64_t pa, MappingFlags flags) {
    return error_of(this->table->remap(VirtAddr(va), PhysAddr(pa), flags));
  };
  EXPECT_EQ(remap(0, end + 1, MappingFlags()), PagingError::InvalidAddress);
  EXPECT_EQ(remap(0, 1, MappingFlags()), PagingError::NotAligned);
  EXPECT_EQ(remap(0, KiB4, MappingFlags()), PagingError::UnrepresentableFlags);
  EXPECT_EQ(remap(0, KiB4, read_only), PagingError::NotMapped);
  EXPECT_EQ(remap(MiB2, end - KiB4, read_only), PagingError::InvalidAddress)
      << "2M from there pass the width, which is judged before alignment";
  EXPECT_EQ(remap(MiB2, KiB4, read_only), PagingError::NotAligned);
}

TYPED_TEST(Refusal, AHugePageAtPhysicalZeroIsStillAHugePage) {
  this->map2M(0, 0);
  EXPECT_EQ(this->map_error(KiB4, KiB4, PageSize::Size4K, read_only),
            PagingError::MappedToHugePage);
}

}  // namespace
}  // namespace twinwalk::test
