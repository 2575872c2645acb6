// Files as commands need them: read whole or refused, written whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/import/malformed.hpp"

namespace twinwalk::tools {

// What any input may hold. Nothing of this project comes near it; without a bound a device file
// could take all memory.
inline constexpr std::size_t input_bytes_max = std::size_t{1} << 28;

// The whole file, or why not; a pipe is read to its end.
Parsed<std::string> read_file(std::filesystem::path const& path,
                              std::size_t bytes_max = input_bytes_max);

// Writes a file of this content under a temporary name beside it and renames it; missing folders
// are made. What is wrong, or nothing. On an error nothing new is left behind.
std::optional<std::string> write_file(std::filesystem::path const& path, std::string_view content);

// The same for several files: all of them, or none.
struct NewFile {
  std::filesystem::path path;
  std::string content;
};
std::optional<std::string> write_files(std::vector<NewFile> const& files);

// The files that the paths name: each path itself, and of a folder those regular files below it
// that are `wanted`, in the order of their names. The first folder that cannot be read is the
// error.
struct FileList {
  std::vector<std::filesystem::path> files;
  std::string unreadable;  // the folder, or empty
  fuzz::ParseError error;
};
FileList files_below(std::vector<std::string> const& paths,
                     bool (*wanted)(std::filesystem::path const&));

// A folder of our own below the system's temporary one, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder const&) = delete;
  TemporaryFolder& operator=(TemporaryFolder const&) = delete;

  // Empty when none could be made.
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The folder of this program, where its siblings lie.
std::filesystem::path program_folder();

}  // namespace twinwalk::tools
