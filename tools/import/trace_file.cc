#include "tools/import/trace_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace twinwalk::tools {
namespace {

struct CloseFile {
  void operator()(gzFile_s* file) const { gzclose_r(file); }
};

Position end_of(std::string const& text) {
  Position end;
  end.line += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  std::size_t const newline = text.rfind('\n');
  end.column += newline == std::string::npos ? text.size() : text.size() - newline - 1;
  return end;
}

}  // namespace

Parsed<std::string> read_trace_file(std::string const& path, std::size_t bytes_max) {
  // A directory opens, and only reading it fails; a device may never end.
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return malformed_at({}, "this is no regular file");
  }
  std::unique_ptr<gzFile_s, CloseFile> const file(gzopen(path.c_str(), "rb"));
  if (!file) return malformed_at({}, std::string("cannot open: ") + std::strerror(errno));

  std::string text;
  std::array<char, std::size_t{1} << 16> block;
  for (;;) {
    int const got = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()));
    if (got > 0) text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > bytes_max) {
      return malformed_at(end_of(text),
                          "the trace is larger than " + std::to_string(bytes_max) + " bytes");
    }
    if (got <= 0) break;
  }
  // A stream that was cut off is reported by gzerror only, not by a short read.
  int status = Z_OK;
  gzerror(file.get(), &status);
  if (status != Z_OK && status != Z_STREAM_END) {
    return malformed_at(end_of(text), "the compressed data is damaged or cut off");
  }
  return text;
}

}  // namespace twinwalk::tools
