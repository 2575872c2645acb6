// The flat map: docs/contract.md executed. It holds leaves only, as extents, and no tables; as no
// empty table stays, the tables are a function of the leaves, so the frames that each call takes
// and frees follow, and with them exactly when NoMemory is due.
//
// It predicts status, results, state and frames of every operation. It says nothing of plans, of
// what an MMU may have cached or of how an entry is encoded: those belong to other models.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/api.hpp"
#include "models/extents.hpp"
#include "models/flat_map/greedy.hpp"
#include "models/flat_map/leaf_rules.hpp"
#include "models/flat_map/owned_leaves.hpp"
#include "models/geometry.hpp"
#include "models/outcome.hpp"

namespace twinwalk::models {

// Every call that may allocate is told how many of its allocations will succeed, `allocations`: the
// lesser of the frames that are free (those awaiting a flush are not) and the number, counted from
// 0, of the allocation that is made to fail. A refusal names the call's `va` unless it says where.
template <class Spec>
class FlatMap {
  using Shape = Geometry<Spec>;
  using enum PagingError;

 public:
  FlatMap() = default;
  // Borrowers point to their owner.
  FlatMap(FlatMap const&) = delete;
  FlatMap& operator=(FlatMap const&) = delete;

  // ---- create, destroy -------------------------------------------------------------------------

  // Starts an empty root on this machine. Every other call needs one.
  Outcome create(MachineOptions const& options, std::uint64_t allocations) {
    if (allocations < 1) return Outcome::out_of_memory(0, 1);
    options_ = options;
    leaves_.start();
    return Outcome::taking(1);
  }
  // Frees the root with every table that is not borrowed. Borrowers of this map must be gone.
  Outcome destroy() {
    Outcome outcome;
    outcome.frames_freed = leaves_.table_count();
    leaves_.clear();
    loans_.clear();
    return outcome;
  }

  // ---- One leaf --------------------------------------------------------------------------------

  Outcome map(VirtAddr va, PhysAddr pa, PageSize size, MappingFlags flags,
              std::uint64_t allocations) {
    if (!Spec::supports(options_, size)) return refuse(UnsupportedPageSize, va);
    std::uint64_t const length = bytes(size);
    if (!valid(va, length, pa, length)) return refuse(InvalidAddress, va);
    if (!Shape::aligned(va.value | pa.value, size_log2(size))) return refuse(NotAligned, va);
    Extent leaf;
    leaf.virt = va.value;
    leaf.phys = pa.value;
    leaf.count = 1;
    leaf.size = size;
    planned_.assign(1, leaf);
    return map_planned(va, length, flags, allocations);
  }

  Outcome unmap(VirtAddr va) {
    if (!Spec::canonical(va.value)) return refuse(InvalidAddress, va);
    Outcome outcome = find_own(va);
    if (!outcome.ok()) return outcome;
    outcome.frames_freed =
        leaves_.remove(first_of(*outcome.leaf), last_of(*outcome.leaf), [](Extent const&) {});
    return outcome;
  }

  Outcome protect(VirtAddr va, MappingFlags flags) {
    MappingFlags const wanted = flags.without_software();
    if (!Spec::canonical(va.value)) return refuse(InvalidAddress, va);
    if (!Spec::representable(options_, wanted)) return refuse(UnrepresentableFlags, va);
    return change_leaf(va, [&](Extent& leaf) { rules().grant(leaf, normalise(wanted)); });
  }

  Outcome remap(VirtAddr va, PhysAddr pa, MappingFlags flags) {
    MappingFlags const wanted = flags.without_software();
    if (!valid(va, 1, pa, 1)) return refuse(InvalidAddress, va);
    if (!Shape::aligned(pa.value, Spec::page_shift)) return refuse(NotAligned, va);
    if (!Spec::representable(options_, wanted)) return refuse(UnrepresentableFlags, va);
    Outcome const found = find_own(va);
    if (!found.ok()) return found;
    PageSize const size = found.leaf->size;
    if (!valid(va, 1, pa, bytes(size))) return refuse(InvalidAddress, va);
    if (!Shape::aligned(pa.value, size_log2(size))) return refuse(NotAligned, va);
    return change_leaf(va, [&](Extent& leaf) {
      leaf.phys = pa.value;
      rules().restart(leaf, normalise(wanted));
    });
  }

  // The leaf that contains `va`; physical_of gives the address of the byte.
  Outcome query(VirtAddr va) const {
    if (!Spec::canonical(va.value)) return refuse(InvalidAddress, va);
    Outcome outcome;
    outcome.leaf = leaf_at(va);
    return outcome.leaf ? outcome : refuse(NotMapped, va);
  }
  static PhysAddr physical_of(Leaf const& leaf, VirtAddr va) {
    return PhysAddr(leaf.phys.value + (va.value - leaf.virt.value));
  }

