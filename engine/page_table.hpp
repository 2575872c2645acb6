// The page table: one root, and every operation of docs/contract.md, which this file implements to
// the letter. The engine has no state but its memory, the handler's frame metadata and the options
// of the machine; the caller's lock makes it the only mutator, while MMUs look at any moment.
#pragma once

#include "api.hpp"
#include "cursor.hpp"
#include "flush_plan.hpp"
#include "geometry.hpp"
#include "region.hpp"
#include "result.hpp"
#include "sharing.hpp"
#include "table_metadata.hpp"
#include "teardown.hpp"
#include "traversal.hpp"
#include "word.hpp"

namespace twinwalk {

// Errors are judged in the order in which PagingError lists them; a refused call has written
// nothing that an MMU could have seen and owes no flush. Every plan that is returned must be
// carried out before its range is mapped again or its frames are reused.
//
// The object is a handle: copies name the same tables, and `destroy` through one ends them all.
template <class Format, class H>
  requires Handler<H>
class PageTable {
 public:
  using W = typename H::Word;
  using G = Geometry<Format>;
  using VirtAddr = BasicVirtAddr<W>;
  using PhysAddr = BasicPhysAddr<W>;
  using MappingFlags = BasicMappingFlags<W>;
  using Leaf = BasicLeaf<W>;
  using Options = typename Format::template Options<W>;
  using Plan = FlushPlan<H>;
  using Cursor = twinwalk::Cursor<Format, H>;
  template <class T>
  using Result = twinwalk::Result<T, W>;

  // Refers to nothing; every operation on it is a programmer error.
  constexpr PageTable() = default;

  // An empty table. NoMemory when there is no frame for the root.
  static constexpr Result<PageTable> create(H& handler, Options const& options) {
    W root{0};
    int const level = Format::levels;
    if (!handler.alloc_frames(G::table_size_log2(level), root)) {
      return Failure{PagingError::NoMemory, VirtAddr(W(0))};
    }
    TWINWALK_ASSERT(Format::physical_range_fits(options, root, root));
    handler.fill(root, W(G::table_entries(level)), Format::hole(options, level), W(0));
    handler.set_live_count(root, W(0));
    return PageTable(handler, root, options);
  }

  // A table that is already there: `root` and all below it satisfy what `create` and the
  // operations establish, metadata included.
  constexpr PageTable(H& handler, W root, Options const& options)
      : handler_(&handler), root_(root), options_(options) {}

  // Unlinks everything at once: the plan says "everything" and carries every frame of the tree that
  // is not borrowed, the root's too. No processor may use the root any more, and whoever borrowed
  // from this table must be gone. The object refers to nothing afterwards.
  constexpr Plan destroy() {
    Plan plan(handler(), root_);
    Teardown<Format, H>(handler(), root_, options_).run(plan);
    handler_ = nullptr;
    return plan;
  }

  // The physical address of the root table, for CR3 and its kin.
  constexpr PhysAddr root() const { return PhysAddr(root_); }
  constexpr Options const& options() const { return options_; }

  // The same operations without walking from the root each time.
  constexpr Cursor cursor() { return Cursor(handler(), root_, options_); }

  // ---- One leaf ----

  // Maps one leaf of exactly `size` from `va` to `pa`. Any error but NotMapped.
  constexpr Result<Plan> map(VirtAddr va, PhysAddr pa, PageSize size, MappingFlags flags) {
    return cursor().map(va, pa, size, flags);
  }
  // Removes the leaf that contains `va`, whole, and returns it as hardware left it.
  // InvalidAddress, Borrowed, NotMapped.
  constexpr Result<Removed<H>> unmap(VirtAddr va) { return cursor().unmap(va); }
  // Replaces rights, memory type, key and GLOBAL of the leaf that contains `va`; the software bits
  // of `flags` are not looked at. InvalidAddress, UnrepresentableFlags, Borrowed, NotMapped.
  constexpr Result<Plan> protect(VirtAddr va, MappingFlags flags) {
    return cursor().protect(va, flags);
  }
  // Replaces all but the software bits of the leaf that contains `va`, accessed and dirty start
  // clear; returns the old leaf. The errors of protect, and NotAligned: `pa` must be a multiple of
  // 4K, and of the leaf's size, which is judged after NotMapped.
  constexpr Result<Removed<H>> remap(VirtAddr va, PhysAddr pa, MappingFlags flags) {
    return cursor().remap(va, pa, flags);
  }
  // What the byte at `va` translates to; `virt` and `phys` of the leaf are that byte's.
  // InvalidAddress, NotMapped.
  constexpr Result<Leaf> query(VirtAddr va) const {
    return Cursor(handler(), root_, options_).query(va);
  }

  // Accessed and dirty of the leaf that contains `va`. InvalidAddress, Borrowed, NotMapped.
  constexpr Result<Plan> clear_accessed(VirtAddr va) { return cursor().clear_accessed(va); }
  constexpr Result<Plan> clear_dirty(VirtAddr va) { return cursor().clear_dirty(va); }
  constexpr Result<Plan> set_accessed(VirtAddr va) { return cursor().set_accessed(va); }
  constexpr Result<Plan> set_dirty(VirtAddr va) { return cursor().set_dirty(va); }

