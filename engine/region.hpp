// The operations on a range. Each first checks the whole range, then pays for every table it
// needs, then commits in steps that cannot fail; each phase is a loop over one step.
//
// A step handles one leaf, one hole, or a run of equal slots in one table.
#pragma once

#include <type_traits>

#include "api.hpp"
#include "flush_plan.hpp"
#include "format.hpp"
#include "geometry.hpp"
#include "leaf_run.hpp"
#include "result.hpp"
#include "steps.hpp"
#include "table_metadata.hpp"
#include "word.hpp"

namespace twinwalk {

// What `unmap_region` and `protect_region` give: how much of the range was mapped, and the plan.
template <class H>
struct RegionChange {
  typename H::Word mapped_bytes{0};
  FlushPlan<H> plan{};
};

// The visitor of `unmap_region` that wants no leaves, so that full tables may be dropped unread.
struct NoVisitor {};

template <class Format, class H>
class Region {
 public:
  using W = typename H::Word;
  using G = Geometry<Format>;
  using Options = typename Format::template Options<W>;
  using Plan = FlushPlan<H>;
  using Refusal = twinwalk::Refusal<W>;
  template <class T>
  using Result = twinwalk::Result<T, W>;

  // The range [first, last], already known to be valid and aligned to the smallest page.
  constexpr Region(H& handler, W root, Options const& options, W first, W last)
      : steps_{handler, options, Path<Format, W>(root)}, first_(first), last_(last) {}

  // Maps the range to physical addresses from `pa` on, with pages up to `policy`.
  constexpr Result<Plan> map(W pa, BasicMappingFlags<W> flags, PageSize policy) {
    if (Refusal const borrowed = find_borrowed(); borrowed.refused) return borrowed.failure;
    Placement const placement{pa - first_, largest_level(pa, policy)};
    W tables(0);
    Refusal const occupied = check([&](W at) { return free_step(at, placement, tables); });
    if (occupied.refused) return occupied.failure;
    FrameChain<H> paid;
    if (!steps_.pay(tables, paid)) return refuse(PagingError::NoMemory, first_).failure;
    Plan plan(steps_.handler, steps_.root());
    auto const attributes = Format::encode(steps_.options, flags);
    for (W at = first_;;) {
      W const end = map_step(at, placement, attributes, paid, plan);
      if (end == last_) break;
      at = end + W(1);
    }
    TWINWALK_ASSERT(paid.empty());
    steps_.owe_ownership(ownership_, plan);
    return plan;
  }

  // Removes every leaf of the range, those that an edge cuts only within it.
  template <class Visitor>
  constexpr Result<RegionChange<H>> unmap(Visitor& visitor) {
    return change([](int, W) { return true; },
                  [&](W at, FrameChain<H>& paid, RegionChange<H>& done) {
                    return unmap_step(at, visitor, paid, done);
                  });
  }

  // Gives every leaf of the range new attributes; a leaf that has them already is left whole.
  constexpr Result<RegionChange<H>> protect(Attributes<W> attributes) {
    auto const differs = [attributes](int level, W leaf) {
      return has_other(attributes, level, leaf);
    };
    return change(differs, [&](W at, FrameChain<H>& paid, RegionChange<H>& done) {
      return protect_step(at, attributes, paid, done);
    });
  }

  // ---- One round of each loop ----
  //
  // Public because they are what is proved: a round from any state that the loop may be in. What
  // follows for the loop is proved of the ends of rounds alone
  // (proofs/theorems/region_induction.cc).

  // How a mapped range lies: physical minus virtual, and the largest level that both allow.
  struct Placement {
    W delta;
    int level_max;
  };
  // What a round of a check found: a reason to refuse the call, or up to where there is none.
  struct Checked {
    Refusal refused;
    W end{0};
  };
  // Where a round ended; or that it split a leaf and the same address is due again.
  struct Progress {
    W end{0};
    bool again = false;
  };

