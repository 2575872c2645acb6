// Commands that run sequences: fuzz, replay, minimize, import and corpus, end to end.
#include <string>
#include <vector>

#include "engine/formats.hpp"
#include "tests/tools/command.hpp"

namespace twinwalk::tests {
namespace {

using nlohmann::json;
using RunSequences = CommandTest;

// The engine of the blog maps over what stands there, in silence. Its regions are the shipped
// engine's, so nothing else is wrong before.
std::string const overwrites =
    "format x86_64-4\n"
    "map_region 0x200000 0x200000 rw- -> 0x400000\n"
    "map_region 0x7000 0x1000 rw- -> 0x1000\n"
    "query 0x7000\n"
    "map 0x7000 4K r-- -> 0x2000\n"
    "unmap 0x7000\n";

TEST_F(RunSequences, TheSeedsHold) {
  Ran const ran = twinwalk({"replay", source("corpus/seeds"), "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_GT(ran.json()["run"], 10);
  EXPECT_EQ(ran.json()["findings"], json::array());
}

TEST_F(RunSequences, AnUnmetExpectationIsAFinding) {
  std::string const text = file("a.ops", "format x86_64-4\nquery 0x1000 expect ok\n");
  Ran const ran = twinwalk({"replay", text});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("expectation-met"), std::string::npos) << ran.out;
}

TEST_F(RunSequences, ReplayExplainsWhatItFinds) {
  std::string const text = file("a.ops", overwrites);
  EXPECT_EQ(twinwalk({"replay", text}).exit, 0);
  Ran const ran = twinwalk({"replay", text, "--engine", "blog"});
  EXPECT_EQ(ran.exit, 1);
  for (char const* part : {"-> #3    map     0x7000 4K r-- -> 0x2000", "oracle     result-agrees",
                           "flat map   AlreadyMapped", "walker",
                           "4-KByte page frame=", "reproduce  twinwalk replay ", "--engine blog"}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << "\n" << ran.out;
  }
  Ran const as_json = twinwalk({"replay", text, "--engine", "blog", "--json"});
  json const finding = as_json.json()["findings"][0];
  EXPECT_EQ(finding["oracle"], "result-agrees");
  EXPECT_EQ(finding["shows_after"], 3);
  EXPECT_EQ(finding["engine"], "blog");
}

TEST_F(RunSequences, MinimizeKeepsTheOracleAndDropsTheRest) {
  std::string const text = file("a.ops", overwrites);
  Ran const ran = twinwalk({"minimize", text, "--engine", "blog", "-o", "small/b.ops", "--json"});
  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_EQ(ran.json()["operations_before"], 5);
  EXPECT_EQ(ran.json()["finding"]["operations"], 2);
  EXPECT_EQ(ran.json()["finding"]["oracle"], "result-agrees");
  EXPECT_EQ(files_in("small"), std::vector<std::string>{"b.ops"});
  EXPECT_EQ(twinwalk({"replay", "small/b.ops", "--engine", "blog"}).exit, 1);
  EXPECT_EQ(twinwalk({"replay", "small/b.ops"}).exit, 0);
}

TEST_F(RunSequences, MinimizeOfWhatHoldsWritesNothing) {
  std::string const text = file("a.ops", "format x86_64-4\nquery 0x1000\n");
  Ran const ran = twinwalk({"minimize", text, "-o", "b.ops"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(files_in(""), std::vector<std::string>{"a.ops"});
}

TEST_F(RunSequences, SeededFuzzingHoldsAndCounts) {
  std::string const runs = std::to_string(200 * AllFormats::size);
  Ran const ran = twinwalk({"fuzz", "--backend", "seeded", "--runs", runs, "--jobs", "2",
                            "--corpus", source("corpus/seeds"), "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err;
  json const report = ran.json();
  ASSERT_EQ(report["formats"].size(), AllFormats::size);
  EXPECT_EQ(report["formats"][0]["runs"], 200);
  EXPECT_GT(report["formats"][0]["operations"], 1000);
  EXPECT_GT(report["formats"][0]["share_on_mapped_state"], 0.1);
  EXPECT_EQ(report["findings"], json::array());
  EXPECT_TRUE(files_in("").empty());
}

TEST_F(RunSequences, FuzzingTheBlogsEngineFindsFilesAndExplains) {
  std::vector<std::string> const command{
      "fuzz", "--engine",    "blog",  "--backend", "seeded", "--runs",       "3000", "--jobs",
      "1",    "--no-corpus", "--out", "found",     "--json", "--stop-after", "2"};
  Ran const ran = twinwalk(command);
  ASSERT_EQ(ran.exit, 1) << ran.err;
  json const findings = ran.json()["findings"];
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(files_in("found").size(), 2U);
  for (json const& finding : findings) {
    EXPECT_LE(finding["operations"], 3);
    Ran const again =
        twinwalk({"replay", finding["file"].get<std::string>(), "--engine", "blog", "--json"});
    EXPECT_EQ(again.exit, 1);
    EXPECT_EQ(again.json()["findings"][0]["oracle"], finding["oracle"]);
  }
  // One worker and one seed: the same again, to the last word.
  EXPECT_EQ(twinwalk(command).json()["findings"], findings);
}

TEST_F(RunSequences, WithoutTheFuzzersBinaryItsBackendGivesNoAnswer) {
  std::filesystem::path const beside =
      std::filesystem::path(TWINWALK_BINARY).parent_path() / "fuzz_ops";
  if (std::filesystem::exists(beside)) GTEST_SKIP() << "fuzz_ops is built here";
  Ran const ran = twinwalk({"fuzz", "--backend", "libfuzzer", "--time", "1"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.error_lines(), 1U);
}

TEST_F(RunSequences, LibFuzzerFindsWhatTheSeededBackendFinds) {
  std::filesystem::path const beside =
      std::filesystem::path(TWINWALK_BINARY).parent_path() / "fuzz_ops";
  if (!std::filesystem::exists(beside)) GTEST_SKIP() << "fuzz_ops is not built here";
  Ran const ran = twinwalk({"fuzz", "--engine", "blog", "--backend", "libfuzzer", "--time", "60",
                            "--jobs", "1", "--corpus", source("corpus/seeds"), "--out", "found",
                            "--stop-after", "1", "--json"});
  ASSERT_EQ(ran.exit, 1) << ran.out << ran.err;
  EXPECT_EQ(ran.json()["backend"], "libfuzzer");
  EXPECT_EQ(files_in("found").size(), 1U);
  EXPECT_GT(ran.json()["formats"][0]["runs"], 0);
}

TEST_F(RunSequences, SequencesSurviveTheWayThroughTheBinaryForm) {
  file("a.ops", overwrites);
  file("b.ops", "format x86_64-5\nmachine frames=9\nmap 0x1000 4K rwx -> 0x0 expect ok\n");
  EXPECT_EQ(twinwalk({"corpus", "export", "a.ops", "b.ops", "-o", "binary"}).exit, 0);
  EXPECT_EQ(twinwalk({"corpus", "import", "binary", "-o", "text"}).exit, 0);
  json const before = twinwalk({"corpus", "stats", "a.ops", "b.ops", "--json"}).json();
  json const after = twinwalk({"corpus", "stats", "text", "--json"}).json();
  EXPECT_EQ(before, after);
  EXPECT_EQ(before["operations"], 6);
  EXPECT_EQ(before["kinds"]["map"], 2);
  EXPECT_EQ(before["kinds"]["map_region"], 2);
  EXPECT_EQ(before["formats"], (json{{"x86_64-4", 1}, {"x86_64-5", 1}}));
  EXPECT_EQ(twinwalk({"replay", "binary/a", "--engine", "blog"}).exit, 1);
}

TEST_F(RunSequences, MergeDropsWhatIsThereTwice) {
  file("a.ops", overwrites);
  file("b.ops", "# the same\n" + overwrites);
  Ran const ran = twinwalk({"corpus", "merge", "a.ops", "b.ops", "-o", "merged", "--json"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.json()["read"], 2);
  EXPECT_EQ(ran.json()["written"], 1);
  EXPECT_EQ(files_in("merged").size(), 1U);
}

TEST_F(RunSequences, ATraceBecomesSequencesThatHold) {
  std::string const trace = file("prog.strace",
                                 "7 execve(\"/bin/prog\", [\"prog\"], 0x1 /* 2 vars */) = 0\n"
                                 "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, "
                                 "MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000\n"
                                 "7 mprotect(0x7f0000000000, 4096, PROT_READ) = 0\n"
                                 "7 munmap(0x7f0000001000, 4096) = 0\n"
                                 "7 exit_group(0) = ?\n"
                                 "7 +++ exited with 0 +++\n");
  Ran const ran = twinwalk({"import", trace, "-o", "ops", "--ops-min", "1", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  ASSERT_EQ(ran.json()["spaces"].size(), 1U);
  EXPECT_EQ(ran.json()["spaces"][0]["program"], "prog");
  ASSERT_EQ(files_in("ops").size(), 1U);
  EXPECT_EQ(twinwalk({"replay", "ops"}).exit, 0);
  // On another format, straight from the trace.
  EXPECT_EQ(twinwalk({"replay", trace, "--format", "x86_64-5"}).exit, 0);
}

}  // namespace
}  // namespace twinwalk::tests
