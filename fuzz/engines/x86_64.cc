// The shipped engine on x86-64.
#include "engine/formats/x86_64.hpp"

#include "engine/page_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "fuzz/engines/registry.hpp"
#include "models/machine.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::fuzz {
namespace {

template <int Levels>
using Shipped = EngineRunner<PageTable<X86_64<Levels>, models::Machine<models::X86_64Spec<Levels>>>,
                             models::X86_64Spec<Levels>>;

}  // namespace

std::unique_ptr<Runner> make_x86_64_runner(std::string_view format) {
  if (format == models::X86_64Spec<4>::name) return std::make_unique<Shipped<4>>();
  if (format == models::X86_64Spec<5>::name) return std::make_unique<Shipped<5>>();
  return nullptr;
}

}  // namespace twinwalk::fuzz
