// Every committed sequence: what it was written for holds on the shipped engine, and what it shows
// of a known-bad engine is still shown, by the oracle that it names.
//
// A sequence that a known-bad engine must fail says so in two comments: `# oracle: NAME` and
// `# engine: NAME`.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/codec.hpp"
#include "fuzz/generator.hpp"
#include "fuzz/minimize.hpp"
#include "fuzz/runner.hpp"
#include "fuzz/text.hpp"

namespace twinwalk::fuzz {
namespace {

struct Entry {
  std::string name;  // as in a test's name
  std::string path;
  std::string text;
  std::string oracle;  // empty when every engine must pass it
  std::string engine;

  friend void PrintTo(Entry const& entry, std::ostream* out) { *out << entry.path; }
};

// What follows `# KEY: ` in a line of the comments.
std::string said_in_comment(std::string const& text, std::string_view key) {
  std::istringstream lines(text);
  std::string const begin = "# " + std::string(key) + ": ";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(begin)) return line.substr(begin.size());
  }
  return {};
}

std::vector<Entry> entries_under(std::string const& folder) {
  namespace fs = std::filesystem;
  fs::path const root = fs::path(TWINWALK_SOURCE_DIR) / "corpus";
  std::vector<Entry> out;
  for (auto const& file : fs::recursive_directory_iterator(root / folder)) {
    if (file.path().extension() != ".ops") continue;
    Entry entry;
    entry.path = fs::relative(file.path(), root).string();
    entry.name = fs::path(entry.path).replace_extension().string();
    std::replace_if(
        entry.name.begin(), entry.name.end(), [](unsigned char c) { return std::isalnum(c) == 0; },
        '_');
    std::ifstream stream(file.path());
    std::ostringstream text;
    text << stream.rdbuf();
    entry.text = text.str();
    entry.oracle = said_in_comment(entry.text, "oracle");
    entry.engine = said_in_comment(entry.text, "engine");
    out.push_back(entry);
  }
  std::sort(out.begin(), out.end(), [](Entry const& a, Entry const& b) { return a.path < b.path; });
  return out;
}

std::vector<Entry> whole_corpus() {
  std::vector<Entry> out = entries_under("seeds");
  for (Entry& entry : entries_under("regressions")) out.push_back(std::move(entry));
  return out;
}

std::vector<Entry> known_bad() {
  std::vector<Entry> out = entries_under("regressions");
  std::erase_if(out, [](Entry const& entry) { return entry.engine.empty(); });
  return out;
}

Sequence parsed(Entry const& entry) {
  Sequence out;
  auto const error = parse(entry.text, known_formats(), out);
  EXPECT_FALSE(error) << entry.path << ':' << error->line << ':' << error->column << ": "
                      << error->message;
  return out;
}

std::optional<Finding> run(Runner& runner, Sequence const& sequence, std::size_t checkpoint_every) {
  return runner.run(sequence, {.checkpoint_every = checkpoint_every, .judge_expectations = true});
}

std::string name_of(testing::TestParamInfo<Entry> const& info) { return info.param.name; }

class Corpus : public testing::TestWithParam<Entry> {};

TEST_P(Corpus, HoldsOnTheShippedEngine) {
  Sequence const sequence = parsed(GetParam());
  auto const runner = make_runner(sequence.format, shipped_engine);
  ASSERT_NE(runner, nullptr);
  for (std::size_t const every : {std::size_t{1}, std::size_t{0}}) {
    auto const found = run(*runner, sequence, every);
    ASSERT_FALSE(found) << runner->explain(*found);
  }
}

TEST_P(Corpus, SurvivesTextAndBytes) {
  Sequence const sequence = parsed(GetParam());
  Sequence from_bytes;
  decode(encode(sequence), known_formats(), from_bytes);
  EXPECT_EQ(from_bytes, sequence);
  Sequence from_text;
  ASSERT_FALSE(parse(print(sequence, known_formats()), known_formats(), from_text));
  EXPECT_EQ(from_text, sequence);
}

