// The flat map's twin, page by page: one entry for each leaf, one step for each page, and tables
// counted by collecting them. Slow and plain, it exists to disagree with the flat map in a test,
// and therefore shares with it neither extents nor arithmetic.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/api.hpp"
#include "models/outcome.hpp"

namespace twinwalk::models {

// The operations of FlatMap, with the same meaning.
template <class Spec>
class PageMap {
  using u64 = std::uint64_t;
  using enum PagingError;
  // Leaves by first address; `virt` repeats the key.
  using Leaves = std::map<u64, Leaf>;
  // A table is its level and the number of its span.
  using Tables = std::set<std::pair<int, u64>>;

 public:
  Outcome create(MachineOptions const& options, u64 allocations) {
    if (allocations == 0) return Outcome::out_of_memory(0, 1);
    options_ = options;
    exists_ = true;
    return Outcome::taking(1);
  }
  Outcome destroy() {
    Outcome outcome;
    outcome.frames_freed = table_count();
    leaves_.clear();
    pinned_.clear();
    borrowed_.clear();
    exists_ = false;
    return outcome;
  }

  Outcome map(VirtAddr va, PhysAddr pa, PageSize size, MappingFlags flags, u64 allocations) {
    if (!Spec::supports(options_, size)) return Outcome::refused(UnsupportedPageSize, va.value);
    if (!addresses_valid(va.value, bytes(size)) || !physical_valid(pa.value, bytes(size))) {
      return Outcome::refused(InvalidAddress, va.value);
    }
    if (va.value % bytes(size) != 0 || pa.value % bytes(size) != 0) {
      return Outcome::refused(NotAligned, va.value);
    }
    return map_pages({new_leaf(va.value, pa.value, size)}, va.value, bytes(size), flags,
                     allocations);
  }

  Outcome map_region(VirtAddr va, PhysAddr pa, u64 length, MappingFlags flags, PageSize largest,
                     u64 allocations) {
    if (length == 0) return {};
    if (!addresses_valid(va.value, length) || !physical_valid(pa.value, length)) {
      return Outcome::refused(InvalidAddress, va.value);
    }
    if (va.value % page != 0 || pa.value % page != 0 || length % page != 0) {
      return Outcome::refused(NotAligned, va.value);
    }
    std::vector<Leaf> pages;
    for (u64 done = 0; done != length;) {
      PageSize best = static_cast<PageSize>(Spec::page_shift);
      for (PageSize size : sizes()) {
        bool const allowed = size <= largest && Spec::supports(options_, size);
        bool const fits = (va.value + done) % bytes(size) == 0 &&
                          (pa.value + done) % bytes(size) == 0 && length - done >= bytes(size);
        bool const pinned = bytes(size) == slot && pinned_.contains(va.value + done);
        if (allowed && fits && !pinned) best = size;
      }
      pages.push_back(new_leaf(va.value + done, pa.value + done, best));
      done += bytes(best);
    }
    return map_pages(pages, va.value, length, flags, allocations);
  }

  Outcome unmap(VirtAddr va) {
    Outcome outcome = judge_leaf(va.value);
    if (!outcome.ok()) return outcome;
    u64 const before = table_count();
    leaves_.erase(outcome.leaf->virt.value);
    outcome.frames_freed = before - table_count();
    return outcome;
  }

  Outcome protect(VirtAddr va, MappingFlags flags) {
    if (!Spec::canonical(va.value)) return Outcome::refused(InvalidAddress, va.value);
    MappingFlags const rights = flags.with_software(0);
    if (!Spec::representable(options_, rights)) {
      return Outcome::refused(UnrepresentableFlags, va.value);
    }
    Outcome const found = judge_leaf(va.value);
    if (found.ok()) protect_leaf(leaves_.at(found.leaf->virt.value), rights);
    return found;
  }

  Outcome remap(VirtAddr va, PhysAddr pa, MappingFlags flags) {
    if (!Spec::canonical(va.value) || !physical_valid(pa.value, 1)) {
      return Outcome::refused(InvalidAddress, va.value);
    }
    if (pa.value % page != 0) return Outcome::refused(NotAligned, va.value);
    MappingFlags const rights = flags.with_software(0);
    if (!Spec::representable(options_, rights)) {
      return Outcome::refused(UnrepresentableFlags, va.value);
    }
    Outcome const found = judge_leaf(va.value);
    if (!found.ok()) return found;
    Leaf const old = *found.leaf;
    if (!physical_valid(pa.value, bytes(old.size))) {
      return Outcome::refused(InvalidAddress, va.value);
    }
    if (pa.value % bytes(old.size) != 0) return Outcome::refused(NotAligned, va.value);
    Leaf fresh = new_leaf(old.virt.value, pa.value, old.size);
    give(fresh, Spec::normalise(options_, rights).with_software(old.flags.software()));
    leaves_.at(old.virt.value) = fresh;
    return found;
  }

