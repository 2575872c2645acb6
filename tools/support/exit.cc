#include "tools/support/exit.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

// There only in a build that measures coverage.
extern "C" int __llvm_profile_write_file() __attribute__((weak));

namespace twinwalk::tools {

void leave_child(int status) {
  if (__llvm_profile_write_file != nullptr) __llvm_profile_write_file();
  ::_exit(status);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(),
      [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
      },
      '?');
  return line;
}

Exit refuse(std::string_view file, fuzz::ParseError const& error) {
  // Some errors belong to the file as a whole; tools that read such lines count from 1.
  fmt::print(stderr, "{}:{}:{}: {}\n", one_line(file), std::max<std::size_t>(error.line, 1),
             std::max<std::size_t>(error.column, 1), one_line(error.message));
  return Exit::bad_input;
}

Exit bad_usage(std::string_view command, std::string_view message) {
  fmt::print(stderr, "twinwalk {}: {}\n", command, one_line(message));
  return Exit::bad_input;
}

Exit cannot(std::string_view command, std::string_view message) {
  fmt::print(stderr, "twinwalk {}: {}\n", command, one_line(message));
  return Exit::environment;
}

}  // namespace twinwalk::tools
