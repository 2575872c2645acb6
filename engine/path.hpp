// The engine's own walk: the tables, slots and last entry that an address leads through.
#pragma once

#include "api.hpp"
#include "geometry.hpp"
#include "word.hpp"

namespace twinwalk {

// The way from the root towards `address`. `level` is where it stopped (at the level asked for, at
// a hole or at a leaf); tables and slots hold from the root down to it. A path whose level is the
// root's holds for every address, so a new search may go on from wherever two addresses part.
template <class Format, Word W>
struct Path {
  int level = Format::levels;
  W address{0};
  W entry{0};
  W table[Format::levels + 1]{};
  W slot[Format::levels + 1]{};

  constexpr explicit Path(W root) { table[Format::levels] = root; }

  constexpr PageSize page_size() const { return Geometry<Format>::page_size(level); }
};

// Whether a present entry maps a page rather than naming a table.
template <class Format, Word W>
constexpr bool is_leaf(int level, W entry) {
  if (level == 1) return true;
  if (level > Format::leaf_level_max) return false;
  return bool(Format::large(entry));
}

// Leads `path` towards `address` down to level `stop` at most, from the lowest table that its old
// address shares with the new one.
template <class Format, class H, Word W>
constexpr void seek(H& handler, typename Format::template Options<W> const& options,
                    Path<Format, W>& path, W address, int stop) {
  using G = Geometry<Format>;
  int from = path.level < stop ? stop : path.level;
  while (from < Format::levels && ((path.address ^ address) >> G::shift(from + 1)) != W(0)) ++from;
  path.address = address;
  for (int level = from;; --level) {
    path.level = level;
    path.slot[level] = G::slot(path.table[level], level, address);
    path.entry = handler.load(path.slot[level]);
    if (level == stop) return;
    if (!Format::present(options, level, path.entry)) return;
    if (is_leaf<Format, W>(level, path.entry)) return;
    path.table[level - 1] = Format::table_address(path.entry);
  }
}

}  // namespace twinwalk
