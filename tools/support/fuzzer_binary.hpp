// The libFuzzer binary beside this program.
#pragma once

#include <filesystem>
#include <optional>

#include "tools/support/files.hpp"

namespace twinwalk::tools {

inline constexpr char const* fuzzer_name = "fuzz_ops";

inline std::optional<std::filesystem::path> fuzzer_binary() {
  std::error_code error;
  std::filesystem::path path = program_folder() / fuzzer_name;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  return path;
}

}  // namespace twinwalk::tools
