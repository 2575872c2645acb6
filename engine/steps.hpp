// The steps that every operation is made of: pay for tables, publish a run of leaves, change one
// leaf, split one, remove entries and reclaim what becomes empty. After each store a walker that
// looks sees the old state or the new one, or where the manual wants it a hole between the two.
#pragma once

#include "api.hpp"
#include "assert.hpp"
#include "flush_plan.hpp"
#include "format.hpp"
#include "frame_chain.hpp"
#include "geometry.hpp"
#include "path.hpp"
#include "table_metadata.hpp"
#include "word.hpp"

namespace twinwalk {

template <class Format, class H>
struct Steps {
  using W = typename H::Word;
  using G = Geometry<Format>;
  using Options = typename Format::template Options<W>;
  using Plan = FlushPlan<H>;
  using Leaf = BasicLeaf<W>;

  H& handler;
  Options const& options;
  Path<Format, W> path;

  // Whether an entry of `level` is no hole. It may outlive the call, so it keeps the options.
  constexpr auto live(int level) const {
    return [held = options, level](W entry) { return Format::present(held, level, entry); };
  }
  constexpr W hole(int level) const { return Format::hole(options, level); }

  // Leads the path towards `address` down to level `stop` at most.
  constexpr void seek(W address, int stop) {
    twinwalk::seek(handler, options, path, address, stop);
  }
  // Whether the path ended in anything but a hole.
  constexpr bool present() const { return bool(Format::present(options, path.level, path.entry)); }
  // To whom the tables below the root of the path belong.
  constexpr Ownership ownership() const { return twinwalk::ownership(handler, options, path); }

  constexpr W root() const { return path.table[Format::levels]; }

  constexpr Leaf leaf_of(W entry) const {
    return {BasicVirtAddr<W>(G::start_of(path.level, path.address)),
            BasicPhysAddr<W>(Format::leaf_address(path.level, entry)),
            path.page_size(),
            Format::decode(options, path.level, entry),
            Format::accessed(entry),
            Format::dirty(entry)};
  }

  // ---- Pay ----

  // Takes `count` table frames, or gives back what it got and says false.
  constexpr bool pay(W count, FrameChain<H>& paid) {
    for (W left = count; left != W(0); left = left - W(1)) {
      W frame{0};
      if (!handler.alloc_frames(Format::page_log2, frame)) {
        paid.free_all(handler);
        return false;
      }
      // A frame beyond the machine's width would be a reserved bit in its parent.
      TWINWALK_ASSERT(Format::physical_range_fits(options, frame, frame));
      paid.push(handler, frame, Format::page_log2);
    }
    return true;
  }

  // ---- Publish ----

  // Writes `count` leaves of `level`, the first one `entry` at path.address, where the path ended
  // in holes. Missing tables come from `paid`; they are built bottom-up and one store shows them.
  constexpr void publish(int level, W entry, W count, FrameChain<H>& paid, Plan& plan) {
    owe_new_entries(plan);
    if constexpr (KeepsHoles<Format>) {
      if (level > 1 || (path.level > 1 && bool(Format::large(path.entry)))) {
        W const slot = show(level, W(Format::vacant(level)), W(0), count, paid, plan);
        forget_holes(path.level == level ? path.address + (count << G::shift(level)) - W(1)
                                         : G::last_of(path.level, path.address));
        handler.fill(slot, count, entry, stride_of(level));
        return;
      }
    }
    show(level, entry, stride_of(level), count, paid, plan);
  }

  // ---- Change ----

  struct Change {
    W before{0};
    W after{0};
  };

  // Replaces the leaf at the end of the path by change(leaf), where the manual demands it through a
  // hole, and adds to the plan what that owes.
  template <class Function>
  constexpr void change_leaf(Function change, Ownership ownership, Plan& plan) {
    if constexpr (BreaksBeforeMaking<Format>) {
      if (Format::demands_break(path.level, path.entry, change(path.entry))) {
        make(change(break_leaf(meanwhile(), ownership)), plan);
        return;
      }
    }
    owe_change(swap_leaf(change), plan);
  }

