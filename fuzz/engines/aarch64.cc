// The shipped engine on AArch64.
#include "engine/formats/aarch64.hpp"

#include "engine/page_table.hpp"
#include "fuzz/engines/engine_runner.hpp"
#include "fuzz/engines/registry.hpp"
#include "models/machine.hpp"
#include "models/spec/aarch64.hpp"

namespace twinwalk::fuzz {
namespace {

template <class Format, class Spec>
std::unique_ptr<Runner> make_if_named(std::string_view format) {
  using Shipped = EngineRunner<PageTable<Format, models::Machine<Spec>>, Spec>;
  if (format == Spec::name) return std::make_unique<Shipped>();
  return nullptr;
}

}  // namespace

std::unique_ptr<Runner> make_aarch64_runner(std::string_view format) {
  using models::Aarch64El2Spec, models::Aarch64LowerSpec, models::Aarch64UpperSpec;
  using enum Aarch64Range;
  auto runner = make_if_named<Aarch64Stage1<lower>, Aarch64LowerSpec>(format);
  if (!runner) runner = make_if_named<Aarch64Stage1<upper>, Aarch64UpperSpec>(format);
  if (!runner) runner = make_if_named<Aarch64Stage1<el2>, Aarch64El2Spec>(format);
  if (!runner) runner = make_if_named<Aarch64Stage2<48>, models::Aarch64Stage2Spec<48>>(format);
  if (!runner) runner = make_if_named<Aarch64Stage2<40>, models::Aarch64Stage2Spec<40>>(format);
  return runner;
}

}  // namespace twinwalk::fuzz
