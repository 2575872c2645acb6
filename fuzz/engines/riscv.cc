// The shipped engine on RISC-V.
#include "engine/formats/riscv.hpp"

#include "engine/page_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "fuzz/engines/registry.hpp"
#include "models/machine.hpp"
#include "models/spec/riscv.hpp"

namespace twinwalk::fuzz {
namespace {

template <int Levels, RiscvStage Stage, models::RiscvStage SpecStage>
std::unique_ptr<Runner> make_if_named(std::string_view format) {
  using Spec = models::RiscvSpec<Levels, SpecStage>;
  using Shipped = EngineRunner<PageTable<Riscv<Levels, Stage>, models::Machine<Spec>>, Spec>;
  if (format == Spec::name) return std::make_unique<Shipped>();
  return nullptr;
}

template <RiscvStage Stage, models::RiscvStage SpecStage>
std::unique_ptr<Runner> make_of_stage(std::string_view format) {
  auto runner = make_if_named<3, Stage, SpecStage>(format);
  if (!runner) runner = make_if_named<4, Stage, SpecStage>(format);
  if (!runner) runner = make_if_named<5, Stage, SpecStage>(format);
  return runner;
}

}  // namespace

std::unique_ptr<Runner> make_riscv_runner(std::string_view format) {
  auto runner = make_of_stage<RiscvStage::first, models::RiscvStage::first>(format);
  if (runner) return runner;
  return make_of_stage<RiscvStage::second, models::RiscvStage::second>(format);
}

}  // namespace twinwalk::fuzz
