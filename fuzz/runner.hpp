// Runs sequences on an engine chosen by name: what targets, commands and tests use. One translation
// unit per architecture instantiates the executors behind it (fuzz/engines/).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api.hpp"
#include "fuzz/executor_types.hpp"
#include "fuzz/look.hpp"
#include "fuzz/sequence.hpp"
#include "fuzz/step.hpp"

namespace twinwalk::fuzz {

class Runner {
 public:
  virtual ~Runner() = default;

  // Runs from an empty machine to the end, or to the first complaint.
  virtual std::optional<Finding> run(Sequence const& sequence, RunOptions const& options) = 0;
  // The state that the last run left, explained around its finding: what engine, flat map and
  // walker say, each entry on the walk by field name, the plan and what is pending.
  virtual std::string explain(Finding const& finding) = 0;
  // One address in the state that a run with `leave_standing` left; nothing when there is no such
  // space.
  virtual std::optional<Look> look(std::uint8_t space, VirtAddr va) = 0;
  virtual RunStatistics const& statistics() const = 0;
};

struct EngineInfo {
  std::string_view name;
  std::string_view summary;
};

// The shipped engine first; the others are known to be wrong, each in a way that it names.
std::span<EngineInfo const> known_engines();
inline constexpr std::string_view shipped_engine = "twinwalk";

// A runner of this engine for the format with this index in known_formats(); null when the engine
// is unknown or does not have the format. A runner holds several megabytes and serves any number
// of runs.
std::unique_ptr<Runner> make_runner(std::uint8_t format, std::string_view engine);

// Runs sequences of any format on one engine, with a runner for each format that is met.
class AnyRunner {
 public:
  explicit AnyRunner(std::string_view engine);

  // Null when the engine does not have the format of the sequence.
  Runner* for_sequence(Sequence const& sequence);

 private:
  std::string engine_;
  std::vector<std::unique_ptr<Runner>> runners_;  // by format
};

}  // namespace twinwalk::fuzz
