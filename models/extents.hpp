// Extents: runs of equal leaves that lie side by side, and the sorted list of them which is the
// whole state of the flat map. A gigabyte of 4K pages is one element, so an operation costs what it
// touches in extents, never in pages.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/api.hpp"

namespace twinwalk::models {

// `count` leaves of one size, flags, accessed and dirty, contiguous in both address spaces.
struct Extent {
  std::uint64_t virt = 0;   // first address, sign-extended, a multiple of the leaf size
  std::uint64_t phys = 0;   // what `virt` translates to
  std::uint64_t count = 0;  // leaves, at least 1
  MappingFlags flags;       // normalised, software bits included
  PageSize size{PageSize::Size4K};
  bool accessed = false;
  bool dirty = false;

  // The last address, inclusive: an extent may end at the end of the address space.
  std::uint64_t last() const { return virt + (count << size_log2(size)) - 1; }
  bool contains(std::uint64_t va) const { return virt <= va && va <= last(); }
  // How many bytes of [first, last] it maps.
  std::uint64_t bytes_in(std::uint64_t first, std::uint64_t range_last) const {
    std::uint64_t const from = std::max(first, virt);
    std::uint64_t const to = std::min(range_last, last());
    return from <= to ? to - from + 1 : 0;
  }

  // The leaf number `index`, counted from 0 at the lowest address.
  Leaf leaf(std::uint64_t index) const {
    std::uint64_t const offset = index << size_log2(size);
    return {VirtAddr(virt + offset), PhysAddr(phys + offset), size, flags, accessed, dirty};
  }
  // The leaf that contains `va`, which must lie in the extent.
  Leaf leaf_at(std::uint64_t va) const { return leaf((va - virt) >> size_log2(size)); }
  // The leaves that [first, last] touches, whole even where the range cuts them. It must touch one.
  Extent touched_by(std::uint64_t first, std::uint64_t range_last) const {
    std::uint64_t const low = (std::max(first, virt) - virt) >> size_log2(size);
    std::uint64_t const high = (std::min(range_last, last()) - virt) >> size_log2(size);
    Extent part = *this;
    part.virt += low << size_log2(size);
    part.phys += low << size_log2(size);
    part.count = high - low + 1;
    return part;
  }
  // Whether `next` goes on exactly where this ends, so that one extent can say both.
  bool continues_in(Extent const& next) const {
    std::uint64_t const length = count << size_log2(size);
    return virt + length == next.virt && phys + length == next.phys && size == next.size &&
           flags == next.flags && accessed == next.accessed && dirty == next.dirty;
  }

  friend bool operator==(Extent const&, Extent const&) = default;
};

// Disjoint extents in ascending order, each as long as it can be, so that two lists of the same
// leaves are equal element by element.
class ExtentList {
 public:
  ExtentList() {
    extents_.reserve(256);
  }  // more than a fuzz case holds: no allocation per operation

  bool empty() const { return extents_.empty(); }
  std::size_t size() const { return extents_.size(); }
  Extent const& operator[](std::size_t index) const { return extents_[index]; }
  std::span<Extent const> all() const { return extents_; }
  void clear() { extents_.clear(); }

  // The index of the first extent that ends at or after `va`; size() where there is none.
  std::size_t lower(std::uint64_t va) const {
    auto const found = std::partition_point(extents_.begin(), extents_.end(),
                                            [va](Extent const& e) { return e.last() < va; });
    return static_cast<std::size_t>(found - extents_.begin());
  }
  // The extent that contains `va`, or null.
  Extent const* at(std::uint64_t va) const {
    std::size_t const index = lower(va);
    return index < size() && extents_[index].virt <= va ? &extents_[index] : nullptr;
  }
  // The lowest extent that touches [first, last], or null.
  Extent const* lowest_in(std::uint64_t first, std::uint64_t last) const {
    std::size_t const index = lower(first);
    return index < size() && extents_[index].virt <= last ? &extents_[index] : nullptr;
  }

  // The half-open range of indices of the extents that touch [first, last].
  struct Slice {
    std::size_t begin;
    std::size_t end;
  };
  Slice slice(std::uint64_t first, std::uint64_t last) const {
    std::size_t const begin = lower(first);
    std::size_t end = begin;
    while (end < size() && extents_[end].virt <= last) ++end;
    return {begin, end};
  }
  // The same, after extents that an edge cuts between two leaves became two. An edge inside a leaf
  // leaves that extent as it is.
  Slice isolate(std::uint64_t first, std::uint64_t last) {
    cut(first);
    cut(last + 1);  // past the last page of the address space this is 0, which cuts nothing
    return slice(first, last);
  }

  // Calls change(Extent&) for every extent of isolate(first, last). It may replace anything but the
  // addresses that the extent covers.
  template <class Change>
  void change(std::uint64_t first, std::uint64_t last, Change change) {
    Slice const within = isolate(first, last);
    for (std::size_t i = within.begin; i < within.end; ++i) change(extents_[i]);
    join(within);
  }
  // Adds ascending extents that lie together in one hole.
  void insert(std::span<Extent const> fresh) {
    if (fresh.empty()) return;
    std::size_t const at = lower(fresh.front().virt);
    extents_.insert(position(at), fresh.begin(), fresh.end());
    join({at, at + fresh.size()});
  }
  void erase(Slice gone) { extents_.erase(position(gone.begin), position(gone.end)); }

 private:
  std::vector<Extent>::iterator position(std::size_t index) {
    return extents_.begin() + static_cast<std::ptrdiff_t>(index);
  }

  void cut(std::uint64_t va) {
    std::size_t const index = lower(va);
    if (index == size() || extents_[index].virt >= va) return;
    Extent& low = extents_[index];
    std::uint64_t const offset = va - low.virt;
    if (offset % bytes(low.size) != 0) return;
    Extent high = low;
    high.virt += offset;
    high.phys += offset;
    low.count = offset >> size_log2(low.size);
    high.count -= low.count;
    extents_.insert(position(index + 1), high);
  }

  // Makes one of neighbours that continue each other, among `changed` and the two beside it.
  void join(Slice changed) {
    std::size_t keep = changed.begin == 0 ? 0 : changed.begin - 1;
    std::size_t const end = std::min(changed.end + 1, size());
    for (std::size_t next = keep + 1; next < end; ++next) {
      if (extents_[keep].continues_in(extents_[next])) {
        extents_[keep].count += extents_[next].count;
      } else {
        extents_[++keep] = extents_[next];
      }
    }
    if (keep + 1 < end) erase({keep + 1, end});
  }

  std::vector<Extent> extents_;
};

// Reads ascending extents leaf by leaf, for whoever is handed leaves one at a time.
class LeafReader {
 public:
  explicit LeafReader(std::span<Extent const> extents) : rest_(extents) {}

  std::optional<Leaf> next() {
    if (rest_.empty()) return std::nullopt;
    Leaf const leaf = rest_.front().leaf(index_);
    if (++index_ == rest_.front().count) {
      rest_ = rest_.subspan(1);
      index_ = 0;
    }
    return leaf;
  }

 private:
  std::span<Extent const> rest_;
  std::uint64_t index_ = 0;
};

}  // namespace twinwalk::models
