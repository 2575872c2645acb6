// What the two words of metadata of a table frame mean to the engine.
//
// live count: how many entries of the table are not holes; `pinned` is added on a table that root
//   slots share, so that it never counts down to 0 and is never reclaimed.
// link: the next frame of a chain while the frame is in one; on a pinned table its owner's root.
#pragma once

#include "api.hpp"
#include "path.hpp"
#include "word.hpp"

namespace twinwalk {

// Above any count: the largest root has 2^13 entries.
inline constexpr std::uint64_t pinned = bit(32);

template <Word W>
constexpr W count_of(W live_count) {
  return live_count & W(pinned - 1);
}

template <class H, Word W>
constexpr bool is_pinned(H& handler, W table) {
  return bool((handler.live_count(table) & W(pinned)) != W(0));
}

// To whom the table behind a root slot belongs.
enum class Ownership : std::uint8_t {
  own,       // reached from this root alone
  shared,    // pinned by this root for others to borrow
  borrowed,  // pinned by another root
};

template <class H, Word W>
constexpr Ownership ownership(H& handler, W root, W table) {
  if (!is_pinned(handler, table)) return Ownership::own;
  if (handler.link(table) == root) return Ownership::shared;
  return Ownership::borrowed;
}

// To whom the root slot of a path belongs, whose own entry is `entry`: a hole or a leaf is nobody
// else's.
template <class Format, class H, Word W>
constexpr Ownership ownership_of_slot(H& handler,
                                      typename Format::template Options<W> const& options, W root,
                                      W entry) {
  if (!Format::present(options, Format::levels, entry)) return Ownership::own;
  if (is_leaf<Format, W>(Format::levels, entry)) return Ownership::own;
  return ownership(handler, root, Format::table_address(entry));
}

// To whom the tables below the root of a path belong.
template <class Format, class H, Word W>
constexpr Ownership ownership(H& handler, typename Format::template Options<W> const& options,
                              Path<Format, W> const& path) {
  W const root = path.table[Format::levels];
  if (path.level == Format::levels) {
    return ownership_of_slot<Format>(handler, options, root, path.entry);
  }
  return ownership(handler, root, path.table[Format::levels - 1]);
}

}  // namespace twinwalk
