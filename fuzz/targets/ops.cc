// Sequences of operations, judged by every oracle.
//
// TWINWALK_ENGINE names the engine (the shipped one if unset); TWINWALK_FORMAT fixes the format,
// which the input chooses otherwise.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

#include "fuzz/codec.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/mutator.hpp"
#include "fuzz/runner.hpp"
#include "fuzz/targets/target.hpp"
#include "fuzz/text.hpp"

namespace twinwalk::fuzz {
namespace {

std::string_view setting(char const* name, std::string_view otherwise) {
  char const* const value = std::getenv(name);
  return value != nullptr ? std::string_view(value) : otherwise;
}

struct Target {
  AnyRunner runner{setting("TWINWALK_ENGINE", shipped_engine)};
  std::optional<std::uint8_t> format;
  Sequence sequence;

  Target() {
    std::string_view const wanted = setting("TWINWALK_FORMAT", "all");
    if (wanted == "all") return;
    FormatList const formats = known_formats();
    for (std::size_t i = 0; i < formats.size(); ++i) {
      if (formats[i].name == wanted) format = static_cast<std::uint8_t>(i);
    }
    if (!format) stop("TWINWALK_FORMAT: no format is named " + std::string(wanted));
  }
};

Target& target() {
  static Target instance;
  return instance;
}

}  // namespace
}  // namespace twinwalk::fuzz

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace twinwalk::fuzz;
  Target& target = twinwalk::fuzz::target();
  decode(std::span(data, size), known_formats(), target.sequence);
  if (target.format) target.sequence.format = *target.format;
  Runner* const runner = target.runner.for_sequence(target.sequence);
  if (runner == nullptr) return 0;
  if (auto const finding = runner->run(target.sequence, RunOptions{})) {
    stop(print(target.sequence, known_formats()) + runner->explain(*finding));
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  return twinwalk::fuzz::mutate(data, size, max_size, seed, LLVMFuzzerMutate);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(std::uint8_t const* first, std::size_t first_size,
                                                 std::uint8_t const* second,
                                                 std::size_t second_size, std::uint8_t* out,
                                                 std::size_t out_size, unsigned int seed) {
  return twinwalk::fuzz::crossover({first, first_size}, {second, second_size}, {out, out_size},
                                   seed);
}
