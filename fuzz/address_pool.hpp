// Where operations aim. Bugs of page tables live at the edges of tables and of the address space,
// so addresses and lengths are drawn from a small pool of those edges: uniform ones find them
// hundreds of times later, if ever. A draw is a few bytes; the generator takes them from its random
// numbers, the codec from its input, and both get the same pool.
#pragma once

#include <cstdint>

#include "engine/api.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

// A draw. Any four bytes are one.
struct Draw {
  std::uint8_t base = 0;
  std::uint8_t offset = 0;
  std::uint8_t align = 0;  // below 192: aligned to the size asked for
  std::uint8_t nudge = 0;  // from 224: somewhere inside the page, from 240 one byte off its edge
};

// Addresses at the edges of every level's tables, of both halves and of the address space.
VirtAddr pool_address(FormatShape const& shape, PageSize size, Draw draw);

// An address that has to do with an earlier operation: the same, the next or previous page of its
// size, the end of its range, the ends of the tables it lies in.
VirtAddr related_address(Op const& earlier, PageSize size, Draw draw);

// A length for a range that starts at `va`: up to the end of a table, of a half or of the space
// exactly, a page more or less; small counts; the size of each level's table.
std::uint64_t pool_length(FormatShape const& shape, VirtAddr va, Draw draw);

// Physical addresses at 0, at the top of the width and beyond it; aligned like `va` as far as a
// page of `size` needs it.
PhysAddr pool_physical(int physical_bits, VirtAddr va, PageSize size, Draw draw);

}  // namespace twinwalk::fuzz
