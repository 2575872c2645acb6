#include "tests/mutants/hunt.hpp"

#include <cstddef>
#include <ctime>
#include <utility>

#include "fuzz/format_shape.hpp"
#include "fuzz/generator.hpp"

namespace twinwalk::mutants {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

fuzz::GeneratorOptions in_format_of(Mutant const& mutant) {
  fuzz::GeneratorOptions options;
  options.format = 0;
  for (fuzz::FormatShape const& shape : fuzz::known_formats()) {
    if (shape.name == mutant.format) break;
    ++options.format;
  }
  return options;
}

}  // namespace

std::optional<Catch> hunt(Mutant const& mutant, Engine& engine, std::uint64_t first_seed,
                          std::uint64_t runs_max) {
  fuzz::GeneratorOptions const options = in_format_of(mutant);
  double const start = cpu_seconds();
  Catch caught;
  while (caught.executions < runs_max) {
    fuzz::generate(first_seed + caught.executions++, options, caught.sequence);
    if (auto found = engine.run(caught.sequence)) {
      caught.finding = *std::move(found);
      caught.cpu_seconds = cpu_seconds() - start;
      return caught;
    }
  }
  return std::nullopt;
}

fuzz::MinimizeResult shrink(Engine& engine, Catch const& caught) {
  return fuzz::minimize(caught.sequence, [&](fuzz::Sequence const& tried) {
    auto const again = engine.run(tried);
    return again && again->oracle == caught.finding.oracle;
  });
}

}  // namespace twinwalk::mutants
