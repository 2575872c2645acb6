// How `twinwalk` ends, and the one line that it says then.
#pragma once

#include <string>
#include <string_view>

#include "fuzz/text.hpp"

namespace twinwalk::tools {

enum class Exit : int {
  held = 0,         // all held
  finding = 1,      // something did not: a finding, a disagreement
  bad_input = 2,    // bad usage or bad input
  environment = 3,  // what surrounds us, or a budget, prevented an answer
};

// Each prints one line on standard error, whatever characters the words hold, and says how to end.
// FILE:LINE:COLUMN: message
Exit refuse(std::string_view file, fuzz::ParseError const& error);
// twinwalk COMMAND: message
Exit bad_usage(std::string_view command, std::string_view message);
Exit cannot(std::string_view command, std::string_view message);

// Ends a forked child without what its parent registered for the end; where coverage is measured,
// what the child covered is written first.
[[noreturn]] void leave_child(int status);

// Text as one line of printable characters: others become '?'.
std::string one_line(std::string_view text);

}  // namespace twinwalk::tools
