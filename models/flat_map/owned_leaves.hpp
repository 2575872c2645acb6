// The leaves below one root and the tables that follow from them. No table stays that holds
// nothing, so which tables there are is a function of the leaves, but for the root and for pinned
// tables, which stand anyway.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/extents.hpp"
#include "models/geometry.hpp"

namespace twinwalk::models {

template <class Spec>
class OwnedLeaves {
  using Shape = Geometry<Spec>;

 public:
  void start() { tables_ = 1; }
  void clear() {
    extents_.clear();
    pinned_.reset();
    tables_ = 0;
  }

  ExtentList const& extents() const { return extents_; }
  // The root, pinned tables, and every table with a leaf beneath; 0 before start().
  std::uint64_t table_count() const { return tables_; }
  // The same, counted from nothing but the leaves: what table_count() must always be.
  std::uint64_t recount_tables() const {
    if (tables_ == 0) return 0;
    typename Shape::TableCounter counter(pinned_);
    for (Extent const& e : extents_.all()) counter.add(e);
    return 1 + pinned_.count() + counter.total();
  }

  // ---- Mapping and unmapping -------------------------------------------------------------------

  // How many tables insert(fresh) adds.
  std::uint64_t tables_for(std::span<Extent const> fresh) const {
    std::size_t const index = extents_.lower(fresh.front().virt);
    return tables_only_of(fresh, index, index);
  }
  // Adds ascending extents that lie together in one hole.
  void insert(std::span<Extent const> fresh) {
    tables_ += tables_for(fresh);
    extents_.insert(fresh);
  }
  // Removes the leaves of a range that cuts none, after on_removed(Extent const&) for each run.
  // Returns how many tables went with them.
  template <class OnRemoved>
  std::uint64_t remove(std::uint64_t first, std::uint64_t last, OnRemoved on_removed) {
    ExtentList::Slice const gone = extents_.isolate(first, last);
    auto const leaves = extents_.all().subspan(gone.begin, gone.end - gone.begin);
    for (Extent const& e : leaves) on_removed(e);
    std::uint64_t const freed = tables_only_of(leaves, gone.begin, gone.end);
    extents_.erase(gone);
    tables_ -= freed;
    return freed;
  }

  // Calls change(Extent&) for the runs of leaves that touch the range, after those that the range
  // cuts between two leaves became two. It may replace anything but addresses and size.
  template <class Change>
  void change(std::uint64_t first, std::uint64_t last, Change change) {
    extents_.change(first, last, change);
  }

  // ---- Splitting -------------------------------------------------------------------------------

  // How many tables it takes to split the leaves that the edges of [first, last] cut, those for
  // which wanted(Extent const&) holds.
  template <class Wanted>
  std::uint64_t split_tables(std::uint64_t first, std::uint64_t last, Wanted wanted) const {
    std::uint64_t const end = last + 1;  // 0 past the last page: that cuts nothing
    Extent const* const low = cut_by(first);
    Extent const* const high = cut_by(end);
    std::uint64_t tables = 0;
    if (low != nullptr && wanted(*low)) {
      for (int s = size_log2(low->size); !Shape::aligned(first, s); s -= Spec::index_bits) ++tables;
    }
    if (high != nullptr && wanted(*high)) {
      for (int s = size_log2(high->size); !Shape::aligned(end, s); s -= Spec::index_bits) {
        // What both edges cut is split once.
        bool const already = first >> s == end >> s && !Shape::aligned(first, s);
        if (!already) ++tables;
      }
    }
    return tables;
  }
  template <class Wanted>
  void split(std::uint64_t first, std::uint64_t last, Wanted wanted) {
    split_at(first, wanted);
    split_at(last + 1, wanted);
  }

  // ---- Root slots ------------------------------------------------------------------------------

  bool pins(std::uint64_t va) const { return pinned_[Shape::slot_of(va)]; }
  bool slot_is_hole(std::uint64_t first) const {
    std::uint64_t const last = first + (Shape::slot_bytes - 1);
    return !pins(first) && extents_.lowest_in(first, last) == nullptr;
  }
  bool slot_is_leaf(std::uint64_t first) const {
    Extent const* const e = extents_.at(first);
    return e != nullptr && size_log2(e->size) == Shape::slot_shift;
  }
  // Gives the slot, which is no leaf, a table that stays.
  void pin(std::uint64_t first) {
    if (slot_is_hole(first)) ++tables_;
    pinned_.set(Shape::slot_of(first));
  }

 private:
  // How many tables hold none but these leaves, which lie between the extents number `begin` - 1
  // and `end`. A table that holds any other leaf as well holds one of these two neighbours, since
  // what a table holds lies together.
  std::uint64_t tables_only_of(std::span<Extent const> leaves, std::size_t begin,
                               std::size_t end) const {
    typename Shape::TableCounter with(pinned_);
    typename Shape::TableCounter without(pinned_);
    if (begin > 0) {
      with.add(extents_[begin - 1]);
      without.add(extents_[begin - 1]);
    }
    for (Extent const& e : leaves) with.add(e);
    if (end < extents_.size()) {
      with.add(extents_[end]);
      without.add(extents_[end]);
    }
    return with.total() - without.total();
  }

  // The extent of the leaf that has `edge` inside, not at its start; null where there is none.
  Extent const* cut_by(std::uint64_t edge) const {
    Extent const* const e = extents_.at(edge);
    return e != nullptr && !Shape::aligned(edge, size_log2(e->size)) ? e : nullptr;
  }
  // Splits the leaf that the edge cuts into its next smaller ones, then the one of these that it
  // cuts, until it cuts none. Each split is one table.
  template <class Wanted>
  void split_at(std::uint64_t edge, Wanted wanted) {
    for (auto* cut = cut_by(edge); cut != nullptr && wanted(*cut); cut = cut_by(edge)) {
      std::uint64_t const size = bytes(cut->size);
      std::uint64_t const first = edge - edge % size;
      extents_.change(first, first + (size - 1), [](Extent& leaf) {
        leaf.size = static_cast<PageSize>(size_log2(leaf.size) - Spec::index_bits);
        leaf.count = std::uint64_t{1} << Spec::index_bits;
      });
      ++tables_;
    }
  }

  ExtentList extents_;
  typename Shape::SlotSet pinned_;  // root slots whose table is shared out
  std::uint64_t tables_ = 0;
};

}  // namespace twinwalk::models
