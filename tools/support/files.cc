#include "tools/support/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace twinwalk::tools {
namespace {

namespace fs = std::filesystem;

std::string why(int error) { return std::error_code(error, std::generic_category()).message(); }

// A file descriptor that is closed once.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;

  int get() const { return fd_; }
  bool close() {
    int const fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    ssize_t const written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Parsed<std::string> read_file(fs::path const& path, std::size_t bytes_max) {
  Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return malformed_at({}, "cannot be opened: " + why(errno));
  std::string content;
  std::array<char, 1 << 16> buffer;
  while (true) {
    ssize_t const got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return malformed_at({}, "cannot be read: " + why(errno));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > bytes_max) {
      return malformed_at({}, "is larger than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

std::optional<std::string> write_file(fs::path const& path, std::string_view content) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  std::string temporary = path.string() + ".XXXXXX";
  Descriptor file(::mkstemp(temporary.data()));
  if (file.get() < 0) return path.string() + ": cannot be written: " + why(errno);
  // A temporary file is its owner's alone; what it becomes is like any other file.
  mode_t const hidden = ::umask(0);
  ::umask(hidden);
  bool const fine = write_all(file.get(), content) && ::fchmod(file.get(), 0666 & ~hidden) == 0 &&
                    file.close() && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (fine) return std::nullopt;
  int const cause = errno;
  ::unlink(temporary.c_str());
  return path.string() + ": cannot be written: " + why(cause);
}

std::optional<std::string> write_files(std::vector<NewFile> const& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::optional<std::string> const error = write_file(files[i].path, files[i].content);
    if (!error) continue;
    for (std::size_t done = 0; done < i; ++done) ::unlink(files[done].path.c_str());
    return error;
  }
  return std::nullopt;
}

FileList files_below(std::vector<std::string> const& paths, bool (*wanted)(fs::path const&)) {
  FileList list;
  for (std::string const& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      list.files.emplace_back(path);
      continue;
    }
    std::vector<fs::path> found;
    fs::recursive_directory_iterator entry(path, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      std::error_code unreadable;
      if (entry->is_regular_file(unreadable) && wanted(entry->path())) {
        found.push_back(entry->path());
      }
    }
    if (error) {
      list.unreadable = path;
      list.error = malformed_at({}, "cannot be read: " + error.message());
      return list;
    }
    std::sort(found.begin(), found.end());
    list.files.insert(list.files.end(), found.begin(), found.end());
  }
  return list;
}

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  fs::path const folder = fs::temp_directory_path(error);
  std::string name = (error ? fs::path("/tmp") : folder) / "twinwalk-XXXXXX";
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  if (!path_.empty()) fs::remove_all(path_, error);
}

fs::path program_folder() {
  std::error_code error;
  fs::path const self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path(".") : self.parent_path();
}

}  // namespace twinwalk::tools
