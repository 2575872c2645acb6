// The calls that are proved, and what came of one on one path.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api.hpp"
#include "proofs/machine.hpp"
#include "proofs/spec.hpp"

namespace twinwalk::proofs {

enum class Call : std::uint8_t {
  map,
  unmap,
  protect,
  remap,
  query,
  clear_accessed,
  clear_dirty,
  set_accessed,
  set_dirty,
  split,  // of the leaf that contains the address, as a region does at its edges
  share,  // of the root slot that starts at the address
  // One round of the loops of region.hpp, at any address of a range: those that only look, and
  // those that change it.
  borrowed_step,
  free_step,
  map_step,
  unmap_step,
  protect_step,
};

struct Operation {
  std::string name;
  Call call;
  int level = 0;  // of the leaf that `map` or a region's round makes
};

// Every operation that is proved, for a format: the rounds of a region's loops, whose repetition a
// region is, those on one leaf, the split, and sharing.
std::vector<Operation> operations(Spec const& spec);
constexpr bool is_region_check(Call call) {
  return call == Call::borrowed_step || call == Call::free_step;
}
constexpr bool is_region_round(Call call) {
  return call == Call::map_step || call == Call::unmap_step || call == Call::protect_step;
}

// Which pages a region may map, by level.
struct PageLevels {
  std::array<SymBool, levels_max + 1> allowed{};

  // All up to `least`, and of the larger ones any.
  static PageLevels from(int least);
  SymBool const& operator[](int level) const { return allowed[static_cast<std::size_t>(level)]; }
};

// What a call is given.
struct Inputs {
  SymWord root;
  SymWord va;
  SymWord pa;
  SymFlags flags;
  SymWord borrower;  // the root that `share` lends to
  SymWord first{};   // the range of a region's round, both ends inclusive
  SymWord last{};
  PageLevels page_levels{};
};

// The tables that a cursor remembers on the way to an address, by level from the lowest up; none at
// all where that is 0.
struct Remembered {
  int lowest = 0;
  SymWord address;
  std::array<SymWord, levels_max + 1> tables;
};

// What it gave back.
struct Outcome {
  std::optional<PagingError> error{};
  SymWord where{};  // of the error
  std::optional<SymLeaf> leaf{};
  std::optional<SymScope> plan{};  // as it was before it was carried out
  Remembered position;
  SymWord end{};        // where a region's round ended, inclusive
  bool again = false;   // it split a leaf, and the same address is due again
  bool shared = false;  // the round of a check found a slot that others borrowed
  bool applies = true;  // false: the call is not made in such a state

  static Outcome refused(PagingError why, SymWord const& at) {
    Outcome outcome;
    outcome.error = why;
    outcome.where = at;
    return outcome;
  }
  static Outcome none() {
    Outcome outcome;
    outcome.applies = false;
    return outcome;
  }
};

// An engine that is proved: the shipped one, or one that is broken on purpose.
class Engine {
 public:
  virtual ~Engine() = default;
  // The handler it runs on, in the state of `first`.
  virtual std::unique_ptr<Machine> machine(Machine const& first) const = 0;
  // Makes an empty tree; its root is the last frame that was taken.
  virtual Outcome create(Machine& machine) const = 0;
  // A walk of the engine's own from what a cursor remembers of the way to `from`, down to `lowest`,
  // towards `in.va`, and from the root; what both end with.
  virtual std::array<Outcome, 2> seek(Machine& machine, Inputs const& in, Walk const& from,
                                      int lowest) const = 0;
  // Makes the call, and carries its plan out.
  virtual Outcome call(Machine& machine, Operation const& operation,
                       Inputs const& inputs) const = 0;
};

// What the engine asserted in vain since it was last cleared.
std::vector<std::string>& failed_assertions();

}  // namespace twinwalk::proofs
