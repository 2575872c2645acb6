// What a theorem about operations is: a statement in English, and what it claims of each path of
// each call. One theorem is one file in proofs/theorems/; the same law has the same name as an
// oracle.
#pragma once

#include <string_view>

#include "proofs/path.hpp"

namespace twinwalk::proofs {

struct OperationTheorem {
  std::string_view name;
  std::string_view statement;
  // What is claimed of a path, and of each case of one; either may be null.
  void (*judge)(Path& path);
  void (*judge_case)(Path& path, Case const& other);
};

}  // namespace twinwalk::proofs
