// A program that uses the installed engine: page tables over a megabyte that it calls physical
// memory, and a flush that it prints, since no processor ever uses them.
#include <array>
#include <cinttypes>
#include <cstdio>
#include <twinwalk/x86_64.hpp>

namespace {

using twinwalk::FlushScope;
using twinwalk::FrameMetadata;
using twinwalk::Leaf;
using twinwalk::MappingFlags;
using twinwalk::PageSize;
using twinwalk::PhysAddr;
using twinwalk::VirtAddr;

// What a kernel has to offer: frames, a view of them, and a place for two words about each.
struct Memory {
  static constexpr std::uint64_t frame_count = 256;
  static constexpr std::uint64_t frame_size = 4096;

  static bool alloc_frame(PhysAddr& out) {
    if (next_ == frame_count) return false;
    out = PhysAddr(next_++ * frame_size);
    return true;
  }
  // Frames are not used again: there is enough for this program.
  static void dealloc_frame(PhysAddr frame) { std::printf("  frees  %#" PRIx64 "\n", frame.value); }
  static void* phys_to_virt(PhysAddr address) { return &bytes_[address.value]; }
  static FrameMetadata& frame_metadata(PhysAddr frame) {
    return metadata_[frame.value / frame_size];
  }

  // A kernel with several processors sends its interrupts here; with one, it leaves this out and
  // the engine's own carrier executes INVLPG.
  static void invalidate(FlushScope const& scope) {
    for (int i = 0; i < scope.range_count; ++i) {
      std::printf("  flush  %#" PRIx64 " to %#" PRIx64 "\n", scope.ranges[i].first,
                  scope.ranges[i].last);
    }
    if (scope.everything) std::printf("  flush  everything\n");
  }

 private:
  alignas(frame_size) static inline std::array<unsigned char, frame_count * frame_size> bytes_{};
  static inline std::array<FrameMetadata, frame_count> metadata_{};
  static inline std::uint64_t next_ = 0;
};

using Table = twinwalk::X64PageTable<Memory>;

void print(char const* when, Table& table, VirtAddr first, std::uint64_t length) {
  std::printf("%s\n", when);
  auto const walked = table.walk(first, length, [](Leaf const& leaf) {
    std::printf("  %#" PRIx64 " -> %#" PRIx64 ", %" PRIu64 "K, %s\n", leaf.virt.value,
                leaf.phys.value, twinwalk::bytes(leaf.size) / 1024,
                leaf.flags.has(MappingFlags::WRITE) ? "writable" : "read-only");
    return true;
  });
  if (!walked) std::printf("  no such range\n");
}

}  // namespace

int main() {
  auto const flags = MappingFlags::READ | MappingFlags::WRITE;
  auto const start = VirtAddr(twinwalk::bytes(PageSize::Size1G));
  std::uint64_t const length = twinwalk::bytes(PageSize::Size2M);

  auto made = Table::try_new();
  if (!made) return 1;
  Table table = *made;

  auto mapped = table.map(start, PhysAddr(length), PageSize::Size2M, flags);
  if (!mapped) return 1;
  mapped->carry_out();
  print("mapped one page of 2M:", table, start, length);

  // The page is cut first, and flushed whole; only then do rights change.
  auto changed = table.protect_region(start, twinwalk::bytes(PageSize::Size4K), MappingFlags::READ);
  if (!changed) return 1;
  changed->plan.carry_out();
  print("took the right to write from its first 4K:", table, start,
        2 * twinwalk::bytes(PageSize::Size4K));

  auto refused = table.map(start, PhysAddr(0), PageSize::Size4K, flags);
  if (refused || refused.error() != twinwalk::PagingError::AlreadyMapped) return 1;
  std::printf("refused to map %#" PRIx64 " again\n", refused.failure().where.value);

  table.destroy().carry_out();
}