  Outcome query(VirtAddr va) const {
    if (!Spec::canonical(va.value)) return Outcome::refused(InvalidAddress, va.value);
    Outcome outcome;
    outcome.leaf = leaf_at(va);
    if (!outcome.leaf) return Outcome::refused(NotMapped, va.value);
    return outcome;
  }

  Outcome clear_accessed(VirtAddr va) { return set_bit(va, &Leaf::accessed, 0); }
  Outcome clear_dirty(VirtAddr va) { return set_bit(va, &Leaf::dirty, 0); }
  Outcome set_accessed(VirtAddr va) { return set_bit(va, &Leaf::accessed, 1); }
  Outcome set_dirty(VirtAddr va) { return set_bit(va, &Leaf::dirty, 1); }

  // Calls on_removed(Leaf const&) for each leaf that goes.
  template <class OnRemoved>
  Outcome unmap_region(VirtAddr va, u64 length, u64 allocations, OnRemoved on_removed) {
    if (length == 0) return {};
    if (Outcome const judged = judge_region(va.value, length); !judged.ok()) return judged;
    Leaves split = leaves_;
    u64 const first = va.value;
    u64 const last = first + (length - 1);
    split_edges(split, first, last, [](Leaf const&) { return true; });
    u64 const needed = tables_of(split).size() - tables_of(leaves_).size();
    if (needed > allocations) return Outcome::out_of_memory(first, needed);
    Outcome outcome = Outcome::taking(needed);
    u64 const before = tables_of(split).size();
    for (auto it = split.lower_bound(first); it != split.end() && it->first <= last;) {
      outcome.mapped_bytes += bytes(it->second.size);
      on_removed(it->second);
      it = split.erase(it);
    }
    leaves_ = split;
    outcome.frames_freed = before - table_count();
    return outcome;
  }

  Outcome protect_region(VirtAddr va, u64 length, MappingFlags flags, u64 allocations) {
    if (length == 0) return {};
    if (!addresses_valid(va.value, length)) return Outcome::refused(InvalidAddress, va.value);
    if (va.value % page != 0 || length % page != 0) return Outcome::refused(NotAligned, va.value);
    MappingFlags const rights = flags.with_software(0);
    if (!Spec::representable(options_, rights)) {
      return Outcome::refused(UnrepresentableFlags, va.value);
    }
    if (Outcome const judged = judge_region(va.value, length); !judged.ok()) return judged;
    u64 const first = va.value;
    u64 const last = first + (length - 1);
    MappingFlags const wanted = Spec::normalise(options_, rights);
    Leaves split = leaves_;
    split_edges(split, first, last,
                [&](Leaf const& leaf) { return leaf.flags.with_software(0) != wanted; });
    u64 const needed = tables_of(split).size() - tables_of(leaves_).size();
    if (needed > allocations) return Outcome::out_of_memory(first, needed);
    Outcome outcome = Outcome::taking(needed);
    leaves_ = split;
    for (auto& [start, leaf] : leaves_) {
      u64 const end = start + (bytes(leaf.size) - 1);
      if (end < first || start > last) continue;
      // Only a leaf that was right already can still stick out of the range.
      for (u64 p = start;; p += page) {
        if (p >= first && p <= last) outcome.mapped_bytes += page;
        if (end - p < page) break;
      }
      protect_leaf(leaf, rights);
    }
    return outcome;
  }

  // Calls visit(Leaf const&) until it returns false.
  template <class Visit>
  Outcome walk(VirtAddr va, u64 length, Visit visit) const {
    if (length == 0) return {};
    if (!addresses_valid(va.value, length)) return Outcome::refused(InvalidAddress, va.value);
    Leaves seen = leaves_;
    for (auto const& [start, owner] : borrowed_) {
      for (auto const& [virt, leaf] : owner->leaves_) {
        if (slot_of(virt) == start) seen.emplace(virt, leaf);
      }
    }
    for (auto const& [start, leaf] : seen) {
      bool const below = start + (bytes(leaf.size) - 1) < va.value;
      bool const above = start > va.value + (length - 1);
      if (!below && !above && !visit(leaf)) break;
    }
    return {};
  }

