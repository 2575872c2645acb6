#include "fuzz/runner.hpp"

#include <array>

#include "fuzz/engines/registry.hpp"
#include "fuzz/format_shape.hpp"

namespace twinwalk::fuzz {
namespace {

using Factory = std::unique_ptr<Runner> (*)(std::string_view format);

struct Offer {
  std::string_view engine;
  Factory make;
};
constexpr auto offers = std::to_array<Offer>({
    {shipped_engine, make_x86_64_runner},
    {shipped_engine, make_ept_runner},
    {shipped_engine, make_npt_runner},
    {shipped_engine, make_riscv_runner},
    {shipped_engine, make_aarch64_runner},
    {shipped_engine, make_loongarch64_runner},
    {"blog", make_blog_runner},
});

constexpr std::array<EngineInfo, 2> engines{{
    {shipped_engine, "the engine in engine/"},
    {"blog",
     "map_page of an operating-system tutorial: no USER above leaves, overwrites in "
     "silence, follows huge pages"},
}};

}  // namespace

std::span<EngineInfo const> known_engines() { return engines; }

std::unique_ptr<Runner> make_runner(std::uint8_t format, std::string_view engine) {
  FormatList const formats = known_formats();
  if (format >= formats.size()) return nullptr;
  for (Offer const& offer : offers) {
    if (offer.engine != engine) continue;
    if (auto runner = offer.make(formats[format].name)) return runner;
  }
  return nullptr;
}

AnyRunner::AnyRunner(std::string_view engine) : engine_(engine), runners_(known_formats().size()) {}

Runner* AnyRunner::for_sequence(Sequence const& sequence) {
  if (sequence.format >= runners_.size()) return nullptr;
  auto& runner = runners_[sequence.format];
  if (!runner) runner = make_runner(sequence.format, engine_);
  return runner.get();
}

}  // namespace twinwalk::fuzz
