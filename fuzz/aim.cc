#include "fuzz/aim.hpp"

#include <algorithm>

namespace twinwalk::fuzz {
namespace {

constexpr std::uint64_t page = bytes(PageSize::Size4K);

constexpr std::uint64_t page_of(std::uint64_t address) { return address & ~(page - 1); }

// An operation of the sequence, a recent one more often.
Op const& earlier(Random& random, Sequence const& sequence) {
  std::size_t const count = sequence.ops.size();
  std::size_t const back = std::min<std::size_t>(random.below(1 + random.below(count)), count - 1);
  return sequence.ops[count - 1 - back];
}

}  // namespace

Aim::Aim(Random& random, FormatShape const& shape, Sequence const& sequence)
    : random_(random), shape_(shape), sequence_(sequence) {
  for (Draw& hot : hot_) hot = draw();
}

// Mostly aligned and at the start of a page; the rest is for the error paths.
Draw Aim::draw() {
  Draw out{random_.byte(), random_.byte(), random_.byte(), random_.byte()};
  if (random_.chance(7, 8)) out.align = static_cast<std::uint8_t>(out.align / 2);
  if (random_.chance(7, 8)) out.nudge = 0;
  return out;
}

// ---- What is probably mapped -----------------------------------------------------------------

void Aim::add(Extent const& extent) {
  if (extent_count_ < extents_.size()) {
    extents_[extent_count_++] = extent;
  } else {
    extents_[oldest_++ % extents_.size()] = extent;
  }
}

void Aim::remove(std::uint8_t space, std::uint64_t start, std::uint64_t length) {
  for (std::size_t i = 0; i < extent_count_;) {
    Extent& extent = extents_[i];
    std::uint64_t const into = start - extent.start;  // where the cut begins, seen from the extent
    std::uint64_t const from = extent.start - start;  // where the extent begins, seen from the cut
    if (extent.space == space && from < length) {
      if (extent.length <= length - from) {
        extent = extents_[--extent_count_];
        continue;
      }
      extent.length -= length - from;
      extent.start += length - from;
    } else if (extent.space == space && into < extent.length) {
      extent.length = into;
    }
    ++i;
  }
}

Aim::Extent const* Aim::find(std::uint8_t space, std::uint64_t address) const {
  for (std::size_t i = 0; i < extent_count_; ++i) {
    Extent const& extent = extents_[i];
    if (extent.space == space && address - extent.start < extent.length) return &extent;
  }
  return nullptr;
}

bool Aim::knows_nothing_of(std::uint8_t space) const {
  return std::none_of(extents_.begin(), extents_.begin() + extent_count_,
                      [space](Extent const& extent) { return extent.space == space; });
}

Aim::Extent const* Aim::any(std::uint8_t space) {
  if (extent_count_ == 0) return nullptr;
  std::size_t const first = random_.below(extent_count_);
  // What another space has may be shared.
  bool const own = random_.chance(7, 8);
  for (std::size_t i = 0; i < extent_count_; ++i) {
    Extent const& extent = extents_[(first + i) % extent_count_];
    if (extent.space == space || !own) return &extent;
  }
  return nullptr;
}

// Whether a mapping looks as if nothing spoke against it.
bool Aim::would_map(Op const& op) const {
  bool const single = op.kind == OpKind::map;
  std::uint64_t const length = single ? bytes(op.size) : op.length;
  std::uint64_t const unit = single ? length : page;
  std::uint64_t const first = op.va.value;
  std::uint64_t const last = first + (length - 1);
  MachineOptions const& machine = sequence_.machine;
  bool const aligned = ((first | op.pa.value | length) & (unit - 1)) == 0;
  bool const inside = last >= first && is_canonical(shape_, first) && is_canonical(shape_, last) &&
                      first >> 63 == last >> 63;
  bool const backed = op.pa.value + length <= std::uint64_t{1} << machine.physical_bits;
  bool const sized = !single || op.size < PageSize::Size1G ||
                     (op.size == PageSize::Size1G && machine.gigabyte_pages);
  return length != 0 && aligned && inside && backed && sized && !failing_ &&
         find(op.space, first) == nullptr;
}

void Aim::note(Op const& op) {
  std::uint64_t const at = op.va.value;
  switch (op.kind) {
    case OpKind::map:
      if (would_map(op)) add({at, bytes(op.size), bytes(op.size), op.space});
      break;
    case OpKind::map_region:
      if (would_map(op)) {
        bool const huge = op.size != PageSize::Size4K && op.length >= bytes(PageSize::Size2M) &&
                          ((at ^ op.pa.value) & (bytes(PageSize::Size2M) - 1)) == 0;
        add({at, op.length, bytes(huge ? PageSize::Size2M : PageSize::Size4K), op.space});
      }
      break;
    case OpKind::unmap:
      if (Extent const* extent = find(op.space, at); extent != nullptr) {
        std::uint64_t const leaf = extent->leaf;
        remove(op.space, at & ~(leaf - 1), leaf);
      }
      break;
    case OpKind::unmap_region:
      if (op.length != 0 && !failing_) remove(op.space, at, op.length);
      break;
    default:
      break;
  }
  failing_ = op.kind == OpKind::fail || (failing_ && op.kind == OpKind::hardware);
}

// ---- Addresses -------------------------------------------------------------------------------

// Any number at all, or an address that is at least canonical.
std::uint64_t Aim::raw_address() {
  std::uint64_t const number = random_.next();
  return random_.chance(1, 4) ? number : page_of(make_canonical(shape_, number));
}

VirtAddr Aim::related(PageSize size) {
  // Two draws are two statements: the order of arguments is each compiler's own.
  Op const& op = earlier(random_, sequence_);
  return related_address(op, size, draw());
}

VirtAddr Aim::any_fresh(PageSize size) {
  std::uint32_t const kind = random_.below(16);
  if (kind == 0) return VirtAddr(raw_address());
  if (kind >= 8 && !sequence_.ops.empty()) return related(size);
  return pool_address(shape_, size, kind < 4 ? draw() : hot_[random_.below(hot_.size())]);
}

VirtAddr Aim::fresh(PageSize size) {
  VirtAddr const first = any_fresh(size);
  // A second try where something stands already or nothing can: that answer is soon known.
  bool const known = find(0, first.value) != nullptr || !is_canonical(shape_, first.value);
  return known && random_.chance(3, 4) ? any_fresh(size) : first;
}

VirtAddr Aim::mapped(std::uint8_t space) {
  Extent const* const extent = any(space);
  if (extent == nullptr || random_.chance(1, 12)) return fresh(PageSize::Size4K);
  std::uint64_t offset = 0;
  switch (random_.below(8)) {
    case 0:
      offset = extent->length - page;
      break;
    case 1:
      offset = page_of(random_.next() % extent->length);
      break;
    case 2:
      offset = random_.next() % extent->length;
      break;
    case 3:
      offset = page_of(extent->length / 2);
      break;
    case 4:
      return related(PageSize::Size4K);
    default:
      break;
  }
  return VirtAddr(extent->start + offset);
}

Aim::Range Aim::range(std::uint8_t space) {
  Extent const* const extent = any(space);
  if (extent == nullptr || random_.chance(1, 6)) {
    VirtAddr const va = fresh(PageSize::Size4K);
    return {va, pool_length(shape_, va, draw())};
  }
  std::uint64_t start = extent->start;
  switch (random_.below(8)) {
    case 0:
      start -= page;
      break;
    case 1:
      start += page;
      break;
    case 2:
      start += page_of(extent->length / 2);
      break;
    case 3:
      start += extent->length - page;
      break;
    case 4:
      start = page_of(start + random_.next() % extent->length);
      break;
    case 5:
      start = start >> level_shift(2) << level_shift(2);
      break;
    default:
      break;
  }
  std::uint64_t const rest = extent->start + extent->length - start;
  std::uint64_t length = 0;
  switch (random_.below(8)) {
    case 0:
      length = rest;
      break;
    case 1:
      length = rest + page;
      break;
    case 2:
      length = rest > page ? rest - page : page;
      break;
    case 3:
      length = page * (1 + random_.below(4));
      break;
    case 4:
      length = page_of(rest / 2);
      break;
    default:
      length = pool_length(shape_, VirtAddr(start), draw());
      break;
  }
  return {VirtAddr(start), length};
}

std::uint64_t Aim::length_to_map(VirtAddr va) {
  constexpr std::uint64_t many = std::uint64_t{1} << 32;
  std::uint64_t const length = pool_length(shape_, va, draw());
  // Very long mappings are mostly refused, and slow for everybody where they are not.
  if (length <= many || random_.chance(1, 32)) return length;
  return page * (1 + random_.below(1024));
}

PhysAddr Aim::physical(VirtAddr va, PageSize size, std::uint64_t length) {
  int const physical_bits = sequence_.machine.physical_bits;
  std::uint64_t const width = std::uint64_t{1} << physical_bits;
  if (!sequence_.ops.empty() && random_.chance(1, 4)) {
    Op const& op = earlier(random_, sequence_);
    // Goes on where an earlier mapping ends, as runs of frames do.
    std::uint64_t const on = op.pa.value + (va.value - op.va.value);
    return PhysAddr(on & (width - 1) & ~(bytes(size) - 1));
  }
  PhysAddr const at = pool_physical(physical_bits, va, size, draw());
  bool const beyond = at.value > width - length && length <= width / 4;
  if (!beyond || random_.chance(1, 8)) return at;
  // Down, so far that its end is the end of the width or before; alignment stays.
  std::uint64_t const down = ((length - 1) >> 30 << 30) + bytes(PageSize::Size1G);
  return PhysAddr((at.value & (width - 1)) % (width - down));
}

PageSize Aim::leaf_size(std::uint8_t space, VirtAddr va) const {
  Extent const* const extent = find(space, va.value);
  if (extent == nullptr || extent->leaf < bytes(PageSize::Size2M)) return PageSize::Size4K;
  return extent->leaf < bytes(PageSize::Size1G) ? PageSize::Size2M : PageSize::Size1G;
}

}  // namespace twinwalk::fuzz