  // Replaces it in one store, without losing what hardware sets meanwhile.
  template <class Function>
  constexpr Change swap_leaf(Function change) {
    W before = path.entry;
    for (int attempt = 0; attempt <= hardware_moves_max; ++attempt) {
      W const after = change(before);
      if (after == before) return {before, after};
      W const found = handler.compare_exchange(path.slot[path.level], before, after);
      if (found == before) return {before, after};
      before = found;
    }
    TWINWALK_ASSERT(false && "hardware moved an entry more often than it can");
    return {};
  }

  // Exchanges the leaf at the end of the path for another, where the manual demands it through a
  // hole, and adds to the plan what that owes. What it was at last.
  constexpr W replace_leaf(W after, Ownership ownership, Plan& plan) {
    if constexpr (BreaksBeforeMaking<Format>) {
      if (Format::demands_break(path.level, path.entry, after)) {
        W const before = break_leaf(meanwhile(), ownership);
        make(after, plan);
        return before;
      }
    }
    W const before = handler.exchange(path.slot[path.level], after);
    if (Format::leaf_address(path.level, before) != Format::leaf_address(path.level, after)) {
      if (any_global(path.level, before, after)) plan.note_global();
      owe_leaf(plan);
    } else {
      owe_change({before, after}, plan);
    }
    return before;
  }

  // Adds to the plan what a change of the leaf at the end of the path owes.
  constexpr void owe_change(Change change, Plan& plan) {
    if (!Format::must_invalidate(options, path.level, change.before, change.after)) return;
    if (any_global(path.level, change.before, change.after)) plan.note_global();
    owe_leaf(plan);
  }
  static constexpr auto any_global(int level, W a, W b) {
    return !both(!Format::global(level, a), !Format::global(level, b));
  }
  constexpr void owe_leaf(Plan& plan) {
    plan.cover(G::start_of(path.level, path.address), G::last_of(path.level, path.address),
               path.page_size());
  }
  // What new entries owe where a processor may hold that there were none, or a walk may miss them.
  static constexpr void owe_new_entries(Plan& plan) {
    if constexpr (Format::new_entries_owe_fence) plan.note_fence();
    if constexpr (Format::new_entries_owe_barrier) plan.note_barrier();
  }
  // What an owner owes for shared tables concerns whoever borrowed them. To be asked last.
  static constexpr void owe_ownership(Ownership ownership, Plan& plan) {
    if (ownership == Ownership::shared && plan.owes()) plan.concern_every_space();
  }

  // ---- Break, and make ----

  // A hole that a leaf like that at the end of the path may follow.
  constexpr W meanwhile() const {
    if constexpr (KeepsHoles<Format>)
      return W(Format::vacant(path.level));
    else
      return hole(path.level);
  }
  // Puts what maps nothing in the place of the leaf at the end of the path and makes every
  // processor forget it. What it was at last; only what comes next maps the addresses again.
  constexpr W break_leaf(W nothing, Ownership ownership) {
    W const before = handler.exchange(path.slot[path.level], nothing);
    Plan plan(handler, root());
    if (Format::global(path.level, before)) plan.note_global();
    owe_leaf(plan);
    owe_ownership(ownership, plan);
    plan.carry_out();
    return before;
  }
  constexpr void make(W entry, Plan& plan) {
    handler.store(path.slot[path.level], entry);
    owe_new_entries(plan);
  }

  // Makes every processor forget that nothing was mapped in the slot of the path and those after it
  // up to `last`, of another size than what stands there now.
  constexpr void forget_holes(W last) {
    Plan plan(handler, root());
    plan.cover(G::start_of(path.level, path.address), last, G::page_size(1));
    plan.note_table_changed();
    owe_ownership(ownership(), plan);
    plan.carry_out();
  }

  // ---- Split ----

  // Turns the leaf at the end of the path into a table of its next smaller ones, and makes every
  // processor forget the large translation before anything else changes: after the store that shows
  // the table, or where the manual demands it, before.
  constexpr void split(FrameChain<H>& paid, Ownership ownership, Plan& plan) {
    W const table = paid.pop(handler);
    W const entries(G::table_entries(path.level - 1));
    handler.set_live_count(table, entries);
    auto const pieces = [&](W leaf) {
      handler.fill(table, entries, Format::first_piece(path.level, leaf),
                   stride_of(path.level - 1));
      return Format::table(table);
    };
    if constexpr (KeepsHoles<Format>) {
      // The table comes first, for what is kept meanwhile has to be of the size of its pages.
      handler.fill(table, entries, W(Format::vacant(path.level - 1)), W(0));
      pieces(break_leaf(Format::table(table), ownership));
      owe_new_entries(plan);
    } else if constexpr (BreaksBeforeMaking<Format>) {
      make(pieces(break_leaf(hole(path.level), ownership)), plan);
    } else {
      forget_whole(swap_leaf(pieces), ownership);
    }
    plan.note_table_changed();
    // The path ends above a leaf that is gone; the next search goes on from this level.
  }

