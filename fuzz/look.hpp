// What the page tables say about one address after a run: the hardware's view as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/spec/access.hpp"
#include "models/walker.hpp"

namespace twinwalk::fuzz {

struct AccessAnswer {
  models::AccessKind kind;
  bool user;
  bool ok;
  std::uint64_t physical;  // when ok
  models::Fault fault;     // else
};

struct Look {
  std::string explanation;  // what engine, flat map and walker say
  std::uint64_t root = 0;
  std::vector<models::WalkStep> path;
  std::vector<AccessAnswer> accesses;  // each kind, by supervisor and user
};

}  // namespace twinwalk::fuzz
