// Takes one call through every path it has, from any state that the ownership invariant allows, and
// lets every theorem judge each.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "proofs/operation.hpp"
#include "proofs/prover.hpp"
#include "proofs/spec.hpp"
#include "proofs/theorem.hpp"

namespace twinwalk::proofs {

// What exploring one call came to.
struct Explored {
  std::string operation;
  int paths = 0;
  double seconds = 0;  // of the processor, solving obligations included
};

Explored explore(Prover& prover, Explorer& explorer, Spec const& spec, Engine const& engine,
                 Operation const& operation, std::span<OperationTheorem const* const> theorems);

// Theorems of their own: the start of the induction over calls, what lets a cursor go on from where
// it is, and the induction over a region's rounds.
struct FoundationTheorem {
  std::string_view name;
  std::string_view statement;
  Explored (*explore)(Prover& prover, Explorer& explorer, Spec const& spec, Engine const& engine);
};
extern FoundationTheorem const ownership_established;
extern FoundationTheorem const cursor_goes_on;
extern FoundationTheorem const region_induction;
inline std::array<FoundationTheorem const*, 3> foundation_theorems() {
  return {&ownership_established, &cursor_goes_on, &region_induction};
}

}  // namespace twinwalk::proofs
