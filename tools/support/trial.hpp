// One run of a sequence in a process of its own, so that an engine that stops or hangs is a finding
// like any other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/executor_types.hpp"
#include "fuzz/minimize.hpp"
#include "fuzz/runner.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::tools {

inline constexpr std::string_view survival_oracle = "engine-survives";
inline constexpr std::string_view survival_statement =
    "The engine ends every call: it neither stops the program nor runs on.";

struct Verdict {
  std::optional<fuzz::Finding> finding;
  std::string explanation;  // of the finding, when it was asked for
};

class Trial {
 public:
  explicit Trial(std::string_view engine) : engine_(engine), runner_(engine) {}

  std::string const& engine() const { return engine_; }
  // Whether the engine has the sequence's format.
  bool can_run(fuzz::Sequence const& sequence) { return runner_.for_sequence(sequence) != nullptr; }
  // Only what can be run.
  Verdict run(fuzz::Sequence const& sequence, fuzz::RunOptions const& options, bool explain = true);

  // The smallest sequence that shows a finding of the same oracle.
  fuzz::MinimizeResult minimize(fuzz::Sequence const& sequence, fuzz::RunOptions const& options,
                                std::string_view oracle, std::size_t runs_max);

 private:
  std::string engine_;
  fuzz::AnyRunner runner_;
};

}  // namespace twinwalk::tools
