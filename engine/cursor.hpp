// A cursor: the single-leaf operations, each going on from where the last one ended. Sequential
// work stays in one leaf table and never walks from the root again.
//
// While a cursor is in use, its page table is changed through nothing else: it remembers tables.
#pragma once

#include "api.hpp"
#include "flush_plan.hpp"
#include "geometry.hpp"
#include "result.hpp"
#include "steps.hpp"
#include "table_metadata.hpp"
#include "word.hpp"

namespace twinwalk {

// What `unmap` and `remap` give: the leaf that was there, as hardware left it, and the plan.
template <class H>
struct Removed {
  BasicLeaf<typename H::Word> leaf{};
  FlushPlan<H> plan{};
};

template <class Format, class H>
class Cursor {
 public:
  using W = typename H::Word;
  using G = Geometry<Format>;
  using VirtAddr = BasicVirtAddr<W>;
  using PhysAddr = BasicPhysAddr<W>;
  using MappingFlags = BasicMappingFlags<W>;
  using Options = typename Format::template Options<W>;
  using Plan = FlushPlan<H>;
  template <class T>
  using Result = twinwalk::Result<T, W>;
  using Refusal = twinwalk::Refusal<W>;

  constexpr Cursor(H& handler, W root, Options const& options)
      : steps_{handler, options, Path<Format, W>(root)} {}

  // The tables that it remembers: from the root's down to the last one that it used, on the way to
  // the address of its last operation.
  constexpr Path<Format, W> const& position() const { return steps_.path; }

  // The operations of PageTable, which documents them.

  constexpr Result<Plan> map(VirtAddr va, PhysAddr pa, PageSize size, MappingFlags flags) {
    int const level = G::level_of(size);
    if (level == 0 || !Format::supports(options(), size)) {
      return refuse(PagingError::UnsupportedPageSize, va);
    }
    W const span(G::span(level));
    if (!both(G::template valid_range<W>(va.value, span), physical_range_fits(pa.value, span))) {
      return refuse(PagingError::InvalidAddress, va);
    }
    if (((va.value | pa.value) & W(G::offset_mask(level))) != W(0)) {
      return refuse(PagingError::NotAligned, va);
    }
    if (!Format::representable(options(), flags)) {
      return refuse(PagingError::UnrepresentableFlags, va);
    }

    steps_.seek(va.value, level);
    Ownership const owner = steps_.ownership();
    if (owner == Ownership::borrowed) return refuse(PagingError::Borrowed, va);
    if (steps_.present()) {
      return refuse(
          path().level == level ? PagingError::AlreadyMapped : PagingError::MappedToHugePage, va);
    }
    FrameChain<H> paid;
    if (!steps_.pay(W(static_cast<std::uint64_t>(path().level - level)), paid)) {
      return refuse(PagingError::NoMemory, va);
    }
    Plan plan(handler(), steps_.root());
    W const entry = Format::leaf(level, pa.value, Format::encode(options(), flags));
    steps_.publish(level, entry, W(1), paid, plan);
    steps_.owe_ownership(owner, plan);
    return plan;
  }

  constexpr Result<Removed<H>> unmap(VirtAddr va) {
    Ownership owner{};
    if (auto const refused = find_leaf(va, owner); refused.refused) return refused.failure;

    Removed<H> removed{{}, Plan(handler(), steps_.root())};
    removed.leaf = steps_.take_leaf(removed.plan);
    steps_.owe_ownership(owner, removed.plan);
    return removed;
  }

  constexpr Result<Plan> protect(VirtAddr va, MappingFlags flags) {
    if (!Format::canonical(va.value)) return refuse(PagingError::InvalidAddress, va);
    MappingFlags const wanted = flags.without_software();
    if (!Format::representable(options(), wanted)) {
      return refuse(PagingError::UnrepresentableFlags, va);
    }
    auto const attributes = Format::encode(options(), wanted);
    return change(
        va, [&](int level, W leaf) { return Format::with_attributes(level, leaf, attributes); });
  }

