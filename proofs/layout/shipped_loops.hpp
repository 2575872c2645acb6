// The loops that ship, engine/whole_table.hpp, as the proofs take them: those of its source that do
// one entry, and the primitives made of them. The tests put others in their place.
#pragma once

#include "proofs/engine_source.hpp"
// The engine's loops come after the engine's assertions were made claims.
#include "engine/whole_table.hpp"
#include "proofs/layout/run_memory.hpp"

namespace twinwalk::proofs {

template <class A = SymEntries>
struct ShippedLoops {
  using Accessor = A;
  using RunChange = BasicRunChange<SymWord>;

  template <class Body>
  using Loop = EntryLoop<SymWord, Body>;
  using Fill = FillEntries<Accessor>;
  using FindLive = FindLiveEntry<Accessor, SymLive>;
  using CountLive = CountLiveEntries<Accessor, SymLive>;
  using Clear = ClearEntries<Accessor, SymLive>;
  using Rewrite = RewriteEntries<Accessor, SymStep>;

  static void fill(Accessor entries, SymWord const& count, SymWord const& first,
                   SymWord const& stride) {
    fill_entries(entries, count, first, stride);
  }
  static SymWord find_live(Accessor entries, SymWord const& count, SymLive const& live) {
    return find_live_entry(entries, count, live);
  }
  static SymWord count_live(Accessor entries, SymWord const& count, SymLive const& live) {
    return count_live_entries(entries, count, live);
  }
  static RunChange clear(Accessor entries, SymWord const& count, SymWord const& hole,
                         SymLive const& live) {
    return clear_entries(entries, count, hole, live);
  }
  static RunChange rewrite(Accessor entries, SymWord const& count, SymStep const& step) {
    return rewrite_entries(entries, count, step);
  }
};

}  // namespace twinwalk::proofs
