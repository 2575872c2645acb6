// Sharing root entries: an owner lends whole root slots to a borrower.
#pragma once

#include "api.hpp"
#include "flush_plan.hpp"
#include "frame_chain.hpp"
#include "geometry.hpp"
#include "result.hpp"
#include "steps.hpp"
#include "table_metadata.hpp"
#include "word.hpp"

namespace twinwalk {

template <class Format, class H>
class Sharing {
 public:
  using W = typename H::Word;
  using G = Geometry<Format>;
  using Options = typename Format::template Options<W>;
  using Plan = FlushPlan<H>;
  using Failure = BasicFailure<W>;

  constexpr Sharing(H& handler, W owner, W borrower, Options const& options)
      : handler_(handler),
        owner_{handler, options, Path<Format, W>(owner)},
        borrower_{handler, options, Path<Format, W>(borrower)} {}

  // Shares the root slots from first to last, a range of whole slots.
  constexpr Result<Plan, W> run(W first, W last) {
    W refused_at = first;
    if (any_slot(first, last, refused_at, [&](W) { return owner_borrowed_it(); })) {
      return refuse(PagingError::Borrowed, refused_at);
    }
    W tables(0);
    PagingError error{};
    if (any_slot(first, last, refused_at, [&](W) { return is_unfit(error, tables); })) {
      return refuse(error, refused_at);
    }
    FrameChain<H> paid;
    if (!owner_.pay(tables, paid)) return refuse(PagingError::NoMemory, first);
    Plan plan(handler_, borrower_.root());
    any_slot(first, last, refused_at, [&](W) {
      share_slot(paid, plan);
      return false;
    });
    return plan;
  }

 private:
  static constexpr int root_level = Format::levels;

  static constexpr Failure refuse(PagingError error, W where) {
    return {error, BasicVirtAddr<W>(where)};
  }

  // Leads both paths to each root slot in turn until `found` says true; then `at` is its start.
  template <class Found>
  constexpr bool any_slot(W first, W last, W& at, Found found) {
    for (at = first;; at = at + W(G::span(root_level))) {
      owner_.seek(at, root_level);
      borrower_.seek(at, root_level);
      if (found(at)) return true;
      if (G::last_of(root_level, at) == last) return false;
    }
  }

  constexpr bool owner_borrowed_it() { return owner_.ownership() == Ownership::borrowed; }

  constexpr bool is_unfit(PagingError& error, W& tables) {
    if (borrower_.present()) {
      error = PagingError::AlreadyMapped;
      return true;
    }
    if (!owner_.present()) {
      tables = tables + W(1);
      return false;
    }
    error = PagingError::MappedToHugePage;
    return is_leaf<Format, W>(root_level, owner_.path.entry);
  }

  // Pins the owner's table, a new empty one if need be, and shows it to the borrower.
  constexpr void share_slot(FrameChain<H>& paid, Plan& plan) {
    W table{0};
    if (owner_.present()) {
      table = Format::table_address(owner_.path.entry);
    } else {
      table = paid.pop(handler_);
      handler_.fill(table, W(G::table_entries(root_level - 1)), owner_.hole(root_level - 1), W(0));
      handler_.set_live_count(table, W(0));
      link(owner_, table);
      if constexpr (KeepsHoles<Format>) {
        if (Format::large(owner_.path.entry)) owner_.forget_holes(slot_end(owner_));
      }
    }
    handler_.set_live_count(table, handler_.live_count(table) | W(pinned));
    handler_.set_link(table, owner_.root());
    link(borrower_, table);
    plan.note_table_changed();
    borrower_.owe_new_entries(plan);
    // The table may be full already, so that only its users can keep away until this is done.
    if constexpr (KeepsHoles<Format>) borrower_.forget_holes(slot_end(borrower_));
  }
  static constexpr W slot_end(Steps<Format, H> const& steps) {
    return G::last_of(root_level, steps.path.address);
  }

  constexpr void link(Steps<Format, H>& steps, W table) {
    handler_.store(steps.path.slot[root_level], Format::table(table));
    handler_.set_live_count(steps.root(), handler_.live_count(steps.root()) + W(1));
  }

  H& handler_;
  Steps<Format, H> owner_;
  Steps<Format, H> borrower_;
};

}  // namespace twinwalk
