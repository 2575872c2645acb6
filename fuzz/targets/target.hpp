// What every fuzz target shares: ending a run that found something.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace twinwalk::fuzz {

// Says what is wrong and ends the process, so that the fuzzer keeps the input.
[[noreturn]] inline void stop(std::string const& report) {
  std::fputs(report.c_str(), stderr);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace twinwalk::fuzz