  // ---- A range ----
  //
  // [va, va + length - 1] in one half of the address space, if it has halves, all multiples of 4K.
  // Length 0 succeeds before anything is judged.

  // Maps the range from the low end with the largest pages that both alignments, the rest of the
  // length, the machine and `policy` allow; 4K always is. The errors of map.
  constexpr Result<Plan> map_region(VirtAddr va, PhysAddr pa, W length, MappingFlags flags,
                                    PageSize policy = PageSize::Size1G) {
    if (length == W(0)) return Plan();
    if (!both(G::template valid_range<W>(va.value, length),
              Format::physical_range_fits(options_, pa.value, pa.value + length - W(1)))) {
      return Failure{PagingError::InvalidAddress, va};
    }
    if (((va.value | pa.value | length) & W(G::offset_mask(1))) != W(0)) {
      return Failure{PagingError::NotAligned, va};
    }
    if (!Format::representable(options_, flags)) {
      return Failure{PagingError::UnrepresentableFlags, va};
    }
    return region(va, length).map(pa.value, flags, policy);
  }

  // Removes exactly the range: a leaf that an edge cuts is split, holes are skipped. Every removed
  // leaf goes to `visitor(Leaf const&)`, in address order and in the midst of the call, so that it
  // must not touch this table; without one, full tables are dropped unread. InvalidAddress,
  // NotAligned, Borrowed, NoMemory.
  template <class Visitor>
  constexpr Result<RegionChange<H>> unmap_region(VirtAddr va, W length, Visitor&& visitor) {
    if (length == W(0)) return RegionChange<H>{};
    if (auto const wrong = judge_range(va, length); wrong.refused) return wrong.failure;
    return region(va, length).unmap(visitor);
  }
  constexpr Result<RegionChange<H>> unmap_region(VirtAddr va, W length) {
    return unmap_region(va, length, NoVisitor{});
  }

  // Protects exactly the range: a leaf that an edge cuts is split unless it has these flags
  // already, holes are skipped. InvalidAddress, NotAligned, UnrepresentableFlags, Borrowed,
  // NoMemory.
  constexpr Result<RegionChange<H>> protect_region(VirtAddr va, W length, MappingFlags flags) {
    if (length == W(0)) return RegionChange<H>{};
    if (auto const wrong = judge_range(va, length); wrong.refused) return wrong.failure;
    MappingFlags const wanted = flags.without_software();
    if (!Format::representable(options_, wanted)) {
      return Failure{PagingError::UnrepresentableFlags, va};
    }
    return region(va, length).protect(Format::encode(options_, wanted));
  }

  // Calls visitor(Leaf const&) for every leaf that has a byte in the range, whole even where the
  // range cuts it, in address order, until it returns false. InvalidAddress.
  template <class Visitor>
  constexpr Result<Walked> walk(VirtAddr va, W length, Visitor&& visitor) const {
    if (length == W(0)) return Walked::whole_range;
    if (!G::template valid_range<W>(va.value, length)) {
      return Failure{PagingError::InvalidAddress, va};
    }
    return traverse<Format>(handler(), root_, options_, va.value, va.value + length - W(1),
                            visitor);
  }

  // ---- Sharing ----

  // Lends the root slots of the range from `owner`, another table on the same machine, another
  // table, which first gets a table in each, to this table: from then on both reach the same
  // tables, only the owner may change what is below, and it must outlive this table. The range is
  // whole root slots. InvalidAddress, NotAligned, Borrowed (the owner itself borrowed a slot),
  // AlreadyMapped (a slot here is no hole), MappedToHugePage (a slot of the owner's is a leaf),
  // NoMemory.
  constexpr Result<Plan> share_root_entries(PageTable& owner, VirtAddr va, W length) {
    TWINWALK_ASSERT(bool(root_ != owner.root_));
    if (length == W(0)) return Plan();
    if (!G::template valid_range<W>(va.value, length)) {
      return Failure{PagingError::InvalidAddress, va};
    }
    if (((va.value | length) & W(G::offset_mask(Format::levels))) != W(0)) {
      return Failure{PagingError::NotAligned, va};
    }
    return Sharing<Format, H>(handler(), owner.root_, root_, options_)
        .run(va.value, va.value + length - W(1));
  }

 private:
  using Failure = BasicFailure<W>;

  constexpr H& handler() const {
    TWINWALK_ASSERT(handler_ != nullptr);
    return *handler_;
  }

  constexpr Refusal<W> judge_range(VirtAddr va, W length) const {
    if (!G::template valid_range<W>(va.value, length)) {
      return {PagingError::InvalidAddress, va};
    }
    if (((va.value | length) & W(G::offset_mask(1))) != W(0)) {
      return {PagingError::NotAligned, va};
    }
    return {};
  }

  constexpr Region<Format, H> region(VirtAddr va, W length) {
    return Region<Format, H>(handler(), root_, options_, va.value, va.value + length - W(1));
  }

  H* handler_ = nullptr;
  W root_{0};
  Options options_{};
};

}  // namespace twinwalk
