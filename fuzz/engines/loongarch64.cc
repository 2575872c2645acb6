// The shipped engine on LoongArch64.
#include "engine/formats/loongarch64.hpp"

#include "engine/page_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "fuzz/engines/registry.hpp"
#include "models/machine.hpp"
#include "models/spec/loongarch64.hpp"

namespace twinwalk::fuzz {

std::unique_ptr<Runner> make_loongarch64_runner(std::string_view format) {
  using Spec = models::LoongArchSpec;
  if (format != Spec::name) return nullptr;
  return std::make_unique<EngineRunner<PageTable<LoongArch64, models::Machine<Spec>>, Spec>>();
}

}  // namespace twinwalk::fuzz
