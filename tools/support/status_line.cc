#include "tools/support/status_line.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace twinwalk::tools {

StatusLine::StatusLine() : terminal_(::isatty(STDERR_FILENO) != 0) {}

bool StatusLine::due() const {
  std::chrono::milliseconds const pause(terminal_ ? 500 : 10000);
  return Clock::now() - last_ >= pause;
}

void StatusLine::show(std::string_view text) {
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{}", text);
    std::fflush(stderr);
    visible_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
  last_ = Clock::now();
}

void StatusLine::clear() {
  if (!visible_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  visible_ = false;
}

}  // namespace twinwalk::tools
