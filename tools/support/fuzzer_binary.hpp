// The libFuzzer binaries beside this program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "tools/support/files.hpp"

namespace twinwalk::tools {

// The target that takes sequences of operations.
inline constexpr char const* sequence_target = "ops";

inline std::string fuzzer_name(std::string_view target) { return "fuzz_" + std::string(target); }

inline std::optional<std::filesystem::path> fuzzer_binary(
    std::string_view target = sequence_target) {
  std::error_code error;
  std::filesystem::path path = program_folder() / fuzzer_name(target);
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  return path;
}

}  // namespace twinwalk::tools
