// The shipped engine on extended page tables.
#include "engine/formats/ept.hpp"

#include "engine/page_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "fuzz/engines/registry.hpp"
#include "models/machine.hpp"
#include "models/spec/ept.hpp"

namespace twinwalk::fuzz {
namespace {

template <int Levels>
using Shipped = EngineRunner<PageTable<Ept<Levels>, models::Machine<models::EptSpec<Levels>>>,
                             models::EptSpec<Levels>>;

}  // namespace

std::unique_ptr<Runner> make_ept_runner(std::string_view format) {
  if (format == models::EptSpec<4>::name) return std::make_unique<Shipped<4>>();
  if (format == models::EptSpec<5>::name) return std::make_unique<Shipped<5>>();
  return nullptr;
}

}  // namespace twinwalk::fuzz
