// What real programs did to their memory, replayed on the shipped engine with every oracle on.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "fuzz/format_shape.hpp"
#include "fuzz/runner.hpp"
#include "tests/tools/import_support.hpp"
#include "tools/import/trace_file.hpp"

namespace twinwalk::tools {
namespace {

std::vector<std::string> recorded() {
  std::vector<std::string> names;
  auto const folder = std::filesystem::path(TWINWALK_SOURCE_DIR) / "corpus/traces";
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".gz") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Those with room for the addresses that programs had, of 47 bits.
std::vector<std::string> formats() {
  std::vector<std::string> names;
  for (fuzz::FormatShape const& shape : fuzz::known_formats()) {
    if (fuzz::half_bytes(shape) >= std::uint64_t{1} << 47) names.emplace_back(shape.name);
  }
  return names;
}

Import imported(std::string const& name, std::string const& format) {
  Parsed<std::string> const text =
      read_trace_file(std::string(TWINWALK_SOURCE_DIR) + "/corpus/traces/" + name);
  EXPECT_TRUE(text) << text.malformed().message;
  auto const options = import_options(fuzz::known_formats(), format);
  EXPECT_TRUE(options) << format;
  if (!text || !options) return {};
  return testing::import_or_fail(*text, *options);
}

class ReplayedTrace : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(ReplayedTrace, HoldsOnTheShippedEngine) {
  auto const& [name, format] = GetParam();
  Import const import = imported(name, format);
  ASSERT_FALSE(import.spaces.empty());
  fuzz::AnyRunner runner(fuzz::shipped_engine);
  std::size_t ops = 0;
  std::uint64_t calls = 0;
  for (ImportedSpace const& space : import.spaces) {
    SCOPED_TRACE(space.program);
    fuzz::Runner* const at = runner.for_sequence(space.sequence);
    ASSERT_NE(at, nullptr);
    // Whole trees are compared some thirty times in a long sequence, and often in a short one.
    std::size_t const every = std::max<std::size_t>(16, space.sequence.ops.size() / 32);
    auto const found =
        at->run(space.sequence, {.checkpoint_every = every, .judge_expectations = true});
    ASSERT_FALSE(found) << at->explain(*found);
    ops += space.sequence.ops.size();
    calls = at->statistics().operations;
    EXPECT_EQ(at->statistics().succeeded, calls);
  }
  EXPECT_GE(ops, 100U);
  EXPECT_GE(calls, ops / 3) << "hardly anything but accesses";
  RecordProperty("operations", static_cast<int>(ops));
}

INSTANTIATE_TEST_SUITE_P(Corpus, ReplayedTrace,
                         ::testing::Combine(::testing::ValuesIn(recorded()),
                                            ::testing::ValuesIn(formats())),
                         [](auto const& test) {
                           std::string const& trace = std::get<0>(test.param);
                           std::string name =
                               trace.substr(0, trace.find('.')) + "_on_" + std::get<1>(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ReplayedTraces, TogetherMapProtectUnmapAndTouch) {
  std::array<std::size_t, fuzz::op_kind_count> seen{};
  for (std::string const& name : recorded()) {
    for (ImportedSpace const& space : imported(name, "x86_64-4").spaces) {
      for (fuzz::Op const& op : space.sequence.ops) ++seen[static_cast<std::size_t>(op.kind)];
    }
  }
  for (fuzz::OpKind const kind : {fuzz::OpKind::map_region, fuzz::OpKind::protect_region,
                                  fuzz::OpKind::unmap_region, fuzz::OpKind::access}) {
    EXPECT_GE(seen[static_cast<std::size_t>(kind)], 100U) << fuzz::info(kind).name;
  }
}

}  // namespace
}  // namespace twinwalk::tools
