// The readable form of a memory file, `.mem`: line-based, `#` starts a comment, numbers as in .ops.
//
//   # twinwalk memory
//   format x86_64-4
//   machine physical-bits=46 nx=on …          each of proofs::machine_switches, and amd
//   call protect root 0x1000 va 0x7000 pa 0x0 flags 0x1
//   entry 0x1000 0x2067                       what memory held at first; the rest is 0
//   live_count 0x1000 1                       and each table's metadata
//   link 0x1000 0x0
//   frame 0x9000                              what the allocator gives, in this order; or no-frame
//   strike 0x5038 0x40 before-access 5        what hardware sets right before an access to entries
//   expect …                                  what the proof's path predicts, line by line
//
// `format` comes first. Lossless: parse(print(f)) prints like f.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/text.hpp"
#include "proofs/memory_file.hpp"
#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

inline constexpr std::string_view memory_first_line = "# twinwalk memory";

// Whether a file is one: by its name or by its first line.
bool is_memory_file(std::string_view name, std::string_view content);

Parsed<proofs::MemoryFile> parse_memory(std::string_view text);

// `comment` goes to the top, each of its lines behind a `#`.
std::string print_memory(proofs::MemoryFile const& file, std::string_view comment);

// What came of a call, as the words behind `expect`. Two records say the same when these are equal.
// An entry of it, at `slot`, can be decoded.
struct RecordLine {
  std::string text;
  std::optional<std::uint64_t> slot{};
  std::uint64_t entry = 0;
};
std::vector<RecordLine> record_lines(proofs::CallRecord const& record);

}  // namespace twinwalk::tools
