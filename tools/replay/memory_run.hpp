// Runs of memory files: what an engine did, and how that compares with what a proof predicted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "proofs/memory_file.hpp"
#include "tools/support/exit.hpp"
#include "tools/support/json.hpp"

namespace twinwalk::tools {

// The entries that a walk read, root first.
struct WalkedSlot {
  std::uint64_t slot;
  std::uint64_t entry;
  int level;
};
using WalkedSlots = std::vector<WalkedSlot>;

struct MemoryRun {
  proofs::CallRecord record;
  // By witness.
  std::vector<WalkedSlots> before;
  std::vector<WalkedSlots> after;
  // Why the engine did not come back, where it did not; then nothing else is known.
  std::string died;
};

using MemoryRunner = std::function<MemoryRun(proofs::MemoryFile const&)>;

// The shipped engine, on the format of the file.
MemoryRun run_shipped(proofs::MemoryFile const& file);

// A run in a child first: an engine whose assertion fails ends its program.
MemoryRun run_safely(MemoryRunner const& runner, proofs::MemoryFile const& file);

struct MemoryComparison {
  std::string report;      // line by line what was predicted and what was done
  std::string difference;  // the first one; empty when the run reproduces what was predicted

  bool reproduced() const { return difference.empty(); }
  Exit exit() const { return reproduced() ? Exit::finding : Exit::environment; }
};

MemoryComparison compare(proofs::MemoryFile const& file, MemoryRun const& run);

// "reproduced: …" or "gap in the model: …", after the comparison.
std::string print_comparison(std::string const& name, MemoryComparison const& comparison);
Json comparison_json(std::string const& name, MemoryComparison const& comparison);

}  // namespace twinwalk::tools