  Outcome clear_accessed(VirtAddr va) {
    return change_canonical(va, [](Extent& leaf) { leaf.accessed = false; });
  }
  Outcome clear_dirty(VirtAddr va) {
    return change_canonical(va, [](Extent& leaf) { leaf.dirty = false; });
  }
  Outcome set_accessed(VirtAddr va) {
    return change_canonical(va, [](Extent& leaf) { leaf.accessed = true; });
  }
  Outcome set_dirty(VirtAddr va) {
    return change_canonical(va, [](Extent& leaf) { leaf.dirty = true; });
  }

  // ---- Regions ---------------------------------------------------------------------------------

  Outcome map_region(VirtAddr va, PhysAddr pa, std::uint64_t length, MappingFlags flags,
                     PageSize largest, std::uint64_t allocations) {
    if (length == 0) return {};
    if (!valid(va, length, pa, length)) return refuse(InvalidAddress, va);
    if (!Shape::aligned(va.value | pa.value | length, Spec::page_shift)) {
      return refuse(NotAligned, va);
    }
    planned_.clear();
    auto const is_pinned = [&](std::uint64_t page) { return leaves_.pins(page); };
    GreedyPages<Spec, decltype(is_pinned)>(options_, largest, is_pinned)
        .append(va.value, pa.value, length, planned_);
    return map_planned(va, length, flags, allocations);
  }

  // Calls on_removed(Extent const&) in ascending order for the leaves that go, pieces after a
  // split.
  template <class OnRemoved>
  Outcome unmap_region(VirtAddr va, std::uint64_t length, std::uint64_t allocations,
                       OnRemoved on_removed) {
    if (length == 0) return {};
    if (!Shape::is_range(va.value, length)) return refuse(InvalidAddress, va);
    if (!Shape::aligned(va.value | length, Spec::page_shift)) return refuse(NotAligned, va);
    std::uint64_t const last = last_of(va, length);
    if (auto const borrowed = lowest_borrowed(va.value, last)) return refuse(Borrowed, *borrowed);
    auto const always = [](Extent const&) { return true; };
    std::uint64_t const needed = leaves_.split_tables(va.value, last, always);
    if (needed > allocations) return Outcome::out_of_memory(va.value, needed);

    Outcome outcome = Outcome::taking(needed);
    leaves_.split(va.value, last, always);
    outcome.frames_freed = leaves_.remove(va.value, last, [&](Extent const& e) {
      outcome.mapped_bytes += e.bytes_in(va.value, last);
      on_removed(e);
    });
    return outcome;
  }
  Outcome unmap_region(VirtAddr va, std::uint64_t length, std::uint64_t allocations) {
    return unmap_region(va, length, allocations, [](Extent const&) {});
  }

  Outcome protect_region(VirtAddr va, std::uint64_t length, MappingFlags flags,
                         std::uint64_t allocations) {
    MappingFlags const wanted = flags.without_software();
    if (length == 0) return {};
    if (!Shape::is_range(va.value, length)) return refuse(InvalidAddress, va);
    if (!Shape::aligned(va.value | length, Spec::page_shift)) return refuse(NotAligned, va);
    if (!Spec::representable(options_, wanted)) return refuse(UnrepresentableFlags, va);
    std::uint64_t const last = last_of(va, length);
    if (auto const borrowed = lowest_borrowed(va.value, last)) return refuse(Borrowed, *borrowed);
    MappingFlags const rights = normalise(wanted);
    auto const differs = [&](Extent const& e) { return e.flags.without_software() != rights; };
    std::uint64_t const needed = leaves_.split_tables(va.value, last, differs);
    if (needed > allocations) return Outcome::out_of_memory(va.value, needed);

    Outcome outcome = Outcome::taking(needed);
    leaves_.split(va.value, last, differs);
    leaves_.change(va.value, last, [&](Extent& e) {
      outcome.mapped_bytes += e.bytes_in(va.value, last);
      if (differs(e)) rules().grant(e, rights);
    });
    return outcome;
  }

