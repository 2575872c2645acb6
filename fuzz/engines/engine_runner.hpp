// A runner of one engine on one format.
#pragma once

#include <optional>
#include <string>

#include "fuzz/executor.hpp"
#include "fuzz/report.hpp"
#include "fuzz/runner.hpp"

namespace twinwalk::fuzz {

template <class Engine, class Spec>
class EngineRunner final : public Runner {
 public:
  std::optional<Finding> run(Sequence const& sequence, RunOptions const& options) override {
    return executor_.run(sequence, options);
  }
  std::string explain(Finding const& finding) override {
    return fuzz::explain(executor_.world(), executor_.last_step(), finding);
  }
  std::optional<Look> look(std::uint8_t space, VirtAddr va) override {
    auto& world = executor_.world();
    if (space >= world.spaces.size() || !world.spaces[space].exists()) return std::nullopt;
    return look_at(world, space, va);
  }
  RunStatistics const& statistics() const override { return executor_.statistics(); }

 private:
  Executor<Engine, Spec> executor_;
};

}  // namespace twinwalk::fuzz
