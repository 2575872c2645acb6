// Runs the command line that was built beside the tests, and looks at all that it leaves.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace twinwalk::tests {

struct Ran {
  int exit = -1;
  std::string out;
  std::string err;

  std::size_t error_lines() const {
    return static_cast<std::size_t>(std::count(err.begin(), err.end(), '\n'));
  }
  // Null where the output is no JSON.
  nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

inline std::string slurp(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder for one test, empty at first and gone afterwards.
class CommandTest : public ::testing::Test {
 protected:
  CommandTest() {
    std::string name = (std::filesystem::temp_directory_path() / "twinwalk-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~CommandTest() override {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }

  std::filesystem::path const& folder() const { return folder_; }

  // A file of this content in the folder; its path.
  std::string file(std::string const& name, std::string const& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }
  std::vector<std::string> files_in(std::string const& name) const {
    std::vector<std::string> names;
    std::error_code error;
    for (auto const& entry : std::filesystem::directory_iterator(folder_ / name, error)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  static std::string source(std::string const& path) {
    return std::string(TWINWALK_SOURCE_DIR) + "/" + path;
  }

  // Runs `twinwalk` with these arguments, the working directory being the folder's own.
  Ran twinwalk(std::vector<std::string> const& arguments) const {
    std::filesystem::path const scratch = folder_ / ".ran";
    std::filesystem::create_directory(scratch);
    std::string command = "cd " + quoted(folder_.string()) + " && " + quoted(TWINWALK_BINARY);
    for (std::string const& argument : arguments) command += " " + quoted(argument);
    command += " >" + quoted((scratch / "out").string()) + " 2>" +
               quoted((scratch / "err").string()) + " </dev/null";
    int const status = std::system(command.c_str());
    Ran ran;
    ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.out = slurp(scratch / "out");
    ran.err = slurp(scratch / "err");
    std::filesystem::remove_all(scratch);
    return ran;
  }

 private:
  static std::string quoted(std::string const& word) {
    std::string out = "'";
    for (char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
  }

  std::filesystem::path folder_;
};

}  // namespace twinwalk::tests
