#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

void judge(Path& path) {
  std::string failed;
  for (std::string const& assertion : path.assertions) failed += " " + assertion;
  path.prove("assertions-hold", "no assertion fails" + failed, SymBool(failed.empty()));
}

}  // namespace

OperationTheorem const assertions_hold{
    "assertions-hold",
    "No assertion of the engine fails, and no attempt is made more often than "
    "hardware can cause one.",
    judge, nullptr};

}  // namespace twinwalk::proofs