  constexpr Result<Removed<H>> remap(VirtAddr va, PhysAddr pa, MappingFlags flags) {
    if (!both(Format::canonical(va.value), physical_range_fits(pa.value, W(1)))) {
      return refuse(PagingError::InvalidAddress, va);
    }
    if ((pa.value & W(G::offset_mask(1))) != W(0)) return refuse(PagingError::NotAligned, va);
    MappingFlags const wanted = flags.without_software();
    if (!Format::representable(options(), wanted)) {
      return refuse(PagingError::UnrepresentableFlags, va);
    }
    Ownership owner{};
    if (auto const refused = find_leaf(va, owner); refused.refused) return refused.failure;
    int const level = path().level;
    if (!physical_range_fits(pa.value, W(G::span(level)))) {
      return refuse(PagingError::InvalidAddress, va);
    }
    if ((pa.value & W(G::offset_mask(level))) != W(0)) return refuse(PagingError::NotAligned, va);

    // Software bits are not hardware's, so they may be read before the exchange.
    auto const attributes =
        Format::with_software_of(path().entry, Format::encode(options(), wanted));
    W const after = Format::leaf(level, pa.value, attributes);
    Removed<H> removed{{}, Plan(handler(), steps_.root())};
    removed.leaf = steps_.leaf_of(steps_.replace_leaf(after, owner, removed.plan));
    steps_.owe_ownership(owner, removed.plan);
    return removed;
  }

  constexpr Result<BasicLeaf<W>> query(VirtAddr va) {
    if (!Format::canonical(va.value)) return refuse(PagingError::InvalidAddress, va);
    steps_.seek(va.value, 1);
    if (!steps_.present()) return refuse(PagingError::NotMapped, va);
    BasicLeaf<W> leaf = steps_.leaf_of(path().entry);
    leaf.phys = PhysAddr(leaf.phys.value | (va.value & W(G::offset_mask(path().level))));
    leaf.virt = va;
    return leaf;
  }

  constexpr Result<Plan> clear_accessed(VirtAddr va) {
    return change(va, [](int, W leaf) { return Format::without_accessed(leaf); });
  }
  constexpr Result<Plan> clear_dirty(VirtAddr va) {
    return change(va, [](int, W leaf) { return Format::without_dirty(leaf); });
  }
  constexpr Result<Plan> set_accessed(VirtAddr va) {
    return change(va, [](int, W leaf) { return Format::with_accessed(leaf); });
  }
  constexpr Result<Plan> set_dirty(VirtAddr va) {
    return change(va, [](int, W leaf) { return Format::with_dirty(leaf); });
  }

 private:
  constexpr H& handler() { return steps_.handler; }
  constexpr Options const& options() const { return steps_.options; }
  constexpr Path<Format, W>& path() { return steps_.path; }

  static constexpr BasicFailure<W> refuse(PagingError error, VirtAddr where) {
    return {error, where};
  }

  constexpr auto physical_range_fits(W first, W length) const {
    return Format::physical_range_fits(options(), first, first + length - W(1));
  }

  // Leads the path to the leaf that contains `va`, to be written.
  constexpr Refusal find_leaf(VirtAddr va, Ownership& owner) {
    if (!Format::canonical(va.value)) return {PagingError::InvalidAddress, va};
    steps_.seek(va.value, 1);
    owner = steps_.ownership();
    if (owner == Ownership::borrowed) return {PagingError::Borrowed, va};
    if (!steps_.present()) return {PagingError::NotMapped, va};
    return {};
  }

  template <class Function>
  constexpr Result<Plan> change(VirtAddr va, Function function) {
    Ownership owner{};
    if (auto const refused = find_leaf(va, owner); refused.refused) return refused.failure;
    Plan plan(handler(), steps_.root());
    steps_.change_leaf([&](W leaf) { return function(path().level, leaf); }, owner, plan);
    steps_.owe_ownership(owner, plan);
    return plan;
  }

  Steps<Format, H> steps_;
};

}  // namespace twinwalk
