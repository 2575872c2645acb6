#include "fuzz/address_pool.hpp"

#include <algorithm>
#include <array>

namespace twinwalk::fuzz {
namespace {

constexpr std::uint64_t page = bytes(PageSize::Size4K);

constexpr std::uint64_t align_down(std::uint64_t address, int shift) {
  return address >> shift << shift;
}

// Offsets in pages from a base: around the ends of a table of leaves and of the table above it.
constexpr std::uint64_t leaf_table = 512;
constexpr std::uint64_t next_table = leaf_table * leaf_table;
constexpr std::array offset_pages{
    std::uint64_t{0},   leaf_table,       leaf_table - 1,          leaf_table + 1,
    std::uint64_t{1},   2 * leaf_table,   511 * leaf_table,        next_table,
    next_table - 1,     next_table + 1,   next_table - leaf_table, next_table + leaf_table,
    2 * leaf_table - 1, std::uint64_t{2}, 3 * leaf_table,          2 * next_table,
};

std::uint64_t nudged(std::uint64_t address, std::uint8_t nudge) {
  if (nudge < 224) return address;
  if (nudge < 240) return address + std::uint64_t{nudge - 224u} * 0x111;
  return nudge % 2 == 0 ? address + 1 : address - 1;
}

std::uint64_t finished(std::uint64_t address, PageSize size, Draw draw) {
  if (draw.align < 192) address = align_down(address, size_log2(size));
  return nudged(address, draw.nudge);
}

// How far `address` is from the end of the table that holds its entry of level `level`.
std::uint64_t to_table_end(std::uint64_t address, int level) {
  int const shift = level_shift(level + 1);
  if (shift >= 64) return 0 - address;
  return (std::uint64_t{1} << shift) - (address & ((std::uint64_t{1} << shift) - 1));
}

}  // namespace

VirtAddr pool_address(FormatShape const& shape, PageSize size, Draw draw) {
  std::uint64_t const first = shape.first;
  std::uint64_t const half = half_bytes(shape);
  std::uint64_t const top_span = std::uint64_t{1} << level_shift(shape.levels);
  std::uint64_t const offset = offset_pages[draw.offset % offset_pages.size()] * page;
  std::uint64_t address = 0;
  switch (draw.base % 8) {
    case 0:
      address = first + offset;
      break;
    case 1:
      address = first + (std::uint64_t{1} << 30) + offset;
      break;
    // From below: the last pages of a root entry and the first of the next, in the middle.
    case 2:
      address = first + std::min(top_span, half / 2) + offset;
      break;
    case 3:
      address = first + std::min(top_span, half / 2) - offset;
      break;
    // Both canonical edges; offset 0 of the lower one is the first address of the hole.
    case 4:
      address = first + half - offset;
      break;
    case 5:
      address = upper_half(shape) + offset;
      break;
    // The end of the address space; offset 0 is beyond it, and wraps where 64 bits end.
    case 6:
      address = last_address(shape) + 1 - offset;
      break;
    default:
      address = first + (std::uint64_t{1} << level_shift(1 + draw.offset % shape.levels)) - page;
      break;
  }
  return VirtAddr(finished(address, size, draw));
}

VirtAddr related_address(Op const& earlier, PageSize size, Draw draw) {
  std::uint64_t const at = earlier.va.value;
  bool const ranged = info(earlier.kind).operands.has(Operand::length);
  std::uint64_t const reach = ranged ? earlier.length : bytes(earlier.size);
  std::uint64_t address = at;
  switch (draw.offset % 16) {
    case 6:
      address = at + page;
      break;
    case 7:
      address = at - page;
      break;
    case 8:
      address = at + reach;
      break;
    case 9:
      address = at + reach - page;
      break;
    case 10:
      address = at + reach / 2;
      break;
    case 11:
      address = align_down(at, level_shift(2 + draw.base % 3));
      break;
    case 12:
      address = at + to_table_end(at, 1 + draw.base % 3) - page;
      break;
    case 13:
      address = at + to_table_end(at, 1 + draw.base % 3);
      break;
    case 14:
      address = at + bytes(size);
      break;
    case 15:
      address = at - bytes(size);
      break;
    default:
      break;
  }
  return VirtAddr(finished(address, size, draw));
}

std::uint64_t pool_length(FormatShape const& shape, VirtAddr va, Draw draw) {
  std::uint64_t length = 0;
  switch (draw.base % 8) {
    case 0:
    case 1:
      length = to_table_end(va.value, 1);
      break;
    case 2:
      length = to_table_end(va.value, 2);
      break;
    case 3: {
      // Further than a gigabyte is for few: to the end of a half, of the space, or of a high table.
      switch (draw.offset / 16 % 16) {
        case 0:
          length = shape.first + half_bytes(shape) - va.value;
          break;
        case 1:
          length = last_address(shape) + 1 - va.value;
          break;
        case 2:
          length = to_table_end(va.value, 3 + draw.offset % 2);
          break;
        default:
          length = to_table_end(va.value, 1) + bytes(PageSize::Size2M);
          break;
      }
      break;
    }
    default:
      length = offset_pages[draw.offset % offset_pages.size()] * page;
      break;
  }
  switch (draw.align / 16) {
    case 12:
      length += page;
      break;
    case 13:
      length -= page;
      break;
    case 14:
      length = page;
      break;
    case 15:
      length = (draw.align % 16u) * page;
      break;
    default:
      break;
  }
  return draw.nudge < 248 ? length : nudged(length, draw.nudge);
}

PhysAddr pool_physical(int physical_bits, VirtAddr va, PageSize size, Draw draw) {
  std::uint64_t const width = std::uint64_t{1} << physical_bits;
  std::uint64_t const step = bytes(size);
  std::uint64_t address = 0;
  switch (draw.base % 8) {
    case 0:
      address = 0;
      break;
    case 1:
      address = width - step * (1 + draw.offset % 4u);
      break;
    case 2:
      address = width / 2;
      break;
    // A single high bit, so that a mask that drops it shows.
    case 3:
      address = std::uint64_t{1} << (12 + draw.offset % (physical_bits - 12));
      break;
    case 4:
      address = draw.offset < 64 ? width : width - step;
      break;
    default:
      address = (std::uint64_t{draw.offset} + 1) << 21;
      break;
  }
  if (draw.align < 192) {
    address = align_down(address, size_log2(size));
    // A range gets large pages only where both addresses agree modulo the page size.
    if (draw.align < 96) address |= va.value & (bytes(PageSize::Size1G) - 1) & ~(page - 1);
    if (draw.align < 96 && address + step > width && draw.base % 8 != 4) address %= width;
  } else if (draw.align < 224) {
    address += page;
  }
  return PhysAddr(draw.nudge < 240 ? address : nudged(address, draw.nudge));
}

}  // namespace twinwalk::fuzz
