#include "tools/support/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

extern char** environ;

namespace twinwalk::tools {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// Our environment with the program's variables in place of those of the same name.
std::vector<std::string> environment_of(Program const& program) {
  std::vector<std::string> all;
  for (auto const& [name, value] : program.environment) all.push_back(name + "=" + value);
  std::size_t const own = all.size();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view const variable(*entry);
    bool replaced = false;
    for (std::size_t i = 0; i < own; ++i) {
      replaced |= variable.starts_with(all[i].substr(0, all[i].find('=') + 1));
    }
    if (!replaced) all.emplace_back(variable);
  }
  return all;
}

}  // namespace

RunningProgram::RunningProgram(Program const& program) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);

  std::vector<std::string> words = program.words;
  std::vector<std::string> variables = environment_of(program);
  pid_t pid = -1;
  int const error = ::posix_spawnp(&pid, words.front().c_str(), &actions, nullptr,
                                   pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    return;
  }
  pid_ = pid;
  output_ = pipe[0];
}

RunningProgram::~RunningProgram() {
  if (pid_ <= 0) return;
  terminate();
  wait();
}

bool RunningProgram::read(std::function<void(std::string_view)> const& line) {
  if (output_ < 0) return false;
  std::array<char, 4096> buffer;
  ssize_t got = 0;
  do {
    got = ::read(output_, buffer.data(), buffer.size());
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    if (!partial_.empty()) line(partial_);
    partial_.clear();
    ::close(output_);
    output_ = -1;
    return false;
  }
  partial_.append(buffer.data(), static_cast<std::size_t>(got));
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos;) {
    line(std::string_view(partial_).substr(begin, end - begin));
    begin = end + 1;
  }
  partial_.erase(0, begin);
  return true;
}

void RunningProgram::terminate() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
}

Ending RunningProgram::wait() {
  Ending ending;
  if (output_ >= 0) ::close(output_);
  output_ = -1;
  if (pid_ <= 0) return ending;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  ending.started = true;
  ending.signalled = WIFSIGNALED(status);
  ending.status = ending.signalled ? WTERMSIG(status) : WEXITSTATUS(status);
  return ending;
}

Ending run_program(Program const& program, std::function<bool(std::string_view)> const& line) {
  RunningProgram running(program);
  if (!running.started()) return {};
  bool wanted = true;
  while (running.read([&](std::string_view text) {
    if (!wanted) return;
    wanted = line(text);
    if (!wanted) running.terminate();
  })) {
  }
  return running.wait();
}

}  // namespace twinwalk::tools
