#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// A path is only taken where its decisions are possible; what is assumed besides is looked at here,
// once for each outcome of each call and each case of it.
void judge(Path& path) {
  if (path.first_time("")) path.prove_possible("not-vacuous", "a state with such a path");
}
void judge_case(Path& path, Case const& other) {
  if (path.first_time(other.name)) path.prove_possible("not-vacuous", other.name);
}

}  // namespace

OperationTheorem const not_vacuous{
    "not-vacuous",
    "What the theorems about a call assume of its paths and cases contradicts nothing.", judge,
    judge_case};

}  // namespace twinwalk::proofs
