// JSON as every command prints it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace twinwalk::tools {

// Keys stay in the order in which they were written.
using Json = nlohmann::ordered_json;

// A word of 64 bits: most readers of JSON lose digits beyond 2^53, so it is a string.
std::string hex(std::uint64_t word);

// Prints the value and the end of the line on standard output. Bytes that are no UTF-8 (of file
// names) are replaced.
void print_json(Json const& value);

}  // namespace twinwalk::tools
