// What the lines of a trace say: system calls with their arguments, and the ends of processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

struct Argument {
  std::string text;  // as printed, without comments and the blanks around it
  Position where;
};

// What a call returned. A call that never came back, or prints `?`, has neither value nor failure.
struct Outcome {
  bool known = false;
  bool failed = false;      // a negative number
  std::uint64_t value = 0;  // when known and not failed
  Position where;
};

// The number that a line without a process number belongs to.
inline constexpr std::uint32_t unnamed_process = 0;

struct Event {
  enum class Kind : std::uint8_t {
    call,
    ended,       // the process is gone
    superseded,  // another thread of the process has executed a program and takes its number
  };

  Kind kind = Kind::call;
  std::uint32_t process = unnamed_process;  // as printed in front of the line
  std::uint32_t by = 0;                     // of superseded: the thread that lives on
  std::string name;                         // of a call
  std::vector<Argument> arguments;
  Outcome outcome;
  Position where;             // of the name, where the call begins
  std::size_t last_line = 1;  // where it came back
};

struct Trace {
  std::vector<Event> events;  // in the order in which they came back
  std::size_t lines = 0;
  std::size_t calls_lost = 0;  // never came back, or began before the trace did
};

}  // namespace twinwalk::tools
