#include <array>

#include "fuzz/format_shape.hpp"

namespace twinwalk::fuzz {
namespace {

constexpr std::array<FormatShape, 2> shapes{{
    {"x86_64-4", 48, true, 4},
    {"x86_64-5", 57, true, 5},
}};

}  // namespace

FormatList known_formats() { return shapes; }

}  // namespace twinwalk::fuzz