  // Looks at the root slot that `at` lies in: whether another root owns it, or it is shared.
  constexpr Checked borrowed_step(W at) {
    steps_.seek(at, Format::levels);
    Ownership const owner = steps_.ownership();
    if (owner == Ownership::borrowed) return {refuse(PagingError::Borrowed, at)};
    if (owner == Ownership::shared) ownership_ = Ownership::shared;
    return {{}, lesser<W>(G::last_of(Format::levels, at), last_)};
  }
  // What the rounds before found: whether any slot is shared.
  constexpr Ownership ownership() const { return ownership_; }

  // Looks whether the range is free from `at` on, up to the end of one table or hole at most, and
  // adds how many tables that much needs.
  constexpr Checked free_step(W at, Placement placement, W& tables) {
    int const level = page_level(at, placement.level_max);
    steps_.seek(at, level);
    if (path().level > level) {
      if (steps_.present()) return {refuse(PagingError::MappedToHugePage, at)};
      W const end = lesser<W>(G::last_of(path().level, at), last_);
      tables = tables + tables_in_hole(at, end, placement.level_max);
      return {{}, end};
    }
    W const run = run_length(at, level);
    W const free = steps_.handler.find_live(path().slot[level], run, steps_.live(level));
    if (free != run) {
      return {refuse(PagingError::AlreadyMapped, at + (free << G::shift(level)))};
    }
    return {{}, at + (run << G::shift(level)) - W(1)};
  }

  // Maps what is left of the range, which is free, up to the end of one table at most; the last
  // address that it mapped.
  constexpr W map_step(W at, Placement placement, Attributes<W> attributes, FrameChain<H>& paid,
                       Plan& plan) {
    int const level = page_level(at, placement.level_max);
    W const run = run_length(at, level);
    steps_.seek(at, level);
    steps_.publish(level, Format::leaf(level, at + placement.delta, attributes), run, paid, plan);
    return at + (run << G::shift(level)) - W(1);
  }

  // Removes what the range holds at `at`: a leaf, or as much as one last-level table has.
  template <class Visitor>
  constexpr Progress unmap_step(W at, Visitor& visitor, FrameChain<H>& paid,
                                RegionChange<H>& done) {
    steps_.seek(at, 1);
    int const level = path().level;
    if (level == 1) return {unmap_run(at, visitor, done)};
    W const end = lesser<W>(G::last_of(level, at), last_);
    if (!steps_.present()) return {end};
    if (is_cut(at)) {
      steps_.split(paid, ownership_, done.plan);
      return {at, true};
    }
    take_leaf(visitor, done);
    return {end};
  }

  // Gives what the range holds at `at` new attributes, as much as one last-level table has.
  constexpr Progress protect_step(W at, Attributes<W> attributes, FrameChain<H>& paid,
                                  RegionChange<H>& done) {
    steps_.seek(at, 1);
    int const level = path().level;
    if (level == 1) return {protect_run(at, attributes, done)};
    W const end = lesser<W>(G::last_of(level, at), last_);
    if (!steps_.present()) return {end};
    if (has_other(attributes, level, path().entry)) {
      if (is_cut(at)) {
        steps_.split(paid, ownership_, done.plan);
        return {at, true};
      }
      steps_.change_leaf([&](W leaf) { return Format::with_attributes(level, leaf, attributes); },
                         ownership_, done.plan);
    }
    done.mapped_bytes = done.mapped_bytes + (end - at + W(1));
    return {end};
  }

 private:
  constexpr Path<Format, W>& path() { return steps_.path; }

  // Whether a leaf would change if it were given these attributes.
  static constexpr bool has_other(Attributes<W> attributes, int level, W leaf) {
    return bool(Format::with_attributes(level, leaf, attributes) != leaf);
  }

  static constexpr Refusal refuse(PagingError error, W where) {
    return {error, BasicVirtAddr<W>(where)};
  }

