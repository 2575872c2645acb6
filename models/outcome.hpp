// What a model predicts of one call, down to the frames it takes and gives back.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/api.hpp"

namespace twinwalk::models {

struct Outcome {
  std::optional<Failure> failure{};  // why and where it was refused; nothing has changed then

  // The leaf that was found, as it was before the call: query, unmap, protect, remap, clear_*,
  // set_*.
  std::optional<Leaf> leaf{};
  // unmap_region and protect_region: how much of the range was mapped.
  std::uint64_t mapped_bytes = 0;
  // Frames the call asks the allocator for, all before it writes. With NoMemory, those it would
  // have needed; it keeps none of them.
  std::uint64_t frames_needed = 0;
  // Frames of reclaimed tables, which ride in the plan and are free when that is carried out.
  std::uint64_t frames_freed = 0;

  static Outcome refused(PagingError error, std::uint64_t where) {
    Outcome outcome;
    outcome.failure = Failure{error, VirtAddr(where)};
    return outcome;
  }
  static Outcome out_of_memory(std::uint64_t where, std::uint64_t frames_needed) {
    Outcome outcome = refused(PagingError::NoMemory, where);
    outcome.frames_needed = frames_needed;
    return outcome;
  }
  static Outcome taking(std::uint64_t frames) {
    Outcome outcome;
    outcome.frames_needed = frames;
    return outcome;
  }

  bool ok() const { return !failure.has_value(); }
  bool refused_with(PagingError error) const { return failure && failure->error == error; }
  // Frames that the call still holds when it returns.
  std::uint64_t frames_taken() const { return ok() ? frames_needed : 0; }

  friend bool operator==(Outcome const& a, Outcome const& b) {
    if (a.ok() != b.ok()) return false;
    if (!a.ok() && a.failure->error != b.failure->error) return false;
    if (!a.ok() && a.failure->where != b.failure->where) return false;
    return a.leaf == b.leaf && a.mapped_bytes == b.mapped_bytes &&
           a.frames_needed == b.frames_needed && a.frames_freed == b.frames_freed;
  }
};

}  // namespace twinwalk::models
