#pragma once

#include "tests/mutants/x86_64/unmaps_by_load_and_store.hpp"

namespace twinwalk::mutants::x86_64 {

struct TakesPiecesByLoadAndStore : UnmapsByLoadAndStore {
  static constexpr Info info{
      .kind = Kind::races_with_hardware,
      .origin = "B37: the same for the pieces of a split",
      .oracle = "result-agrees",
      .summary = "reads and then overwrites the pieces of a leaf that it split",
      .ops_max = 3};

  Word exchange(Machine& machine, Word slot, Word entry) override {
    bool const has_split = in_call && machine.counts().invalidations != 0;
    return has_split ? UnmapsByLoadAndStore::exchange(machine, slot, entry)
                     : machine.exchange(slot, entry);
  }
};

}  // namespace twinwalk::mutants::x86_64
