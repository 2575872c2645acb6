// What one operation came to, as the engine answered and as the flat map predicted: the record that
// the oracles judge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/api.hpp"
#include "fuzz/leaf_runs.hpp"
#include "fuzz/op.hpp"
#include "models/machine/answers.hpp"
#include "models/outcome.hpp"

namespace twinwalk::fuzz {

// The engine's answer to one call.
struct Answer {
  std::optional<Failure> failure{};
  std::optional<Leaf> leaf{};      // query, unmap, remap
  std::uint64_t mapped_bytes = 0;  // unmap_region, protect_region
  FlushScope scope{};              // of the plan it returned
  bool deferred = false;           // the plan is pending
};

// What an access of a processor came to.
struct Touch {
  bool allowed = false;         // by the tables as they are
  bool accessed_clear = false;  // … but that software must set accessed first
  std::uint64_t physical = 0;   // what they translate to, where allowed or but for accessed
  models::Answers answers{};    // all that may come of it
  models::Answers retried{};    // the same once it was allowed, has faulted and was tried again
};

// The beginning or the end of one space, which no operation of a sequence asks for.
struct Lifetime {
  std::uint8_t space = 0;
  bool created = false;  // else destroyed
  std::optional<Failure> failure{};
  FlushScope scope{};  // of the plan that `destroy` returned
  models::Outcome model;
  std::uint64_t frames_asked = 0;  // by `create`
  std::uint64_t frames_freed = 0;  // when the plan of `destroy` was carried out
};

struct Step {
  Op op;
  std::size_t index = 0;  // of the operation in its sequence
  bool executed = false;  // false: the space does not exist, or the operation only arms another
  Answer engine;
  models::Outcome model;
  Touch touch;             // of an access
  LeafRuns engine_leaves;  // visited by walk and unmap_region, in order
  LeafRuns model_leaves;

  // Frames, as the machine counted them while the call ran.
  std::uint64_t frames_allocated = 0;  // asked for, whether there was one or not
  std::uint64_t frames_in_plan = 0;    // handed over for a later free
  std::uint64_t frames_free_before = 0;
  std::uint64_t frames_free_after = 0;  // once the plan was carried out or put aside

  bool is_contract() const { return executed && fuzz::is_contract(op.kind); }
};

// What an oracle objects to: in words, and the address it shows at.
struct Complaint {
  std::string what;
  std::uint64_t va = 0;
  std::optional<std::uint8_t> space{};  // where it is not the operation's
};

// A complaint with its place: the first one ends a run.
struct Finding {
  std::string oracle;
  std::size_t op = 0;  // index of the operation after which it showed
  std::string what;
  std::uint64_t va = 0;
  std::uint8_t space = 0;
};

}  // namespace twinwalk::fuzz
