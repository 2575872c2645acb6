// The shipped engine on nested page tables.
#include "engine/formats/npt.hpp"

#include "engine/page_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "fuzz/engines/registry.hpp"
#include "models/machine.hpp"
#include "models/spec/npt.hpp"

namespace twinwalk::fuzz {

std::unique_ptr<Runner> make_npt_runner(std::string_view format) {
  using Shipped = EngineRunner<PageTable<Npt, models::Machine<models::NptSpec>>, models::NptSpec>;
  if (format == models::NptSpec::name) return std::make_unique<Shipped>();
  return nullptr;
}

}  // namespace twinwalk::fuzz
