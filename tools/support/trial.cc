#include "tools/support/trial.hpp"

#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tools/support/exit.hpp"

namespace twinwalk::tools {
namespace {

using nlohmann::json;

// No sequence of a corpus needs a fraction of this, sanitizers and all.
constexpr unsigned seconds_max = 120;
// What a child that ran to its end ends with; a sanitizer ends it with something else.
constexpr int ran_to_its_end = 42;

// A file in memory that a child writes and its parent reads afterwards.
class SharedText {
 public:
  SharedText() : fd_(::memfd_create("twinwalk", MFD_CLOEXEC)) {}
  ~SharedText() { ::close(fd_); }
  SharedText(SharedText const&) = delete;
  SharedText& operator=(SharedText const&) = delete;

  int fd() const { return fd_; }
  void write(std::string_view text) const {
    while (!text.empty()) {
      ssize_t const done = ::write(fd_, text.data(), text.size());
      if (done <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(done));
    }
  }
  std::string read() const {
    std::string text;
    std::array<char, 4096> buffer;
    ::lseek(fd_, 0, SEEK_SET);
    for (ssize_t got = 0; (got = ::read(fd_, buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int fd_;
};

std::string to_text(fuzz::Finding const& finding, std::string const& explanation) {
  return json{{"oracle", finding.oracle}, {"op", finding.op},       {"what", finding.what},
              {"va", finding.va},         {"space", finding.space}, {"explanation", explanation}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Verdict from_text(std::string const& text) {
  Verdict verdict;
  if (text.empty()) return verdict;
  json const value = json::parse(text);
  verdict.finding.emplace();
  fuzz::Finding& finding = *verdict.finding;
  finding.oracle = value["oracle"].get<std::string>();
  finding.op = value["op"].get<std::size_t>();
  finding.what = value["what"].get<std::string>();
  finding.va = value["va"].get<std::uint64_t>();
  finding.space = value["space"].get<std::uint8_t>();
  verdict.explanation = value["explanation"].get<std::string>();
  return verdict;
}

// What a child that did not come back says about its engine.
Verdict died(int status, std::string const& last_words) {
  std::string cause = "the engine ended the program";
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    cause = "the engine did not come back";
  } else if (WIFSIGNALED(status)) {
    cause += fmt::format(" ({})", ::strsignal(WTERMSIG(status)));
  }
  std::string const first_line = one_line(last_words.substr(0, last_words.find('\n')));
  if (!first_line.empty()) cause += ": " + first_line;
  Verdict verdict;
  verdict.finding.emplace();
  verdict.finding->oracle = std::string(survival_oracle);
  verdict.finding->what = cause;
  verdict.explanation =
      fmt::format("oracle     {}\nobjection  {}\n{}", survival_oracle, cause, last_words);
  return verdict;
}

}  // namespace

Verdict Trial::run(fuzz::Sequence const& sequence, fuzz::RunOptions const& options, bool explain) {
  fuzz::Runner& runner = *runner_.for_sequence(sequence);
  SharedText const answer;
  SharedText const last_words;
  std::fflush(nullptr);
  pid_t const child = ::fork();
  if (child == 0) {
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(seconds_max);
    ::dup2(last_words.fd(), STDERR_FILENO);
    if (auto const finding = runner.run(sequence, options)) {
      answer.write(to_text(*finding, explain ? runner.explain(*finding) : ""));
    }
    leave_child(ran_to_its_end);
  }
  if (child < 0) throw std::runtime_error(fmt::format("no process: {}", std::strerror(errno)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != ran_to_its_end) {
    return died(status, last_words.read());
  }
  return from_text(answer.read());
}

fuzz::MinimizeResult Trial::minimize(fuzz::Sequence const& sequence,
                                     fuzz::RunOptions const& options, std::string_view oracle,
                                     std::size_t runs_max) {
  auto const still_fails = [&](fuzz::Sequence const& candidate) {
    Verdict const verdict = run(candidate, options, false);
    return verdict.finding && verdict.finding->oracle == oracle;
  };
  return fuzz::minimize(sequence, still_fails, {.runs_max = runs_max});
}

}  // namespace twinwalk::tools
