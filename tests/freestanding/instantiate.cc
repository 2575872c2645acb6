// Instantiates the engine the way a kernel does: no hosted library, no exceptions, no run-time
// types. The object made of this file must not ask a linker for anything.
#include "engine/aarch64.hpp"
#include "engine/ept.hpp"
#include "engine/formats.hpp"
#include "engine/loongarch64.hpp"
#include "engine/riscv.hpp"
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
  static constexpr int frame_log2 = 12;

  static bool alloc_frames(int size_log2, PhysAddr& out) {
    std::uint64_t const size = std::uint64_t{1} << size_log2;
    std::uint64_t const first = (used + size - 1) & ~(size - 1);
    if (first + size > sizeof(memory)) return false;
    used = first + size;
    out = PhysAddr(first);
    return true;
  }
  static void dealloc_frames(PhysAddr, int) {}
  static bool alloc_frame(PhysAddr& out) { return alloc_frames(frame_log2, out); }
  static void dealloc_frame(PhysAddr) {}
  static void* phys_to_virt(PhysAddr address) { return &memory[address.value]; }
  static FrameMetadata& frame_metadata(PhysAddr frame) {
    return metadata[frame.value >> frame_log2];
  }

  alignas(1 << 14) static inline unsigned char memory[count << frame_log2];
  static inline FrameMetadata metadata[count];
  static inline std::uint64_t used = 0;
};

// What serves for the tables of another machine than this is compiled for: no carrier of theirs is.
struct FlushedElsewhere : StaticFrames {
  static void invalidate(FlushScope const&) {}
};
static_assert(Handler<DirectMap<FlushedElsewhere>>);
static_assert(!Handler<DirectMap<StaticFrames>>);  // nobody to flush

#if defined(__x86_64__)
using FramesOfX86 = StaticFrames;
static_assert(Handler<DirectMap<StaticFrames, x86::LocalCarrier>>);
static_assert(x86::Instructions<x86::LocalProcessor> && FlushCarrier<x86::LocalCarrier>);
static_assert(ept::Instructions<ept::LocalProcessor> && FlushCarrier<ept::LocalCarrier<4>>);
#else
using FramesOfX86 = FlushedElsewhere;
#endif

#if defined(__riscv)
using FramesOfRiscv = StaticFrames;
static_assert(riscv::Instructions<riscv::LocalHart>);
static_assert(riscv::Instructions<riscv::LocalHypervisor>);
static_assert(FlushCarrier<riscv::LocalCarrier<riscv::LocalHart>>);
#else
using FramesOfRiscv = FlushedElsewhere;
#endif

#if defined(__aarch64__)
using FramesOfAarch64 = StaticFrames;
static_assert(aarch64::Stage1Instructions<aarch64::LocalLowerRange>);
static_assert(aarch64::Stage1Instructions<aarch64::LocalEl2>);
static_assert(aarch64::Stage2Instructions<aarch64::LocalHypervisor>);
static_assert(FlushCarrier<aarch64::LocalStage2Carrier>);
#else
using FramesOfAarch64 = FlushedElsewhere;
#endif

#if defined(__loongarch64)
using FramesOfLoongArch = StaticFrames;
static_assert(loongarch64::Instructions<loongarch64::LocalCpu>);
static_assert(FlushCarrier<loongarch64::LocalCarrier>);
#else
using FramesOfLoongArch = FlushedElsewhere;
#endif

static_assert(PagingMetaData<ExtendedPageTableMetadata> && GenericPTE<EPTEntry<1>>);
static_assert(PagingMetaData<X64PagingMetaData<4>> && PagingMetaData<X64PagingMetaData<5>>);
static_assert(GenericPTE<X64PTE<1>> && GenericPTE<X64PTE<2>> && GenericPTE<X64PTE<5>>);
static_assert(PagingMetaData<Sv39MetaData> && PagingMetaData<Sv57x4MetaData>);
static_assert(PagingMetaData<A64PagingMetaData<Aarch64Range::el2>>);
static_assert(GenericPTE<A64PTE<1>> && GenericPTE<A64GuestPTE<3>>);
static_assert(GenericPTE<Rv64PTE<1>> && GenericPTE<Rv64GuestPTE<5>>);
static_assert(PagingMetaData<LA64MetaData> && GenericPTE<LA64PTE<1>> && GenericPTE<LA64PTE<4>>);

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
bool use_every_table(VirtAddr va, PhysAddr pa, std::uint64_t length, MappingFlags flags) {
  auto const all_of = [&]<class... Tables>(FormatTypes<Tables...>) {
    return (use_everything<Tables>(va, pa, length, flags) & ...);
  };
  return all_of(FormatTypes<X64PageTable<FramesOfX86>, X64PageTable5<FramesOfX86>>{}) &
         all_of(FormatTypes<ExtendedPageTable<FramesOfX86>, ExtendedPageTable5<FramesOfX86>>{}) &
         all_of(FormatTypes<Sv39PageTable<FramesOfRiscv>, Sv48PageTable<FramesOfRiscv>,
                            Sv57PageTable<FramesOfRiscv>>{}) &
         all_of(FormatTypes<Sv39x4PageTable<FramesOfRiscv>, Sv48x4PageTable<FramesOfRiscv>,
                            Sv57x4PageTable<FramesOfRiscv>>{}) &
         all_of(FormatTypes<A64PageTable<FramesOfAarch64>, A64UpperPageTable<FramesOfAarch64>,
                            A64El2PageTable<FramesOfAarch64>>{}) &
         all_of(FormatTypes<A64GuestPageTable<FramesOfAarch64>,
                            A64GuestPageTable40<FramesOfAarch64>>{}) &
         all_of(FormatTypes<LA64PageTable<FramesOfLoongArch>>{});
}

void flush_by_hand([[maybe_unused]] VirtAddr va) {
#if defined(__x86_64__)
  ExtendedPageTableMetadata::flush_tlb(va);
  X64PagingMetaData<4>::flush_tlb(va);
  X64PagingMetaData<5>::flush_tlb();
#elif defined(__riscv)
  Sv48MetaData::flush_tlb(va);
  Sv48MetaData::flush_tlb();
  Sv48x4MetaData::flush_tlb(va);
  Sv48x4MetaData::flush_tlb();
#elif defined(__aarch64__)
  A64PagingMetaData<Aarch64Range::lower>::flush_tlb(va);
  A64PagingMetaData<Aarch64Range::upper>::flush_tlb();
  A64GuestPagingMetaData<40>::flush_tlb(va);
#elif defined(__loongarch64)
  LA64MetaData::flush_tlb(va);
  LA64MetaData::flush_tlb();
#endif
}

}  // namespace twinwalk
