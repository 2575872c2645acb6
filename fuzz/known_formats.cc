#include <array>
#include <cstddef>

#include "fuzz/format_shape.hpp"
#include "models/specs.hpp"

namespace twinwalk::fuzz {
namespace {

constexpr auto shapes = [] {
  std::array<FormatShape, models::AllSpecs::size> out{};
  std::size_t next = 0;
  models::AllSpecs::for_each([&]<class Spec>(std::type_identity<Spec>) {
    // A space has two halves where all ones is an address of it.
    out[next++] = {Spec::name, Spec::address_bits, Spec::canonical(~std::uint64_t{0}),
                   Spec::levels};
  });
  return out;
}();

}  // namespace

FormatList known_formats() { return shapes; }

}  // namespace twinwalk::fuzz
