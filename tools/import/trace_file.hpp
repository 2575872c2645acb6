// The bytes of a trace, compressed or plain.
#pragma once

#include <cstddef>
#include <string>

#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

// What a trace may hold once decompressed. A larger one is refused: a small compressed file must
// not be able to take all memory.
inline constexpr std::size_t trace_bytes_max = std::size_t{1} << 29;

// Reads a whole file, through gzip where it begins like one. Refuses what cannot be opened, is no
// regular file, is larger than `bytes_max`, or is damaged; damage is placed where the text ends.
Parsed<std::string> read_trace_file(std::string const& path,
                                    std::size_t bytes_max = trace_bytes_max);

}  // namespace twinwalk::tools
