// Where the engine's format and the manual's spec of one name meet.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "fuzz/format_pairs.hpp"
#include "fuzz/format_shape.hpp"

namespace twinwalk::tools {

// Calls visitor(std::type_identity<Spec>{}, std::type_identity<Format>{}) for the format of this
// index into fuzz::known_formats().
template <class Visitor>
void with_format(std::uint8_t index, Visitor&& visitor) {
  std::string_view const name = fuzz::known_formats()[index].name;
  fuzz::for_each_format([&]<class Format, class Spec>() {
    if (Spec::name == name) visitor(std::type_identity<Spec>{}, std::type_identity<Format>{});
  });
}

// The name of a format by its index.
inline std::string_view format_name(std::uint8_t index) {
  return fuzz::known_formats()[index].name;
}

}  // namespace twinwalk::tools
