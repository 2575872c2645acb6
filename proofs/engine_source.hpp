// The engine's own source, for the proofs: an assertion is a claim to prove, not a trap.
#pragma once

#ifdef TWINWALK_ASSERT
#error "the engine was included before"
#endif

#include <type_traits>

namespace twinwalk::proofs {
// Notes an assertion that does not hold on the path at hand.
void note_assertion(bool holds, char const* what);

// What the compiler itself evaluates, it refuses.
constexpr void claim(bool holds, char const* what) {
  if (std::is_constant_evaluated()) {
    if (!holds) __builtin_trap();
  } else {
    note_assertion(holds, what);
  }
}
}  // namespace twinwalk::proofs

#define TWINWALK_ASSERT(condition) \
  ::twinwalk::proofs::claim(static_cast<bool>(condition), #condition)

#include "engine/page_table.hpp"  // IWYU pragma: export
#include "engine/region.hpp"      // IWYU pragma: export
#include "engine/sharing.hpp"     // IWYU pragma: export
#include "engine/steps.hpp"       // IWYU pragma: export