INSTANTIATE_TEST_SUITE_P(Each, Corpus, testing::ValuesIn(whole_corpus()), name_of);

class KnownBad : public testing::TestWithParam<Entry> {};

TEST_P(KnownBad, IsFoundByTheOracleThatItNames) {
  Entry const& entry = GetParam();
  Sequence const sequence = parsed(entry);
  auto const runner = make_runner(sequence.format, entry.engine);
  ASSERT_NE(runner, nullptr) << entry.engine;
  auto const found = run(*runner, sequence, 16);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->oracle, entry.oracle) << found->what;
  EXPECT_EQ(found->op + 1, sequence.ops.size()) << "operations after the one that shows it";
  std::string const report = runner->explain(*found);
  for (char const* part : {"oracle ", "objection ", "operation ", "verdict ", "because "}) {
    EXPECT_NE(report.find(part), std::string::npos) << part << "is missing in\n" << report;
  }
}

TEST_P(KnownBad, CannotBeSmaller) {
  Entry const& entry = GetParam();
  Sequence const sequence = parsed(entry);
  auto const runner = make_runner(sequence.format, entry.engine);
  ASSERT_NE(runner, nullptr) << entry.engine;
  auto const small = minimize(sequence, [&](Sequence const& tried) {
    auto const found = run(*runner, tried, 16);
    return found && found->oracle == entry.oracle;
  });
  EXPECT_EQ(small.sequence.ops.size(), sequence.ops.size())
      << print(small.sequence, known_formats());
}

INSTANTIATE_TEST_SUITE_P(Each, KnownBad, testing::ValuesIn(known_bad()), name_of);

TEST(BlogEngine, HasEachOfItsFaultsOnFile) {
  std::set<std::string> oracles;
  for (Entry const& entry : known_bad()) {
    if (entry.engine == "blog") oracles.insert(entry.oracle);
  }
  EXPECT_EQ(oracles, (std::set<std::string>{"walker-agrees", "result-agrees", "stays-in-memory"}));
}

TEST(BlogEngine, ShowsEachOfItsFaultsToTheGenerator) {
  auto const runner = make_runner(0, "blog");
  ASSERT_NE(runner, nullptr);
  std::set<std::string> missing{"walker-agrees", "result-agrees", "stays-in-memory"};
  GeneratorOptions options;
  options.format = 0;
  Sequence sequence;
  for (std::uint64_t seed = 1; seed <= 200 && !missing.empty(); ++seed) {
    generate(seed, options, sequence);
    if (auto const found = runner->run(sequence, {})) missing.erase(found->oracle);
  }
  EXPECT_TRUE(missing.empty()) << *missing.begin();
}

TEST(BlogEngine, IsToldFromTheShippedOneByItsReport) {
  auto const runner = make_runner(0, "blog");
  ASSERT_NE(runner, nullptr);
  auto const report_on = [&](char const* text) {
    Sequence sequence;
    EXPECT_FALSE(parse(text, known_formats(), sequence));
    auto const found = runner->run(sequence, {});
    return found ? runner->explain(*found) : std::string();
  };
  EXPECT_NE(report_on("format x86_64-4\nmap 0x1000 4K r-xu -> 0x0\n")
                .find("the leaf grants USER, and the table entry withholds it at level 4 3 2"),
            std::string::npos);
  EXPECT_NE(report_on("format x86_64-4\nmap_region 0x0 0x1000 r-x -> 0x0\n"
                      "map 0x0 4K r-x -> 0x1000\n")
                .find("map fills holes alone, and level 1"),
            std::string::npos);
  EXPECT_NE(report_on("format x86_64-4\nmap 0x0 2M r-x -> 0x200000\nmap 0x0 4K r-x -> 0x0\n")
                .find("0x200000 lies in the page that the leaf of level 2 maps"),
            std::string::npos);
}

}  // namespace
}  // namespace twinwalk::fuzz
