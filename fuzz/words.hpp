// How complaints and reports say things. Never on the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/api.hpp"
#include "models/extents.hpp"

namespace twinwalk::fuzz {

std::string hex(std::uint64_t value);
std::string_view words(PagingError error);
std::string words(std::optional<Failure> const& failure);  // "ok" without one
std::string words(Leaf const& leaf);
std::string words(std::optional<Leaf> const& leaf);  // "no leaf" without one
std::string words(models::Extent const& run);
std::string words(FlushScope const& scope);

}  // namespace twinwalk::fuzz
