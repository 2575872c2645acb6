#include <fmt/core.h>

#include <array>
#include <cctype>

#include "proofs/verdict.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/files.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/process.hpp"

namespace twinwalk::tools {
namespace {

// A program that this project can use, and what it is for. `sibling` lies beside `twinwalk`.
struct Aid {
  std::string_view name;
  std::string_view argument;  // makes it print its version; empty: it is not run
  std::string_view gives;
  bool sibling = false;
};

constexpr std::array aids{
    Aid{"fuzz_ops", "", "`fuzz --backend libfuzzer`, `corpus merge`", true},
    Aid{"clang++-19", "--version", "builds everything: sanitizers, libFuzzer, coverage"},
    Aid{"g++", "--version", "the second compiler"},
    Aid{"ld.lld-19", "--version", "links what clang++-19 builds"},
    Aid{"cmake", "--version", "configures every build"},
    Aid{"ninja", "--version", "runs every build"},
    Aid{"ccache", "--version", "builds the second time faster"},
    Aid{"python3", "--version", "the tests of the repository"},
    Aid{"clang-format-19", "--version", "`./dev format`"},
    Aid{"clang-tidy-19", "--version", "`./dev lint`"},
    Aid{"llvm-cov-19", "--version", "`./dev coverage`"},
    Aid{"llvm-symbolizer-19", "--version", "readable stacks in sanitizer reports"},
    Aid{"strace", "-V", "traces of real programs for `twinwalk import`"},
    Aid{"afl-fuzz", "-h", "a second fuzzing engine"},
    Aid{"cvc5", "--version", "a second solver, `prove --solver both`"},
    Aid{"qemu-system-x86_64", "--version", "an MMU that others wrote, to judge ours"},
    Aid{"bochs", "--help", "another MMU, with exact x86 fault codes"},
};

// The first line that has a digit in it, which is where programs put their version.
std::string version_of(Aid const& aid, std::string const& path) {
  std::string version;
  run_program({{path, std::string(aid.argument)}, {}}, [&](std::string_view line) {
    bool digit = false;
    for (char c : line) digit |= std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (version.empty() && digit) version = one_line(line);
    return true;
  });
  return version;
}

std::string path_of(Aid const& aid) {
  std::error_code error;
  std::string const name(aid.name);
  if (aid.sibling) {
    std::filesystem::path const path = program_folder() / name;
    return std::filesystem::exists(path, error) ? path.string() : "";
  }
  char const* const variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "/usr/bin:/bin" : variable;
  while (!folders.empty()) {
    std::size_t const end = std::min(folders.find(':'), folders.size());
    std::filesystem::path const path = std::filesystem::path(folders.substr(0, end)) / name;
    if (std::filesystem::is_regular_file(path, error)) return path.string();
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return {};
}

// What is installed, and what each missing program would give.
class Doctor final : public Command {
 public:
  void declare(CLI::App& app) override { add_json(app, json_); }

  Exit run() override {
    Json list = Json::array();
    for (Aid const& aid : aids) {
      std::string const path = path_of(aid);
      bool const asked = !path.empty() && !aid.argument.empty();
      std::string const version = asked ? version_of(aid, path) : "";
      if (json_) {
        Json item{{"name", aid.name}, {"installed", !path.empty()}, {"gives", aid.gives}};
        if (!path.empty()) item["path"] = path;
        if (!version.empty()) item["version"] = version;
        list.push_back(std::move(item));
      } else if (path.empty()) {
        fmt::print("missing  {:<20}would give: {}\n", aid.name, aid.gives);
      } else {
        fmt::print("found    {:<20}{}\n", aid.name, version.empty() ? path : version);
      }
    }
    add_library("libz3", proofs::z3_version(), "the proofs", list);
    if (json_) print_json(Json{{"programs", std::move(list)}});
    return Exit::held;
  }

 private:
  // A library that this program is linked with is there, or nobody could ask.
  void add_library(std::string_view name, std::string const& version, std::string_view gives,
                   Json& list) const {
    if (json_) {
      list.push_back(
          Json{{"name", name}, {"installed", true}, {"gives", gives}, {"version", version}});
    } else {
      fmt::print("found    {:<20}{}\n", name, version);
    }
  }

  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_doctor() { return std::make_unique<Doctor>(); }

}  // namespace twinwalk::tools
