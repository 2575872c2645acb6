// The command line: which command is asked for, and how it ends.
#pragma once

namespace twinwalk::tools {

// What `twinwalk` does; returns its exit code (tools/support/exit.hpp).
int run(int argc, char const* const* argv);

}  // namespace twinwalk::tools
