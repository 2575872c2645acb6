// Taking a whole tree apart.
#pragma once

#include "api.hpp"
#include "flush_plan.hpp"
#include "geometry.hpp"
#include "path.hpp"
#include "table_metadata.hpp"
#include "word.hpp"

namespace twinwalk {

template <class Format, class H>
class Teardown {
 public:
  using W = typename H::Word;
  using G = Geometry<Format>;

  using Options = typename Format::template Options<W>;

  constexpr Teardown(H& handler, W root, Options const& options)
      : handler_(handler), root_(root), options_(options) {}

  // Puts every frame that is not borrowed into the plan, which then concerns everything.
  constexpr void run(FlushPlan<H>& plan) {
    free_tree(root_, Format::levels, plan);
    plan.cover_everything();
    plan.note_table_changed();
    plan.note_global();
    if (any_shared_) plan.concern_every_space();
  }

 private:
  // Entries are not changed, since a stale walker may still read them; the live count says when
  // the last one was seen.
  constexpr void free_tree(W table, int level, FlushPlan<H>& plan) {
    if (level > 1) {
      W left = count_of<W>(handler_.live_count(table));
      for (W slot = table; left != W(0); slot = slot + W(bit(G::slot_log2))) {
        W const entry = handler_.load(slot);
        if (!Format::present(options_, level, entry)) continue;
        left = left - W(1);
        if (is_leaf<Format, W>(level, entry)) continue;
        W const child = Format::table_address(entry);
        if (level == Format::levels && !may_free(child)) continue;
        free_tree(child, level - 1, plan);
      }
    }
    plan.free_later(table, G::table_size_log2(level));
  }

  constexpr bool may_free(W child) {
    Ownership const owner = ownership(handler_, root_, child);
    if (owner == Ownership::shared) any_shared_ = true;
    return owner != Ownership::borrowed;
  }

  H& handler_;
  W root_;
  Options const& options_;
  bool any_shared_ = false;
};

}  // namespace twinwalk
