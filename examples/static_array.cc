// A page table over a static array: all that a kernel has to bring is where frames come from, where
// they are seen, and two words beside each. Installed, the include is <twinwalk/x86_64.hpp>.
#include "engine/x86_64.hpp"

using namespace twinwalk;

struct Frames {
  static bool alloc_frame(PhysAddr& out) {
    if (used == 16) return false;
    out = PhysAddr(used++ << 12);
    return true;
  }
  static void dealloc_frame(PhysAddr) {}  // a real one would take it back
  static void* phys_to_virt(PhysAddr address) { return memory + address.value; }
  static FrameMetadata& frame_metadata(PhysAddr frame) { return metadata[frame.value >> 12]; }
  // No processor ever loads this table. Left out, the local processor is flushed.
  static void invalidate(FlushScope const&) {}

  alignas(4096) static inline unsigned char memory[16 << 12];
  static inline FrameMetadata metadata[16];
  static inline std::uint64_t used = 0;
};

int main() {
  auto table = X64PageTable<Frames>::try_new();
  if (!table) return 1;

  VirtAddr const va(0xdeadbeef000);
  auto mapped = table->map(va, PhysAddr(0x2000), PageSize::Size4K, Flag::READ | Flag::WRITE);
  if (!mapped) return 1;  // mapped.error() says why
  mapped->carry_out();

  auto const leaf = *table->query(VirtAddr(va.value + 5));
  bool const as_asked = leaf.phys == PhysAddr(0x2005) && leaf.flags == (Flag::READ | Flag::WRITE);

  table->destroy().carry_out();
  return as_asked ? 0 : 1;
}
