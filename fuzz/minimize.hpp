// Makes a failing sequence small and plain: first fewer operations, then simpler ones.
#pragma once

#include <cstddef>
#include <functional>

#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

// Whether a sequence still shows what the first one showed. It must answer the same each time.
using StillFails = std::function<bool(Sequence const&)>;

struct MinimizeOptions {
  std::size_t runs_max = 3000;  // how often the question may be asked
};

struct MinimizeResult {
  Sequence sequence;        // canonical; fails, unless `reproduced` is false
  std::size_t runs = 0;     // how often the question was asked
  bool reproduced = false;  // whether the first sequence failed at all
  bool finished = false;    // nothing simpler was left to try when the runs ended
};

// Deterministic. What it returns is simpler than `sequence` or equal to its canonical form: each
// step drops operations, or takes a value nearer to the usual one.
MinimizeResult minimize(Sequence const& sequence, StillFails const& still_fails,
                        MinimizeOptions const& options = {});

}  // namespace twinwalk::fuzz