  Outcome share_root_entries(PageMap& owner, VirtAddr va, u64 length, u64 allocations) {
    if (length == 0) return {};
    if (!addresses_valid(va.value, length)) return Outcome::refused(InvalidAddress, va.value);
    if (va.value % slot != 0 || length % slot != 0) return Outcome::refused(NotAligned, va.value);
    std::vector<u64> slots;
    for (u64 done = 0; done != length; done += slot) slots.push_back(va.value + done);
    for (u64 s : slots) {
      if (owner.borrowed_.contains(s)) return Outcome::refused(Borrowed, s);
    }
    for (u64 s : slots) {
      bool hole = !pinned_.contains(s) && !borrowed_.contains(s);
      for (auto const& [virt, leaf] : leaves_) hole = hole && slot_of(virt) != s;
      if (!hole) return Outcome::refused(AlreadyMapped, s);
      auto const leaf = owner.leaves_.find(s);
      if (leaf != owner.leaves_.end() && bytes(leaf->second.size) == slot) {
        return Outcome::refused(MappedToHugePage, s);
      }
    }
    PageMap after;
    after.leaves_ = owner.leaves_;
    after.pinned_ = owner.pinned_;
    after.pinned_.insert(slots.begin(), slots.end());
    after.exists_ = true;
    u64 const needed = after.table_count() - owner.table_count();
    if (needed > allocations) return Outcome::out_of_memory(va.value, needed);
    owner.pinned_ = after.pinned_;
    for (u64 s : slots) borrowed_.emplace(s, &owner);
    return Outcome::taking(needed);
  }

  bool set_hardware_accessed(VirtAddr va) { return hardware_sets(va, &Leaf::accessed); }
  bool set_hardware_dirty(VirtAddr va) { return hardware_sets(va, &Leaf::dirty); }

  std::optional<Leaf> leaf_at(VirtAddr va) const {
    auto const borrowed = borrowed_.find(slot_of(va.value));
    if (borrowed != borrowed_.end()) return borrowed->second->leaf_at(va);
    auto const above = leaves_.upper_bound(va.value);
    if (above == leaves_.begin()) return std::nullopt;
    Leaf const& leaf = std::prev(above)->second;
    if (va.value - leaf.virt.value >= bytes(leaf.size)) return std::nullopt;
    return leaf;
  }
  Leaves const& leaves() const { return leaves_; }
  u64 table_count() const { return exists_ ? tables_of(leaves_).size() : 0; }

 private:
  static constexpr u64 page = u64{1} << Spec::page_shift;
  static constexpr u64 slot = page << (Spec::index_bits * (Spec::levels - 1));
  static constexpr u64 slot_of(u64 va) { return va - va % slot; }

  static std::vector<PageSize> sizes() {
    std::vector<PageSize> all;
    for (int level = 0; level < Spec::levels; ++level) {
      all.push_back(static_cast<PageSize>(Spec::page_shift + level * Spec::index_bits));
    }
    return all;
  }

  static bool addresses_valid(u64 va, u64 length) {
    // A space has two halves where all ones is an address of it.
    bool const halves = Spec::canonical(~u64{0});
    u64 const half = u64{1} << (Spec::address_bits - (halves ? 1 : 0));
    return length - 1 < half && Spec::canonical(va) && Spec::canonical(va + (length - 1)) &&
           (va < half) == (va + (length - 1) < half);
  }
  bool physical_valid(u64 pa, u64 length) const {
    u64 const last = pa + (length - 1);
    return last >= pa && Spec::physical_range_fits(options_, pa, last);
  }

  Tables tables_of(Leaves const& leaves) const {
    Tables tables{{Spec::levels - 1, 0}};
    auto const add = [&](int level, u64 va) {
      tables.emplace(level, va >> (Spec::page_shift + (level + 1) * Spec::index_bits));
    };
    for (u64 s : pinned_) add(Spec::levels - 2, s);
    for (auto const& [virt, leaf] : leaves) {
      int const level = (size_log2(leaf.size) - Spec::page_shift) / Spec::index_bits;
      for (int above = level; above < Spec::levels - 1; ++above) add(above, virt);
    }
    return tables;
  }

  Outcome judge_leaf(u64 va) const {
    if (!Spec::canonical(va)) return Outcome::refused(InvalidAddress, va);
    if (borrowed_.contains(slot_of(va))) return Outcome::refused(Borrowed, va);
    Outcome outcome;
    outcome.leaf = leaf_at(VirtAddr(va));
    if (!outcome.leaf) return Outcome::refused(NotMapped, va);
    return outcome;
  }
  Outcome judge_region(u64 va, u64 length) const {
    if (!addresses_valid(va, length)) return Outcome::refused(InvalidAddress, va);
    if (va % page != 0 || length % page != 0) return Outcome::refused(NotAligned, va);
    return judge_borrowed(va, length);
  }
  // The lowest borrowed page of the range.
  Outcome judge_borrowed(u64 va, u64 length) const {
    for (auto const& [start, owner] : borrowed_) {
      bool const below = start + (slot - 1) < va;
      bool const above = start > va + (length - 1);
      if (!below && !above) return Outcome::refused(Borrowed, start < va ? va : start);
    }
    return {};
  }

