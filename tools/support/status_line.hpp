// How far a long command is: a line that replaces itself on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <string_view>

namespace twinwalk::tools {

// Speaks on standard error only, so that results stay alone on standard output.
class StatusLine {
 public:
  StatusLine();
  ~StatusLine() { clear(); }
  StatusLine(StatusLine const&) = delete;
  StatusLine& operator=(StatusLine const&) = delete;

  // Whether it is time to say something again: twice a second on a terminal, else six times a
  // minute.
  bool due() const;
  void show(std::string_view text);
  // Makes room for other output.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool terminal_;
  bool visible_ = false;
  Clock::time_point last_ = Clock::now();
};

}  // namespace twinwalk::tools