  constexpr int largest_level(W pa, PageSize policy) const {
    for (int level = Format::leaf_level_max; level > 1; --level) {
      if (size_log2(G::page_size(level)) > size_log2(policy)) continue;
      if (!Format::supports(steps_.options, G::page_size(level))) continue;
      if (((pa ^ first_) & W(G::offset_mask(level))) == W(0)) return level;
    }
    return 1;
  }

  // The first refusal that a round finds, from the start of the range to its end.
  template <class Step>
  constexpr Refusal check(Step step) {
    for (W at = first_;;) {
      Checked const checked = step(at);
      if (checked.refused.refused || checked.end == last_) return checked.refused;
      at = checked.end + W(1);
    }
  }
  constexpr Refusal find_borrowed() {
    return check([this](W at) { return borrowed_step(at); });
  }

  // ---- Map ----

  // The level of the page that starts at `at`: the largest that alignment and the rest allow, and
  // below the root where a table is lent.
  constexpr int page_level(W at, int level_max) {
    for (int level = level_max; level > 1; --level) {
      if (both((at & W(G::offset_mask(level))) == W(0),
               ((last_ - at + W(1)) >> G::shift(level)) != W(0))) {
        return is_lent(level, at) ? level - 1 : level;
      }
    }
    return 1;
  }

  // Whether `at` lies in a root slot whose table stays, so that a leaf of that level has no place.
  constexpr bool is_lent(int level, W at) {
    if (!may_be_lent(level)) return false;
    steps_.seek(at, level);
    return steps_.ownership() == Ownership::shared;
  }
  constexpr bool may_be_lent(int level) const {
    if constexpr (Format::leaf_level_max < Format::levels) return false;
    return level == Format::levels && ownership_ == Ownership::shared;
  }

  // How many pages of `level` stand in a row from `at` on: to the end of the table at most, and
  // one by one where the next slot may be lent.
  constexpr W run_length(W at, int level) const {
    if (may_be_lent(level)) return W(1);
    W const in_table = W(G::table_entries(level)) - G::index(level, at);
    return lesser<W>(in_table, (last_ - at + W(1)) >> G::shift(level));
  }

  // How many tables [at, end], inside the hole that ends the path, needs. A table at level l spans
  // a slot of level l + 1. Where pages of that size are allowed only slots that the range fills in
  // part need one, and they are the first and the last; elsewhere every slot does.
  constexpr W tables_in_hole(W at, W end, int level_max) const {
    W tables(0);
    for (int level = 1; level < steps_.path.level; ++level) {
      int const above = level + 1;
      W const slots = (end >> G::shift(above)) - (at >> G::shift(above)) + W(1);
      if (above > level_max) {
        tables = tables + slots;
        continue;
      }
      W const inside(G::offset_mask(above));
      W const first_cut = as_number<W>((at & inside) != W(0));
      W const last_cut = as_number<W>(((end + W(1)) & inside) != W(0));
      tables = tables + select(slots == W(1), first_cut | last_cut, first_cut + last_cut);
    }
    return tables;
  }

  // ---- Unmap and protect ----

  template <class Cuts, class Step>
  constexpr Result<RegionChange<H>> change(Cuts cuts, Step step) {
    if (Refusal const borrowed = find_borrowed(); borrowed.refused) return borrowed.failure;
    FrameChain<H> paid;
    if (!steps_.pay(tables_to_split(cuts), paid)) {
      return refuse(PagingError::NoMemory, first_).failure;
    }
    RegionChange<H> done{W(0), Plan(steps_.handler, steps_.root())};
    for (W at = first_;;) {
      Progress const progress = step(at, paid, done);
      if (progress.again) continue;
      if (progress.end == last_) break;
      at = progress.end + W(1);
    }
    TWINWALK_ASSERT(paid.empty());
    steps_.owe_ownership(ownership_, done.plan);
    return done;
  }

