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
    // A space has two halves where both zero and all ones are addresses of it.
    bool const from_zero = Spec::canonical(std::uint64_t{0});
    out[next++] = {.name = Spec::name,
                   .address_bits = Spec::address_bits,
                   .sign_extended = from_zero && Spec::canonical(~std::uint64_t{0}),
                   .first = Spec::sign_extend(std::uint64_t{0}),
                   .has_user = bool(Spec::representable(MachineOptions{}, Flag::READ | Flag::USER)),
                   .levels = Spec::levels};
  });
  return out;
}();

}  // namespace

FormatList known_formats() { return shapes; }

}  // namespace twinwalk::fuzz