  // Calls visit(Extent const&) in ascending order for the leaves that the range touches, whole even
  // where it cuts them, until visit returns false.
  template <class Visit>
  Outcome walk(VirtAddr va, std::uint64_t length, Visit visit) const {
    if (length == 0) return {};
    if (!Shape::is_range(va.value, length)) return refuse(InvalidAddress, va);
    std::uint64_t const last = last_of(va, length);
    std::uint64_t own_first = va.value;
    for (Loan const& loan : loans_) {
      if (loan.last < va.value || loan.first > last) continue;
      // Own leaves lie between the loans, the owner's leaves inside them.
      std::uint64_t const from = std::max(loan.first, va.value);
      std::uint64_t const to = std::min(loan.last, last);
      if (own_first < from && !walk_own(own_first, from - 1, visit)) return {};
      if (!loan.owner->walk_own(from, to, visit)) return {};
      if (to == last) return {};
      own_first = to + 1;
    }
    walk_own(own_first, last, visit);
    return {};
  }

  // ---- Sharing ---------------------------------------------------------------------------------

  // `owner` is another map on the same machine and outlives this one. The frames needed are for the
  // owner's new tables. AlreadyMapped and MappedToHugePage name the start of the lowest bad slot.
  Outcome share_root_entries(FlatMap& owner, VirtAddr va, std::uint64_t length,
                             std::uint64_t allocations) {
    if (length == 0) return {};
    if (!Shape::is_range(va.value, length)) return refuse(InvalidAddress, va);
    if (!Shape::aligned(va.value | length, Shape::slot_shift)) return refuse(NotAligned, va);
    std::uint64_t const last = last_of(va, length);
    if (auto const borrowed = owner.lowest_borrowed(va.value, last)) {
      return refuse(Borrowed, *borrowed);
    }
    std::uint64_t needed = 0;
    for (std::uint64_t done = 0; done < length; done += Shape::slot_bytes) {
      VirtAddr const slot(va.value + done);
      if (borrows(slot) || !leaves_.slot_is_hole(slot.value)) return refuse(AlreadyMapped, slot);
      if (owner.leaves_.slot_is_leaf(slot.value)) return refuse(MappedToHugePage, slot);
      if (owner.leaves_.slot_is_hole(slot.value)) ++needed;
    }
    if (needed > allocations) return Outcome::out_of_memory(va.value, needed);

    for (std::uint64_t done = 0; done < length; done += Shape::slot_bytes) {
      owner.leaves_.pin(va.value + done);
    }
    auto const next = std::find_if(loans_.begin(), loans_.end(),
                                   [&](Loan const& loan) { return loan.first > va.value; });
    loans_.insert(next, {va.value, last, &owner});
    return Outcome::taking(needed);
  }

  // ---- What hardware does ----------------------------------------------------------------------

  // Sets one bit in the leaf that contains `va`, through a borrowed slot in the owner's leaf. False
  // when there is no such leaf. A store of a CPU sets both, each by its own call.
  bool set_hardware_accessed(VirtAddr va) {
    return hardware_sets(va, [](auto& leaf) -> auto& { return leaf.accessed; });
  }
  bool set_hardware_dirty(VirtAddr va) {
    return hardware_sets(va, [](auto& leaf) -> auto& { return leaf.dirty; });
  }

  // ---- The state -------------------------------------------------------------------------------

  MachineOptions const& options() const { return options_; }
  bool exists() const { return leaves_.table_count() != 0; }
  // The leaves below this root's own entries; borrowed ones are among the owner's.
  ExtentList const& extents() const { return leaves_.extents(); }
  // The leaf that translates `va`, borrowed or not.
  std::optional<Leaf> leaf_at(VirtAddr va) const {
    FlatMap const* const owner = owner_of(va.value);
    Extent const* const e = (owner != nullptr ? owner : this)->extents().at(va.value);
    if (e == nullptr) return std::nullopt;
    return e->leaf_at(va.value);
  }
  // Table frames that are this root's own: itself, tables with a leaf beneath, pinned tables.
  std::uint64_t table_count() const { return leaves_.table_count(); }
  // The same, counted from the leaves alone: what table_count() must always be.
  std::uint64_t recount_tables() const { return leaves_.recount_tables(); }
  bool pins(VirtAddr va) const { return leaves_.pins(va.value); }
  bool borrows(VirtAddr va) const { return owner_of(va.value) != nullptr; }

 private:
  using Rules = LeafRules<Spec>;

  // The root slots from `first` to `last` lead into tables of `owner`.
  struct Loan {
    std::uint64_t first;
    std::uint64_t last;
    FlatMap* owner;
  };

  static Outcome refuse(PagingError error, VirtAddr where) {
    return Outcome::refused(error, where.value);
  }
  static std::uint64_t last_of(VirtAddr va, std::uint64_t length) {
    return va.value + (length - 1);
  }
  static std::uint64_t first_of(Leaf const& leaf) { return leaf.virt.value; }
  static std::uint64_t last_of(Leaf const& leaf) { return last_of(leaf.virt, bytes(leaf.size)); }

