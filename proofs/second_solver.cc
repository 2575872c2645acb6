#include "proofs/second_solver.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace twinwalk::proofs {
namespace {

// A file of our own below the system's temporary folder, gone with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string const& content) {
    char const* folder = std::getenv("TMPDIR");
    path_ = std::string(folder != nullptr ? folder : "/tmp") + "/twinwalk-query-XXXXXX";
    int const file = mkstemp(path_.data());
    if (file < 0) return;
    std::size_t written = 0;
    while (written < content.size()) {
      ssize_t const n = write(file, content.data() + written, content.size() - written);
      if (n <= 0) break;
      written += static_cast<std::size_t>(n);
    }
    close(file);
    whole_ = written == content.size();
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  TemporaryFile(TemporaryFile const&) = delete;
  TemporaryFile& operator=(TemporaryFile const&) = delete;

  bool whole() const { return whole_; }
  std::string const& path() const { return path_; }

 private:
  std::string path_;
  bool whole_ = false;
};

std::string output_of(std::string const& command) {
  std::string output;
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  pclose(pipe);
  return output;
}

}  // namespace

bool has_second_solver() {
  static bool const has = !output_of("command -v cvc5 2>/dev/null").empty();
  return has;
}

Answer ask_second_solver(std::string const& smt2, unsigned timeout_ms) {
  TemporaryFile const query(smt2);
  if (!query.whole()) return Answer::unknown;
  std::string const output = output_of("cvc5 --lang smt2 --tlimit=" + std::to_string(timeout_ms) +
                                       " '" + query.path() + "' 2>/dev/null");
  if (output.starts_with("unsat")) return Answer::unsatisfiable;
  if (output.starts_with("sat")) return Answer::satisfiable;
  return Answer::unknown;
}

}  // namespace twinwalk::proofs
