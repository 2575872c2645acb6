// The recorded traces, hostile ones, and files that are none.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tools/import_support.hpp"
#include "tools/import/trace_file.hpp"

namespace twinwalk::tools {
namespace {

using testing::bare_options;
using testing::PageTwin;

std::filesystem::path const traces = std::filesystem::path(TWINWALK_SOURCE_DIR) / "corpus/traces";

std::vector<std::filesystem::path> recorded() {
  std::vector<std::filesystem::path> paths;
  for (auto const& entry : std::filesystem::directory_iterator(traces)) {
    if (entry.path().extension() == ".gz") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string text_of(std::filesystem::path const& path) {
  Parsed<std::string> text = read_trace_file(path.string());
  if (text) return std::move(*text);
  ADD_FAILURE() << path << ": " << text.malformed().message;
  return {};
}

class RecordedTrace : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(RecordedTrace, ImportsWithoutLosingACall) {
  ImportOptions const options = import_options(fuzz::known_formats(), "x86_64-4").value();
  Parsed<Import> const import = import_trace(text_of(GetParam()), options);
  ASSERT_TRUE(import) << import.malformed().line << ": " << import.malformed().message;
  EXPECT_EQ(import->calls_lost, 0U);
  EXPECT_EQ(import->calls.elsewhere, 0U);
  EXPECT_EQ(import->calls.of_the_dead, 0U);
  EXPECT_GE(import->spaces.size(), 1U);
  std::size_t ops = 0;
  for (ImportedSpace const& space : import->spaces) {
    EXPECT_FALSE(space.truncated);
    EXPECT_FALSE(space.program.empty());
    ops += space.sequence.ops.size();
  }
  EXPECT_GE(ops, 100U);
  EXPECT_LE(ops, 5000U);
  RecordProperty("operations", static_cast<int>(ops));
}

TEST_P(RecordedTrace, MakesOnlyOperationsThatSucceedAndTearsEverythingDown) {
  Import const import = testing::import_or_fail(
      text_of(GetParam()), import_options(fuzz::known_formats(), "x86_64-4").value());
  for (ImportedSpace const& space : import.spaces) {
    SCOPED_TRACE(space.program);
    PageTwin twin;
    twin.run(space.sequence);
    EXPECT_TRUE(twin.pages().empty());
  }
}

TEST_P(RecordedTrace, PrintsAsATextThatParsesBack) {
  Import const import = testing::import_or_fail(text_of(GetParam()));
  for (ImportedSpace const& space : import.spaces) {
    std::string const text = fuzz::print(space.sequence, fuzz::known_formats(), space.program);
    fuzz::Sequence back;
    std::optional<fuzz::ParseError> const error = fuzz::parse(text, fuzz::known_formats(), back);
    ASSERT_FALSE(error) << error->line << ": " << error->message;
    EXPECT_EQ(back, space.sequence);
  }
}

TEST_P(RecordedTrace, NamesNothingOfTheMachineItWasRecordedOn) {
  std::string const text = text_of(GetParam());
  for (std::string_view const secret : {"\"/", "/home", "/root", "/tmp", "/usr", "si_uid=0"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, RecordedTrace, ::testing::ValuesIn(recorded()),
                         [](auto const& trace) {
                           return trace.param.filename().stem().stem().string();
                         });

TEST(RecordedTraces, AreOfEveryKindAndSmall) {
  std::uintmax_t bytes = 0;
  std::vector<std::string> kinds;
  for (std::filesystem::path const& path : recorded()) {
    bytes += std::filesystem::file_size(path);
    kinds.push_back(path.filename().stem().stem().string());
  }
  for (char const* kind : {"build", "compiler", "database", "interpreter", "jit", "server"}) {
    EXPECT_NE(std::find(kinds.begin(), kinds.end(), kind), kinds.end()) << kind;
  }
  EXPECT_LT(bytes, 2U << 20);
}

// ---- Hostile input ---------------------------------------------------------------------------

std::string const small_trace =
    "5 execve(\"/bin/sh\", [\"sh\"], 0x7ffc /* 9 vars */) = 0\n"
    "5 brk(NULL) = 0x55000000\n"
    "5 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f5d48bed000\n"
    "5 clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x1} => {parent_tid=[6]}, 88 <unfinished ...>\n"
    "6 mprotect(0x7f5d48bed000, 4096, PROT_NONE <unfinished ...>\n"
    "5 <... clone3 resumed>) = 6\n"
    "6 <... mprotect resumed>) = 0\n"
    "6 mremap(0x7f5d48bed000, 8192, 12288, MREMAP_MAYMOVE) = 0x7f5d48000000\n"
    "5 madvise(0x7f5d48000000, 4096, MADV_DONTNEED) = 0\n"
    "6 +++ exited with 0 +++\n"
    "5 fork() = 7\n"
    "7 munmap(0x7f5d48000000, 4096) = 0\n"
    "5 --- SIGCHLD {si_signo=SIGCHLD} ---\n"
    "5 exit_group(0) = ?\n";

// Imports or refuses, within the text and in printable words; what it imports must hold.
void import_or_refuse(std::string_view text) {
  Parsed<Import> const import = import_trace(text, bare_options());
  if (import) {
    for (ImportedSpace const& space : import->spaces) PageTwin().run(space.sequence);
    return;
  }
  Malformed const& wrong = import.malformed();
  auto const lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  EXPECT_GE(wrong.line, 1U);
  EXPECT_LE(wrong.line, lines);
  EXPECT_GE(wrong.column, 1U);
  EXPECT_LE(wrong.column, text.size() + 1);
  EXPECT_FALSE(wrong.message.empty());
  EXPECT_TRUE(std::all_of(wrong.message.begin(), wrong.message.end(),
                          [](char c) { return c >= ' ' && c <= '~'; }));
}

TEST(HostileTrace, IsImportedOrRefusedWhereverItIsCutOff) {
  for (std::size_t length = 0; length <= small_trace.size(); ++length) {
    SCOPED_TRACE(length);
    import_or_refuse(std::string_view(small_trace).substr(0, length));
  }
}

TEST(HostileTrace, IsImportedOrRefusedWhateverByteIsWrong) {
  for (std::size_t i = 0; i < small_trace.size(); ++i) {
    for (char const c : {'\0', '\n', ' ', '(', ')', ',', '<', '"', '0', '9', '\xff'}) {
      std::string text = small_trace;
      text[i] = c;
      SCOPED_TRACE(std::to_string(i) + " becomes " + std::to_string(static_cast<int>(c)));
      import_or_refuse(text);
    }
  }
}

TEST(HostileTrace, IsImportedOrRefusedHoweverItsLinesAreMixed) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < small_trace.size();) {
    std::size_t const end = small_trace.find('\n', at) + 1;
    lines.push_back(small_trace.substr(at, end - at));
    at = end;
  }
  std::mt19937 random(1);
  for (int round = 0; round < 2000 && !HasFailure(); ++round) {
    std::string text;
    for (std::size_t i = 0; i < 20; ++i) text += lines[random() % lines.size()];
    SCOPED_TRACE(text);
    import_or_refuse(text);
  }
}

// ---- Files -----------------------------------------------------------------------------------

class TraceFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string const name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = std::filesystem::temp_directory_path() /
              (name + "-" + std::to_string(std::random_device()()));
    ASSERT_TRUE(std::filesystem::create_directory(folder_));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(std::string_view bytes) {
    std::string const path = (folder_ / "trace").string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  static std::string bytes_of(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_;
};

TEST_F(TraceFile, IsReadWhetherItIsCompressedOrNot) {
  Parsed<std::string> const plain = read_trace_file(write(small_trace));
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, small_trace);

  std::string const path = (folder_ / "trace.gz").string();
  gzFile const file = gzopen(path.c_str(), "wb");
  ASSERT_NE(gzwrite(file, small_trace.data(), static_cast<unsigned>(small_trace.size())), 0);
  ASSERT_EQ(gzclose(file), Z_OK);
  Parsed<std::string> const compressed = read_trace_file(path);
  ASSERT_TRUE(compressed);
  EXPECT_EQ(*compressed, small_trace);
}

TEST_F(TraceFile, IsRefusedWhenItIsDamaged) {
  std::string const whole = bytes_of(traces / "compiler.strace.gz");
  ASSERT_GT(whole.size(), 100U);
  Parsed<std::string> const half = read_trace_file(write(whole.substr(0, whole.size() / 2)));
  ASSERT_FALSE(half);
  EXPECT_EQ(half.malformed().message, "the compressed data is damaged or cut off");
  EXPECT_GT(half.malformed().line, 1U);

  std::string flipped = whole;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);
  EXPECT_FALSE(read_trace_file(write(flipped)));
}

TEST_F(TraceFile, IsRefusedWhenThereIsNone) {
  EXPECT_EQ(read_trace_file((folder_ / "none").string()).malformed().message,
            "cannot open: No such file or directory");
  EXPECT_EQ(read_trace_file(folder_.string()).malformed().message, "this is no regular file");
}

TEST_F(TraceFile, IsRefusedWhenItIsTooLarge) {
  Parsed<std::string> const text = read_trace_file(write(small_trace), 20);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.malformed().message, "the trace is larger than 20 bytes");
  EXPECT_TRUE(read_trace_file(write(small_trace), small_trace.size()));
}

}  // namespace
}  // namespace twinwalk::tools