  // How many tables the two edges cost. They share those that both cut, which is only possible in
  // one and the same leaf.
  template <class Cuts>
  constexpr W tables_to_split(Cuts cuts) {
    int const first_leaf = cut_leaf_level(first_, cuts);
    int const last_leaf = cut_leaf_level(last_, cuts);
    W tables(0);
    for (int level = 1; level < Format::leaf_level_max; ++level) {
      W const at_first = steps_.cut_at(level, first_leaf, first_);
      W const at_last = steps_.cut_at(level, last_leaf, last_ + W(1));
      W const same = as_number<W>(((first_ ^ last_) >> G::shift(level + 1)) == W(0));
      tables = tables + at_first + at_last - (at_first & at_last & same);
    }
    return tables;
  }

  // The level of the leaf at `address` if an edge there would cut it, else 0.
  template <class Cuts>
  constexpr int cut_leaf_level(W address, Cuts cuts) {
    steps_.seek(address, 1);
    if (!steps_.present()) return 0;
    if (!cuts(path().level, path().entry)) return 0;
    return path().level;
  }

  // Whether the leaf that ends the path reaches past the range on either side.
  constexpr bool is_cut(W at) const {
    int const level = steps_.path.level;
    W const starts_before = as_number<W>((at & W(G::offset_mask(level))) != W(0));
    W const ends_after = as_number<W>(less<W>(last_, G::last_of(level, at)));
    return bool((starts_before | ends_after) != W(0));
  }

  // Removes what the last-level table of the path holds of the range, or one leaf of it where a
  // visitor wants to see each.
  template <class Visitor>
  constexpr W unmap_run(W at, Visitor& visitor, RegionChange<H>& done) {
    W const run = run_length(at, 1);
    W const end = at + (run << G::shift(1)) - W(1);
    if constexpr (std::is_same_v<Visitor, NoVisitor>) {
      clear_run(at, run, done);
      return end;
    } else {
      W const holes = steps_.handler.find_live(path().slot[1], run, steps_.live(1));
      if (holes == run) return end;
      path().address = at + (holes << G::shift(1));
      path().slot[1] = path().slot[1] + (holes << G::slot_log2);
      W const leaf_end = G::last_of(1, path().address);
      take_leaf(visitor, done);
      return leaf_end;
    }
  }

  // Removes the leaf at the end of the path, and shows it to the visitor.
  template <class Visitor>
  constexpr void take_leaf(Visitor& visitor, RegionChange<H>& done) {
    BasicLeaf<W> const leaf = steps_.take_leaf(done.plan);
    done.mapped_bytes = done.mapped_bytes + W(bytes(leaf.size));
    if constexpr (!std::is_same_v<Visitor, NoVisitor>) visitor(leaf);
  }

  constexpr void clear_run(W at, W run, RegionChange<H>& done) {
    if (run == W(G::table_entries(1))) {
      drop_table(done);
      return;
    }
    W const cleared = LeafRun<Format, H>(steps_, at, run).clear(done.plan);
    if (cleared == W(0)) return;
    done.mapped_bytes = done.mapped_bytes + (cleared << G::shift(1));
    steps_.release(1, cleared, done.plan);
  }

  // Unlinks the last-level table of the path, whose every slot the range holds, unread: the live
  // count says how much was mapped, and any of it may have been global.
  constexpr void drop_table(RegionChange<H>& done) {
    W const live = count_of<W>(steps_.handler.live_count(path().table[1]));
    done.mapped_bytes = done.mapped_bytes + (live << G::shift(1));
    done.plan.note_global();
    steps_.unlink(1, done.plan);
    steps_.release(2, W(1), done.plan);
  }

  constexpr W protect_run(W at, Attributes<W> attributes, RegionChange<H>& done) {
    W const run = run_length(at, 1);
    W const end = at + (run << G::shift(1)) - W(1);
    LeafRun<Format, H> leaves(steps_, at, run);
    done.mapped_bytes = done.mapped_bytes + (leaves.count() << G::shift(1));
    leaves.protect(attributes, ownership_, done.plan);
    return end;
  }

  Steps<Format, H> steps_;
  W first_;
  W last_;
  Ownership ownership_ = Ownership::own;
};

}  // namespace twinwalk
