// What refutes a claim about a path, told for people and written down for machines.
#pragma once

#include <z3++.h>

#include "proofs/path.hpp"
#include "proofs/verdict.hpp"

namespace twinwalk::proofs {

// `other` is the case that the claim was about, if it was about one.
Refutation explain(Path& path, z3::model const& model, Case const* other);

}  // namespace twinwalk::proofs