  static Leaf new_leaf(u64 va, u64 pa, PageSize size) {
    Leaf leaf;
    leaf.virt = VirtAddr(va);
    leaf.phys = PhysAddr(pa);
    leaf.size = size;
    return leaf;
  }
  // Flags of a new mapping, and what the machine does not update by itself.
  void give(Leaf& leaf, MappingFlags flags) const {
    leaf.flags = flags;
    HardwareUpdates const updates = Spec::hardware_updates(options_);
    leaf.accessed = updates == HardwareUpdates::none ? 1 : 0;
    bool const writable = (flags.bits & static_cast<u64>(Flag::WRITE)) != 0;
    leaf.dirty = writable && updates != HardwareUpdates::accessed_and_dirty ? 1 : 0;
  }

  Outcome map_pages(std::vector<Leaf> const& pages, u64 va, u64 length, MappingFlags flags,
                    u64 allocations) {
    if (!Spec::representable(options_, flags)) return Outcome::refused(UnrepresentableFlags, va);
    if (Outcome const judged = judge_borrowed(va, length); !judged.ok()) return judged;
    Leaves after = leaves_;
    for (Leaf leaf : pages) {
      u64 const first = leaf.virt.value;
      if (bytes(leaf.size) == slot && pinned_.contains(first)) {
        return Outcome::refused(AlreadyMapped, first);
      }
      for (u64 offset = 0; offset < bytes(leaf.size); offset += page) {
        std::optional<Leaf> const met = leaf_at(VirtAddr(first + offset));
        if (!met) continue;
        return Outcome::refused(met->size > leaf.size ? MappedToHugePage : AlreadyMapped, first);
      }
      give(leaf, Spec::normalise(options_, flags));
      after.emplace(first, leaf);
    }
    u64 const needed = tables_of(after).size() - tables_of(leaves_).size();
    if (needed > allocations) return Outcome::out_of_memory(va, needed);
    leaves_ = after;
    return Outcome::taking(needed);
  }

  void protect_leaf(Leaf& leaf, MappingFlags rights) const {
    bool const was_writable = leaf.flags.has(Flag::WRITE);
    leaf.flags = Spec::normalise(options_, rights).with_software(leaf.flags.software());
    bool const hardware = Spec::hardware_updates(options_) == HardwareUpdates::accessed_and_dirty;
    if (leaf.flags.has(Flag::WRITE) && !was_writable && !hardware) leaf.dirty = 1;
  }

  // Splits any wanted leaf that reaches over an edge of the range, until there is none.
  template <class Wanted>
  static void split_edges(Leaves& leaves, u64 first, u64 last, Wanted wanted) {
    for (auto it = leaves.begin(); it != leaves.end();) {
      Leaf const leaf = it->second;
      u64 const start = leaf.virt.value;
      u64 const end = start + (bytes(leaf.size) - 1);
      bool const reaches_in = start <= last && end >= first;
      bool const reaches_out = start < first || end > last;
      if (!reaches_in || !reaches_out || !wanted(leaf)) {
        ++it;
        continue;
      }
      leaves.erase(it);
      Leaf piece = leaf;
      piece.size = static_cast<PageSize>(size_log2(leaf.size) - Spec::index_bits);
      for (u64 offset = 0; offset < bytes(leaf.size); offset += bytes(piece.size)) {
        piece.virt = VirtAddr(leaf.virt.value + offset);
        piece.phys = PhysAddr(leaf.phys.value + offset);
        leaves.emplace(piece.virt.value, piece);
      }
      it = leaves.lower_bound(start);
    }
  }

  Outcome set_bit(VirtAddr va, u64 Leaf::* bit, u64 value) {
    Outcome const found = judge_leaf(va.value);
    if (found.ok()) leaves_.at(found.leaf->virt.value).*bit = value;
    return found;
  }
  bool hardware_sets(VirtAddr va, u64 Leaf::* bit) {
    auto const borrowed = borrowed_.find(slot_of(va.value));
    if (borrowed != borrowed_.end()) return borrowed->second->hardware_sets(va, bit);
    std::optional<Leaf> const leaf = leaf_at(va);
    if (leaf) leaves_.at(leaf->virt.value).*bit = 1;
    return leaf.has_value();
  }

  MachineOptions options_;
  Leaves leaves_;
  std::set<u64> pinned_;              // first addresses of root slots
  std::map<u64, PageMap*> borrowed_;  // by first address of the root slot
  bool exists_ = false;
};

}  // namespace twinwalk::models
