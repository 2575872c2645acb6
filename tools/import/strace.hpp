// Reads what `strace -f -e trace=%memory,%process` prints.
#pragma once

#include <string_view>

#include "tools/import/call.hpp"
#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

// Understands the numbers that `-o FILE` puts in front of a line and the `[pid N]` of a terminal,
// time stamps, calls split into `<unfinished ...>` and `<... NAME resumed>`, signals, ends of
// processes, and strace's own messages. Knows no system call: any well-formed one is an event.
// The first line that is none of these is the error.
Parsed<Trace> parse_strace(std::string_view text);

}  // namespace twinwalk::tools
