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

Aim::Aim(Random& random, FormatShape const& shape) : random_(random), shape_(shape) {
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
    std::uint64_t const into = start - extent.start;   // where the cut begins, seen from the extent
    std::uint64_t const from = extent.start - start;   // where the extent begins, seen from the cut
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

void Aim::note(Op const& op) {
  std::uint64_t const at = op.va.value;
  switch (op.kind) {
    case OpKind::map: {
      std::uint64_t const size = bytes(op.size);
      bool const aligned = ((at | op.pa.value) & (size - 1)) == 0;
      if (aligned && find(op.space, at) == nullptr) add({at, size, size, op.space});
      break;
    }
    case OpKind::map_region: {
      bool const aligned = ((at | op.pa.value | op.length) & (page - 1)) == 0;
      if (aligned && op.length != 0 && find(op.space, at) == nullptr) {
        add({at, op.length, std::min(op.length, bytes(PageSize::Size2M)), op.space});
      }
      break;
    }
    case OpKind::unmap:
      if (Extent const* extent = find(op.space, at); extent != nullptr) {
        std::uint64_t const leaf = extent->leaf;
        remove(op.space, at - (at - extent->start) % leaf, leaf);
      }
      break;
    case OpKind::unmap_region:
      if (op.length != 0) remove(op.space, at, op.length);
      break;
    default: break;
  }
}

// ---- Addresses -------------------------------------------------------------------------------

// Any number at all, or an address that is at least canonical.
std::uint64_t Aim::raw_address() {
  std::uint64_t const number = random_.next();
  if (random_.chance(1, 2)) return number;
  std::uint64_t const inside = number % half_bytes(shape_);
  bool const upper = shape_.sign_extended && random_.chance(1, 2);
  return page_of(upper ? upper_half(shape_) + inside : inside);
}

VirtAddr Aim::related(Sequence const& sequence, PageSize size) {
  // Two draws are two statements: the order of arguments is each compiler's own.
  Op const& op = earlier(random_, sequence);
  return related_address(op, size, draw());
}

VirtAddr Aim::fresh(Sequence const& sequence, PageSize size) {
  std::uint32_t const kind = random_.below(16);
  if (kind == 0) return VirtAddr(raw_address());
  if (kind >= 8 && !sequence.ops.empty()) {
    VirtAddr const near = related(sequence, size);
    // A second try where something stands already: that answer is soon known.
    return find(0, near.value) == nullptr || random_.chance(1, 2) ? near : related(sequence, size);
  }
  return pool_address(shape_, size, kind < 4 ? draw() : hot_[random_.below(hot_.size())]);
}

VirtAddr Aim::mapped(Sequence const& sequence, std::uint8_t space) {
  Extent const* const extent = any(space);
  if (extent == nullptr || random_.chance(1, 6)) return fresh(sequence, PageSize::Size4K);
  std::uint64_t offset = 0;
  switch (random_.below(8)) {
    case 0: offset = extent->length - page; break;
    case 1: offset = page_of(random_.next() % extent->length); break;
    case 2: offset = random_.next() % extent->length; break;
    case 3: offset = page_of(extent->length / 2); break;
    case 4: return related(sequence, PageSize::Size4K);
    default: break;
  }
  return VirtAddr(extent->start + offset);
}

Aim::Range Aim::range(Sequence const& sequence, std::uint8_t space) {
  Extent const* const extent = any(space);
  if (extent == nullptr || random_.chance(1, 6)) {
    VirtAddr const va = fresh(sequence, PageSize::Size4K);
    return {va, pool_length(shape_, va, draw())};
  }
  std::uint64_t start = extent->start;
  switch (random_.below(8)) {
    case 0: start -= page; break;
    case 1: start += page; break;
    case 2: start += page_of(extent->length / 2); break;
    case 3: start += extent->length - page; break;
    case 4: start = page_of(start + random_.next() % extent->length); break;
    case 5: start = start >> level_shift(2) << level_shift(2); break;
    default: break;
  }
  std::uint64_t const rest = extent->start + extent->length - start;
  std::uint64_t length = 0;
  switch (random_.below(8)) {
    case 0: length = rest; break;
    case 1: length = rest + page; break;
    case 2: length = rest > page ? rest - page : page; break;
    case 3: length = page * (1 + random_.below(4)); break;
    case 4: length = page_of(rest / 2); break;
    default: length = pool_length(shape_, VirtAddr(start), draw()); break;
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

PhysAddr Aim::physical(Sequence const& sequence, VirtAddr va, PageSize size) {
  if (!sequence.ops.empty() && random_.chance(1, 4)) {
    Op const& op = earlier(random_, sequence);
    // Goes on where an earlier mapping ends, as runs of frames do.
    std::uint64_t const on = op.pa.value + (va.value - op.va.value);
    return PhysAddr(on & ((std::uint64_t{1} << sequence.machine.physical_bits) - 1) &
                    ~(bytes(size) - 1));
  }
  return pool_physical(sequence.machine.physical_bits, va, size, draw());
}

}  // namespace twinwalk::fuzz
