// The engine's formats and the models' specs, joined by their names.
#pragma once

#include <string_view>
#include <type_traits>

#include "engine/formats.hpp"
#include "models/specs.hpp"

namespace twinwalk::fuzz {

// Calls visitor.operator()<Format, Spec>() for each format, in the order of the specs. A spec
// without a format is one that the engine does not have yet; a format without a spec is an error.
template <class Visitor>
constexpr void for_each_format(Visitor&& visitor) {
  models::AllSpecs::for_each([&]<class Spec>(std::type_identity<Spec>) {
    AllFormats::for_each([&]<class Format>(std::type_identity<Format>) {
      if constexpr (std::string_view(Format::name) == Spec::name) {
        visitor.template operator()<Format, Spec>();
      }
    });
  });
}

static_assert(
    [] {
      int joined = 0;
      for_each_format([&]<class, class>() { ++joined; });
      return joined == AllFormats::size;
    }(),
    "an engine format has no spec of the same name in models/specs.hpp");

}  // namespace twinwalk::fuzz