  Rules rules() const { return Rules{options_}; }
  MappingFlags normalise(MappingFlags flags) const { return Spec::normalise(options_, flags); }

  bool valid(VirtAddr va, std::uint64_t length, PhysAddr pa, std::uint64_t physical_length) const {
    return Shape::is_range(va.value, length) &&
           Shape::is_physical_range(options_, pa.value, physical_length);
  }

  // ---- Borrowed slots --------------------------------------------------------------------------

  // The lowest address of [first, last] that lies in a borrowed slot.
  std::optional<VirtAddr> lowest_borrowed(std::uint64_t first, std::uint64_t last) const {
    for (Loan const& loan : loans_) {
      if (loan.first <= last && loan.last >= first) return VirtAddr(std::max(first, loan.first));
    }
    return std::nullopt;
  }
  // The map that the slot of `va` was borrowed from, or null.
  FlatMap* owner_of(std::uint64_t va) const {
    for (Loan const& loan : loans_) {
      if (loan.first <= va && va <= loan.last) return loan.owner;
    }
    return nullptr;
  }

  // ---- Mapping ---------------------------------------------------------------------------------

  // From UnrepresentableFlags on, map and map_region are judged and done alike.
  Outcome map_planned(VirtAddr va, std::uint64_t length, MappingFlags flags,
                      std::uint64_t allocations) {
    if (!Spec::representable(options_, flags)) return refuse(UnrepresentableFlags, va);
    if (auto const borrowed = lowest_borrowed(va.value, last_of(va, length))) {
      return refuse(Borrowed, *borrowed);
    }
    for (Extent const& pages : planned_) {
      if (auto const refusal = collision(pages)) return *refusal;
    }
    std::uint64_t const needed = leaves_.tables_for(planned_);
    if (needed > allocations) return Outcome::out_of_memory(va.value, needed);

    for (Extent& pages : planned_) rules().start(pages, normalise(flags));
    leaves_.insert(planned_);
    return Outcome::taking(needed);
  }

  // Why the lowest of these pages that is not free is refused; it names that page.
  std::optional<Outcome> collision(Extent const& pages) const {
    int const shift = size_log2(pages.size);
    // A pinned table counts as mapped even where nothing is beneath it.
    if (shift == Shape::slot_shift && leaves_.pins(pages.virt)) {
      return refuse(AlreadyMapped, VirtAddr(pages.virt));
    }
    Extent const* const met = extents().lowest_in(pages.virt, pages.last());
    if (met == nullptr) return std::nullopt;
    VirtAddr const page(std::max(pages.virt, met->virt) >> shift << shift);
    return refuse(met->size > pages.size ? MappedToHugePage : AlreadyMapped, page);
  }

  // ---- Changing leaves -------------------------------------------------------------------------

  // The leaf that contains `va`, canonical, if a change may be made to it.
  Outcome find_own(VirtAddr va) const {
    if (borrows(va)) return refuse(Borrowed, va);
    Extent const* const e = extents().at(va.value);
    if (e == nullptr) return refuse(NotMapped, va);
    Outcome outcome;
    outcome.leaf = e->leaf_at(va.value);
    return outcome;
  }
  template <class Change>
  Outcome change_leaf(VirtAddr va, Change change) {
    Outcome const found = find_own(va);
    if (found.ok()) leaves_.change(first_of(*found.leaf), last_of(*found.leaf), change);
    return found;
  }
  template <class Change>
  Outcome change_canonical(VirtAddr va, Change change) {
    if (!Spec::canonical(va.value)) return refuse(InvalidAddress, va);
    return change_leaf(va, change);
  }
  template <class Bit>
  bool hardware_sets(VirtAddr va, Bit bit) {
    std::optional<Leaf> const leaf = leaf_at(va);
    if (!leaf) return false;
    if (bit(*leaf) != 0) return true;  // the usual case: nothing to do
    FlatMap* const owner = owner_of(va.value);
    (owner != nullptr ? owner : this)->change_leaf(va, [&](Extent& e) { bit(e) = true; });
    return true;
  }

  template <class Visit>
  bool walk_own(std::uint64_t first, std::uint64_t last, Visit& visit) const {
    ExtentList::Slice const within = extents().slice(first, last);
    for (std::size_t i = within.begin; i < within.end; ++i) {
      if (!visit(extents()[i].touched_by(first, last))) return false;
    }
    return true;
  }

  MachineOptions options_;
  OwnedLeaves<Spec> leaves_;
  std::vector<Loan> loans_;      // ascending, disjoint
  std::vector<Extent> planned_;  // of the mapping call in progress; kept for its memory
};

}  // namespace twinwalk::models
