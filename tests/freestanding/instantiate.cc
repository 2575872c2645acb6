// Instantiates the engine the way a kernel does: no hosted library, no exceptions, no run-time
// types. The object made of this file must not ask a linker for anything.
#include "engine/ept.hpp"
#include "engine/formats.hpp"
#include "engine/x86_64.hpp"

namespace twinwalk {

// Something of everything the engine offers has to appear here, or it is not compiled at all.
template struct BasicLeaf<std::uint64_t>;
template struct BasicFlushScope<std::uint64_t>;
template struct BasicMappingFlags<std::uint64_t>;

namespace {

// Frames from one array, each with its metadata, linked where they are free by their own contents.
// It brings no `invalidate`, so that the local carrier is compiled too.
struct StaticFrames {
  static constexpr std::uint64_t count = 64;
  static constexpr std::uint64_t frame_log2 = 12;

  static bool alloc_frame(PhysAddr& out) {
    if (used == count) return false;
    out = PhysAddr(used++ << frame_log2);
    return true;
  }
  static void dealloc_frame(PhysAddr) {}
  static void* phys_to_virt(PhysAddr address) { return &memory[address.value]; }
  static FrameMetadata& frame_metadata(PhysAddr frame) {
    return metadata[frame.value >> frame_log2];
  }

  alignas(1 << frame_log2) static inline unsigned char memory[count << frame_log2];
  static inline FrameMetadata metadata[count];
  static inline std::uint64_t used = 0;
};

static_assert(Handler<DirectMap<StaticFrames, x86::LocalCarrier>>);
static_assert(!Handler<DirectMap<StaticFrames>>);  // nobody to flush
static_assert(x86::Instructions<x86::LocalProcessor> && FlushCarrier<x86::LocalCarrier>);
static_assert(ept::Instructions<ept::LocalProcessor> && FlushCarrier<ept::LocalCarrier<4>>);
static_assert(PagingMetaData<ExtendedPageTableMetadata> && GenericPTE<EPTEntry<1>>);
static_assert(PagingMetaData<X64PagingMetaData<4>> && PagingMetaData<X64PagingMetaData<5>>);
static_assert(GenericPTE<X64PTE<1>> && GenericPTE<X64PTE<2>> && GenericPTE<X64PTE<5>>);

template <class Change>
bool settle(Change&& change) {
  if (!change) return false;
  change->carry_out();
  return true;
}
template <class Change>
bool settle_plan_of(Change&& change) {
  if (!change) return false;
  change->plan.carry_out();
  return true;
}

// Every operation once.
template <class Table>
bool use_everything(VirtAddr va, PhysAddr pa, std::uint64_t length, MappingFlags flags) {
  auto made = Table::try_new(MachineOptions{});
  auto made_too = Table::try_new();
  if (!made || !made_too) return false;
  Table table = *made;
  Table borrower = *made_too;
  bool all = settle(table.map(va, pa, PageSize::Size4K, flags));
  all &= settle_plan_of(table.remap(va, pa, flags));
  all &= settle(table.protect(va, flags));
  all &= settle(table.clear_accessed(va)) && settle(table.clear_dirty(va));
  all &= settle(table.set_accessed(va)) && settle(table.set_dirty(va));
  all &= bool(table.query(va));
  all &= settle_plan_of(table.unmap(va));
  all &= settle(table.map_region(va, pa, length, flags));
  all &= settle_plan_of(table.protect_region(va, length, flags));
  all &= bool(table.walk(va, length, [](Leaf const& leaf) { return leaf.dirty == 0; }));
  all &= settle(borrower.share_root_entries(table, va, length));
  all &= settle_plan_of(table.unmap_region(va, length, [&](Leaf const& leaf) { pa = leaf.phys; }));
  all &= settle_plan_of(table.unmap_region(va, length));
  auto gathered = borrower.destroy();
  gathered += table.destroy();
  gathered.carry_out();
  return all;
}

}  // namespace

// Visible from outside, so that nothing is thrown away.
bool use_four_levels(VirtAddr va, PhysAddr pa, std::uint64_t length, MappingFlags flags) {
  return use_everything<X64PageTable<StaticFrames>>(va, pa, length, flags);
}
bool use_five_levels(VirtAddr va, PhysAddr pa, std::uint64_t length, MappingFlags flags) {
  return use_everything<X64PageTable5<StaticFrames>>(va, pa, length, flags);
}
bool use_four_levels_of_a_guest(VirtAddr va, PhysAddr pa, std::uint64_t length,
                                MappingFlags flags) {
  return use_everything<ExtendedPageTable<StaticFrames>>(va, pa, length, flags);
}
bool use_five_levels_of_a_guest(VirtAddr va, PhysAddr pa, std::uint64_t length,
                                MappingFlags flags) {
  return use_everything<ExtendedPageTable5<StaticFrames>>(va, pa, length, flags);
}
void flush_by_hand(VirtAddr va) {
  ExtendedPageTableMetadata::flush_tlb(va);
  X64PagingMetaData<4>::flush_tlb(va);
  X64PagingMetaData<5>::flush_tlb();
}

}  // namespace twinwalk
