#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fuzz/codec.hpp"
#include "fuzz/text.hpp"

namespace twinwalk::fuzz {
namespace {

struct Seed {
  std::string name;
  std::string text;
};

std::vector<Seed> seeds() {
  std::vector<Seed> out;
  std::filesystem::path const folder = std::filesystem::path(TWINWALK_SOURCE_DIR) / "corpus/seeds";
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".ops") continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    out.push_back({entry.path().filename().string(), text.str()});
  }
  std::sort(out.begin(), out.end(), [](Seed const& a, Seed const& b) { return a.name < b.name; });
  return out;
}

Sequence parsed(Seed const& seed) {
  Sequence out;
  auto const error = parse(seed.text, known_formats(), out);
  EXPECT_FALSE(error) << seed.name << ':' << error->line << ':' << error->column << ": "
                      << error->message;
  return out;
}

TEST(Seeds, EachReadsAndSaysFirstWhatItIsAbout) {
  std::vector<Seed> const all = seeds();
  EXPECT_GE(all.size(), 20u);
  for (Seed const& seed : all) {
    EXPECT_TRUE(seed.text.starts_with("# ")) << seed.name;
    EXPECT_GE(parsed(seed).ops.size(), 3u) << seed.name;
  }
}

TEST(Seeds, SurviveTheBinaryFormThatFuzzersKeep) {
  Sequence back;
  for (Seed const& seed : seeds()) {
    Sequence const sequence = parsed(seed);
    decode(encode(sequence), known_formats(), back);
    EXPECT_EQ(back, sequence) << seed.name;
  }
}

TEST(Seeds, TogetherUseEveryOperation) {
  std::set<OpKind> used;
  for (Seed const& seed : seeds()) {
    for (Op const& op : parsed(seed).ops) used.insert(op.kind);
  }
  for (OpInfo const& entry : op_table) EXPECT_TRUE(used.contains(entry.kind)) << entry.name;
}

TEST(Seeds, TogetherExpectEveryOutcome) {
  std::set<Expectation> expected;
  for (Seed const& seed : seeds()) {
    for (Op const& op : parsed(seed).ops) expected.insert(op.expect);
  }
  EXPECT_EQ(expected.size(), static_cast<std::size_t>(expectation_count));
}

}  // namespace
}  // namespace twinwalk::fuzz