  // Whether a leaf of `leaf_level` that is cut at `edge`, into smaller and smaller ones until the
  // edge falls between two of them, needs a table at `level` for that: 1 or 0.
  static constexpr W cut_at(int level, int leaf_level, W edge) {
    if (level >= leaf_level) return W(0);
    return as_number<W>((edge & W(G::offset_mask(level + 1))) != W(0));
  }

  // ---- Remove ----

  // Accounts for `removed` entries less in the table at `level` of the path, and unlinks each table
  // that has none left. The frames ride in the plan. Afterwards the path ends at the lowest table
  // that is still linked.
  constexpr void release(int level, W removed, Plan& plan) {
    for (;; ++level) {
      W const table = path.table[level];
      W const left = handler.live_count(table) - removed;
      handler.set_live_count(table, left);
      path.level = level;
      if (level == Format::levels) return;
      if (left != W(0)) return;
      unlink(level, plan);
      removed = W(1);
    }
  }

  // Exchanges the leaf at the end of the path for a hole, and gives it as hardware left it.
  constexpr Leaf take_leaf(Plan& plan) {
    int const level = path.level;
    W const entry = handler.exchange(path.slot[level], hole(level));
    Leaf const leaf = leaf_of(entry);
    if (Format::global(level, entry)) plan.note_global();
    owe_leaf(plan);
    release(level, W(1), plan);
    return leaf;
  }

  // Makes the slot above the table at `level` a hole; the caller releases that entry.
  constexpr void unlink(int level, Plan& plan) {
    handler.store(path.slot[level + 1], hole(level + 1));
    plan.note_table_changed();
    plan.cover(G::start_of(level + 1, path.address), G::last_of(level + 1, path.address),
               G::page_size(1));
    plan.free_later(path.table[level], G::table_size_log2(level));
  }

 private:
  // Writes `count` entries of `level` as `publish` does; the slot of the first.
  constexpr W show(int level, W entry, W stride, W count, FrameChain<H>& paid, Plan& plan) {
    int const top = path.level;
    if (top == level) {
      handler.fill(path.slot[level], count, entry, stride);
      add_live(path.table[level], count);
      return path.slot[level];
    }
    W const first = new_table(level, entry, count, stride, paid);
    W child = first;
    for (int above = level + 1; above < top; ++above) {
      child = new_table(above, Format::table(child), W(1), W(0), paid);
    }
    handler.store(path.slot[top], Format::table(child));
    add_live(path.table[top], W(1));
    plan.note_table_changed();
    return G::slot(first, level, path.address);
  }

  // Makes every processor forget the large translation that a table took the place of. They may
  // hold fragments of it, and one INVLPG reaches all of them only while the tables still say that
  // it is large; so every small one is named.
  constexpr void forget_whole(Change split, Ownership ownership) {
    Plan plan(handler, root());
    plan.cover(G::start_of(path.level, path.address), G::last_of(path.level, path.address),
               G::page_size(1));
    plan.note_table_changed();
    if (Format::global(path.level, split.before)) plan.note_global();
    owe_ownership(ownership, plan);
    plan.carry_out();
  }

  // From one leaf of a level to the next, as they stand in a table.
  static constexpr W stride_of(int level) { return W(G::span(level) >> Format::address_shift); }

  constexpr void add_live(W table, W count) {
    handler.set_live_count(table, handler.live_count(table) + count);
  }

  // A table at `level` with `count` entries from path.address on, and holes elsewhere.
  constexpr W new_table(int level, W first, W count, W stride, FrameChain<H>& paid) {
    W const table = paid.pop(handler);
    W const entries(G::table_entries(level));
    if (count != entries) handler.fill(table, entries, hole(level), W(0));
    handler.fill(G::slot(table, level, path.address), count, first, stride);
    handler.set_live_count(table, count);
    return table;
  }
};

}  // namespace twinwalk
