// What a mutating call owes: what must be invalidated, and the frames that may be freed only then.
#pragma once

#include "api.hpp"
#include "assert.hpp"
#include "frame_chain.hpp"
#include "geometry.hpp"
#include "word.hpp"

namespace twinwalk {

// A plan is carried out once, by `carry_out`: it invalidates first and frees the frames then. It
// must be carried out before its range is mapped again and before its frames are reused; letting a
// plan that owes something go out of scope is a programmer error. Plans may be gathered with +=.
template <class H>
class [[nodiscard]] FlushPlan {
 public:
  using W = typename H::Word;
  using Scope = BasicFlushScope<W>;

  // Owes nothing.
  constexpr FlushPlan() = default;
  constexpr FlushPlan(H& handler, W root) : handler_(&handler) { scope_.root = root; }

  constexpr FlushPlan(FlushPlan&& other) noexcept { take(other); }
  constexpr FlushPlan& operator=(FlushPlan&& other) noexcept {
    TWINWALK_ASSERT(!owes());
    take(other);
    return *this;
  }
  FlushPlan(FlushPlan const&) = delete;
  FlushPlan& operator=(FlushPlan const&) = delete;

  constexpr ~FlushPlan() { TWINWALK_ASSERT(!owes()); }

  constexpr Scope const& scope() const { return scope_; }

  // Whether dropping the plan would leave a stale translation, a missing fence or a lost frame. A
  // plan that only says that a table was linked owes nothing on a format that needs no fence.
  constexpr bool owes() const {
    return scope_.demands_invalidation() || scope_.barrier || scope_.fence || !frames_.empty();
  }

  // Invalidates on every processor concerned, then frees the frames of unlinked tables.
  constexpr void carry_out() {
    if (!owes()) return;
    handler_->invalidate(scope_);
    frames_.free_all(*handler_);
    settle();
  }

  // Forgets what is owed, frames included: only for memory that is itself given up.
  constexpr void abandon() {
    settle();
    frames_ = FrameChain<H>{};
  }

  // Gathers another plan into this one; the other owes nothing afterwards.
  constexpr FlushPlan& operator+=(FlushPlan&& other) {
    // A plan that is settled speaks of no address space any more.
    if (says_nothing()) {
      take(other);
      return *this;
    }
    if (other.says_nothing()) return *this;
    if (!(scope_.root == other.scope_.root)) scope_.every_space = true;
    scope_.every_space |= other.scope_.every_space;
    scope_.everything |= other.scope_.everything;
    scope_.table_changed |= other.scope_.table_changed;
    scope_.global |= other.scope_.global;
    scope_.barrier |= other.scope_.barrier;
    scope_.fence |= other.scope_.fence;
    for (int i = 0; i < other.scope_.range_count; ++i) append(other.scope_.ranges[i]);
    frames_.splice(*handler_, other.frames_);
    other.settle();
    return *this;
  }

  // ---- For the engine: what a call adds to its own plan ----

  // Widens the one range of this call to hold first..last, where pages of `stride` were mapped.
  constexpr void cover(W first, W last, PageSize stride) {
    BasicFlushRange<W>& range = scope_.ranges[0];
    if (scope_.range_count == 0) {
      range = {first, last, stride};
      scope_.range_count = 1;
      return;
    }
    range.first = lesser<W>(range.first, first);
    range.last = greater<W>(range.last, last);
    if (size_log2(stride) < size_log2(range.stride)) range.stride = stride;
  }
  constexpr void cover_everything() { scope_.everything = true; }
  constexpr void note_table_changed() { scope_.table_changed = true; }
  constexpr void note_fence() { scope_.fence = true; }
  constexpr void note_barrier() { scope_.barrier = true; }
  constexpr void note_global() { scope_.global = true; }
  constexpr void concern_every_space() { scope_.every_space = true; }
  constexpr void free_later(W frame, int size_log2) { frames_.push(*handler_, frame, size_log2); }

 private:
  constexpr bool says_nothing() const { return !owes() && !scope_.table_changed; }

  constexpr void settle() {
    Scope const nothing{};  // named, since g++ 12 fails on the assignment of a temporary
    scope_ = nothing;
  }

  constexpr void append(BasicFlushRange<W> const& range) {
    if (scope_.range_count == Scope::range_count_max) {
      scope_.everything = true;
      return;
    }
    scope_.ranges[scope_.range_count] = range;
    ++scope_.range_count;
  }

  constexpr void take(FlushPlan& other) {
    handler_ = other.handler_;
    scope_ = other.scope_;
    frames_ = other.frames_;
    other.settle();
    other.frames_ = FrameChain<H>{};
  }

  H* handler_ = nullptr;
  Scope scope_{};
  FrameChain<H> frames_{};
};

}  // namespace twinwalk
