#include "tools/support/json.hpp"

#include <fmt/core.h>

namespace twinwalk::tools {

std::string hex(std::uint64_t word) { return fmt::format("{:#x}", word); }

void print_json(Json const& value) {
  fmt::print("{}\n", value.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace twinwalk::tools
