// Other programs, run and listened to.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twinwalk::tools {

struct Program {
  std::vector<std::string> words;                                // the path or name, arguments
  std::vector<std::pair<std::string, std::string>> environment;  // beside our own
};

struct Ending {
  bool started = false;  // false: there is no such program, or it may not be run
  bool signalled = false;
  int status = 0;  // exit code, or the signal
};

// Runs a program to its end, its standard input empty; what it prints on either output reaches
// `line` line by line, without the ends of the lines. When `line` returns false the program is told
// to terminate.
Ending run_program(Program const& program, std::function<bool(std::string_view)> const& line);

// A program that runs beside us: `run_program` in three parts, for several at once.
class RunningProgram {
 public:
  explicit RunningProgram(Program const& program);
  ~RunningProgram();  // ends it
  RunningProgram(RunningProgram const&) = delete;
  RunningProgram& operator=(RunningProgram const&) = delete;

  bool started() const { return pid_ > 0; }
  // Where its output can be waited for; -1 once it has closed it.
  int output() const { return output_; }
  // Reads what there is, at least a byte, and hands on whole lines; false at the end.
  bool read(std::function<void(std::string_view)> const& line);
  void terminate();
  // Waits for its end.
  Ending wait();

 private:
  int pid_ = -1;
  int output_ = -1;
  std::string partial_;
};

}  // namespace twinwalk::tools
