// Table frames in a row, chained by the metadata link, so that a row of any length needs no memory.
// The link never lies in the frame, which a stale walker may still read.
#pragma once

#include "api.hpp"
#include "assert.hpp"
#include "word.hpp"

namespace twinwalk {

// A frame and its size are one word: frames are aligned, so the low bits are free for the size.
template <class H>
class FrameChain {
 public:
  using W = typename H::Word;

  constexpr FrameChain() = default;

  constexpr bool empty() const { return empty_; }

  // Adds a frame of 2^size_log2 bytes at the front.
  constexpr void push(H& handler, W frame, int size_log2) {
    W const name = frame | W(static_cast<std::uint64_t>(size_log2));
    if (empty_) {
      last_ = frame;
      handler.set_link(frame, W(end_of_chain));
    } else {
      handler.set_link(frame, first_);
    }
    first_ = name;
    empty_ = false;
  }

  // Puts the frames of `other` in front; `other` is empty afterwards.
  constexpr void splice(H& handler, FrameChain& other) {
    if (other.empty_) return;
    if (empty_) {
      last_ = other.last_;
    } else {
      handler.set_link(other.last_, first_);
    }
    first_ = other.first_;
    empty_ = false;
    other.empty_ = true;
  }

  // Takes the front frame, which is a plain table frame.
  constexpr W pop(H& handler) {
    TWINWALK_ASSERT(!empty_);
    W const frame = first_ & W(~size_mask);
    advance(handler, frame);
    return frame;
  }

  // Gives every frame back to the handler.
  constexpr void free_all(H& handler) {
    while (!empty_) {
      W const frame = first_ & W(~size_mask);
      int const size_log2 = size_of(first_);
      advance(handler, frame);
      handler.dealloc_frames(frame, size_log2);
    }
  }

 private:
  static constexpr std::uint64_t size_mask = 0xff;
  // No frame has 2^1 bytes, so this is no frame's name, although frame 0 is a frame like any other;
  // nor is it a root's address, which the link of a pinned table holds.
  static constexpr std::uint64_t end_of_chain = 1;
  static constexpr int size_log2_max = 16;

  // The size as a concrete number, found by comparing, since a word may be symbolic.
  static constexpr int size_of(W name) {
    for (int size_log2 = 12; size_log2 < size_log2_max; ++size_log2) {
      if ((name & W(size_mask)) == W(static_cast<std::uint64_t>(size_log2))) return size_log2;
    }
    return size_log2_max;
  }

  constexpr void advance(H& handler, W frame) {
    first_ = handler.link(frame);
    if (first_ == W(end_of_chain)) empty_ = true;
  }

  W first_{0};
  W last_{0};
  bool empty_ = true;
};

}  // namespace twinwalk
