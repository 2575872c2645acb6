// A run of equal slots in the last-level table of a path: what a region changes at once.
#pragma once

#include "api.hpp"
#include "format.hpp"
#include "geometry.hpp"
#include "path.hpp"
#include "steps.hpp"
#include "table_metadata.hpp"
#include "word.hpp"

namespace twinwalk {

template <class Format, class H>
class LeafRun {
 public:
  using W = typename H::Word;
  using G = Geometry<Format>;
  using Plan = FlushPlan<H>;

  // `count` slots from that of the address `at` on, where the path of `steps` ends.
  constexpr LeafRun(Steps<Format, H>& steps, W at, W count)
      : steps_(steps), at_(at), count_(count) {}

  // How many leaves stand in it.
  constexpr W count() const { return steps_.handler.count_live(slot(), count_, steps_.live(1)); }

  // Makes holes of all leaves and adds to the plan what that owes; how many there were.
  constexpr W clear(Plan& plan) {
    if constexpr (!Format::bits_add_up) {
      if (any([](W leaf) { return Format::global(1, leaf); })) plan.note_global();
    }
    BasicRunChange<W> const cleared =
        steps_.handler.clear(slot(), count_, steps_.hole(1), steps_.live(1));
    if (cleared.count == W(0)) return W(0);
    if constexpr (Format::bits_add_up) {
      if (Format::global(1, cleared.before)) plan.note_global();
    }
    cover(plan);
    return cleared.count;
  }

  // Gives every leaf new attributes and adds to the plan what that owes.
  constexpr void protect(Attributes<W> attributes, Ownership ownership, Plan& plan) {
    if constexpr (BreaksBeforeMaking<Format>) break_first(attributes, ownership, plan);
    if constexpr (Format::bits_add_up) {
      owe_for_bits(rewrite(attributes), plan);
    } else {
      owe_for_leaves(attributes, plan);
      rewrite(attributes);
    }
  }

 private:
  constexpr W slot() const { return steps_.path.slot[1]; }

  // Whether some leaf is such a one.
  template <class Predicate>
  constexpr auto any(Predicate predicate) const {
    return steps_.handler.find_live(slot(), count_, among_leaves(predicate)) != count_;
  }
  template <class Predicate>
  constexpr auto among_leaves(Predicate predicate) const {
    return
        [live = steps_.live(1), predicate](W entry) { return both(live(entry), predicate(entry)); };
  }

  constexpr BasicRunChange<W> rewrite(Attributes<W> attributes) {
    return steps_.handler.rewrite(slot(), count_, [live = steps_.live(1), attributes](W entry) {
      return select(live(entry), Format::with_attributes(1, entry, attributes), entry);
    });
  }

  constexpr void cover(Plan& plan) const {
    plan.cover(at_, at_ + (count_ << G::shift(1)) - W(1), G::page_size(1));
  }
  // What some entries lost and what others gained are judged apart, so that neither hides the
  // other.
  constexpr void owe_for_bits(BasicRunChange<W> const& changed, Plan& plan) {
    W const nothing(0);
    if (both(!Format::must_invalidate(steps_.options, 1, changed.lost, nothing),
             !Format::must_invalidate(steps_.options, 1, nothing, changed.gained))) {
      return;
    }
    if (Format::global(1, changed.before | changed.gained)) plan.note_global();
    cover(plan);
  }
  // Before they change: what hardware does to a leaf until then makes no difference.
  constexpr void owe_for_leaves(Attributes<W> attributes, Plan& plan) {
    auto const forgotten = [&options = steps_.options, attributes](W leaf) {
      return Format::must_invalidate(options, 1, leaf,
                                     Format::with_attributes(1, leaf, attributes));
    };
    if (!any(forgotten)) return;
    auto const global = [forgotten, attributes](W leaf) {
      W const after = Format::with_attributes(1, leaf, attributes);
      return both(forgotten(leaf), Steps<Format, H>::any_global(1, leaf, after));
    };
    if (any(global)) plan.note_global();
    cover(plan);
  }

  // Changes those leaves that must be broken first, one by one.
  constexpr void break_first(Attributes<W> attributes, Ownership ownership, Plan& plan) {
    auto const change = [attributes](W leaf) {
      return Format::with_attributes(1, leaf, attributes);
    };
    auto const broken =
        among_leaves([change](W leaf) { return Format::demands_break(1, leaf, change(leaf)); });
    Path<Format, W> const start = steps_.path;
    Path<Format, W>& path = steps_.path;
    for (W done(0);;) {
      W const from = start.slot[1] + (done << G::slot_log2);
      done = done + steps_.handler.find_live(from, count_ - done, broken);
      if (done == count_) break;
      path.address = at_ + (done << G::shift(1));
      path.slot[1] = start.slot[1] + (done << G::slot_log2);
      path.entry = steps_.handler.load(path.slot[1]);
      steps_.change_leaf(change, ownership, plan);
      done = done + W(1);
    }
    path = start;
  }

  Steps<Format, H>& steps_;
  W at_;
  W count_;
};

}  // namespace twinwalk
