// The command `prove`: what it refuses, how it ends, what it prints and what it leaves behind.
// Whether the theorems hold is not asked here, but of one that takes a moment.
#include <cstdlib>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "proofs/second_solver.hpp"
#include "tests/tools/command.hpp"
#include "tools/support/proof_report.hpp"
#include "tools/support/proof_run.hpp"

namespace twinwalk::tests {
namespace {

using nlohmann::json;
using proofs::Job;
using proofs::JobResult;
using proofs::ProverOptions;
using proofs::TheoremResult;
using proofs::Verdict;
using tools::Exit;
using tools::ProofRun;
using Prove = CommandTest;

// ---- The command line ------------------------------------------------------------------------

TEST_F(Prove, WrongUsageIsOneLineAndExit2) {
  std::vector<std::vector<std::string>> const wrong{
      {"--theorem", "goldbach"}, {"--theorem"}, {"--format", "pdp11"}, {"--solver", "oracle"},
      {"--jobs", "0"},           {"--smt2"},    {"decode-agrees"},
  };
  for (std::vector<std::string> const& options : wrong) {
    std::vector<std::string> arguments{"prove"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    Ran const ran = twinwalk(arguments);
    EXPECT_EQ(ran.exit, 2) << options[0] << ran.err;
    EXPECT_EQ(ran.error_lines(), 1U) << options[0] << ran.err;
    EXPECT_EQ(ran.out, "") << options[0];
  }
  EXPECT_NE(twinwalk({"prove", "--theorem", "goldbach"}).err.find("'goldbach'"), std::string::npos);
  EXPECT_EQ(twinwalk({"prove", "--theorem", "walker-agrees", "--without-calls"}).exit, 2);
  EXPECT_TRUE(files_in("").empty());
}

TEST_F(Prove, HelpNamesTheCommand) {
  EXPECT_NE(twinwalk({"--help"}).out.find("\n  prove"), std::string::npos);
  EXPECT_EQ(twinwalk({"prove", "--help"}).exit, 0);
}

TEST_F(Prove, AFolderThatCannotBeMadeIsTheEnvironmentsFault) {
  Ran const ran = twinwalk({"prove", "--theorem", "decode-agrees", "--smt2", file("a", "") + "/b"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.error_lines(), 1U) << ran.err;
  EXPECT_EQ(ran.out, "");
}

TEST_F(Prove, OneTheoremOfOneFormatIsProvedAlone) {
  std::vector<std::string> const command{"prove",     "--format",      "x86_64-4",
                                         "--theorem", "decode-agrees", "--json"};
  Ran const ran = twinwalk(command);
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err;
  json const report = ran.json();
  ASSERT_EQ(report["theorems"].size(), 1U);
  json const theorem = report["theorems"][0];
  EXPECT_EQ(theorem["name"], "decode-agrees");
  EXPECT_EQ(theorem["format"], "x86_64-4");
  EXPECT_EQ(theorem["verdict"], "proved");
  EXPECT_GT(theorem["obligations"], theorem["by_simplification"]);
  EXPECT_EQ(theorem["paths"], 0);
  EXPECT_LE(theorem["slowest_query_seconds"], theorem["seconds"]);
  EXPECT_EQ(theorem["solvers"], json{"z3"});
  EXPECT_EQ(theorem["refutations"], json::array());
  EXPECT_EQ(theorem["unknown"], json::array());
  ASSERT_EQ(report["jobs"].size(), 1U);
  EXPECT_EQ(report["jobs"][0]["what"], "decode-agrees");
  EXPECT_EQ(report["proved"], 1);
  EXPECT_EQ(report["refuted"], 0);
  EXPECT_EQ(report["unknown"], 0);
  EXPECT_TRUE(files_in("").empty());
}

TEST_F(Prove, EveryFormatIsProvedUnlessOneIsNamed) {
  Ran const ran = twinwalk({"prove", "--theorem", "decode-agrees"});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err;
  std::set<std::string> formats;
  for (Job const& job : proofs::all_jobs()) formats.insert(job.format);
  EXPECT_NE(ran.out.find("\n" + std::to_string(formats.size()) + " proved, 0 refuted, 0 unknown; "),
            std::string::npos)
      << ran.out;
}

TEST_F(Prove, EveryQueryIsWrittenWholeWhereItIsAskedFor) {
  Ran const ran = twinwalk(
      {"prove", "--format", "x86_64-4", "--theorem", "decode-agrees", "--smt2", "deep/queries"});
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err;
  std::vector<std::string> const names = files_in("deep/queries");
  EXPECT_FALSE(names.empty());
  for (std::string const& name : names) {
    EXPECT_TRUE(name.ends_with(".smt2")) << name;
    EXPECT_TRUE(name.starts_with("decode-agrees.x86_64-4.")) << name;
    EXPECT_NE(slurp(folder() / "deep/queries" / name).find("(check-sat)"), std::string::npos);
  }
}

TEST_F(Prove, ASecondSolverAgrees) {
  if (!proofs::has_second_solver()) GTEST_SKIP() << "needs the Debian package cvc5";
  Ran const both = twinwalk({"prove", "--format", "x86_64-4", "--theorem", "decode-agrees",
                             "--solver", "both", "--json"});
  EXPECT_EQ(both.exit, 0) << both.out << both.err;
  json const theorem = both.json()["theorems"][0];
  EXPECT_EQ(theorem["solvers"], (json{"z3", "cvc5"}));
  // The others are simplified away, or claim that something is possible, which a model shows.
  EXPECT_GE(theorem["checked_by_second"], 4);
  EXPECT_EQ(twinwalk({"prove", "--theorem", "decode-agrees", "--solver", "cvc5"}).exit, 0);
}

TEST_F(Prove, WithoutASecondSolverItsAnswerCannotBeHad) {
  // Whatever is installed here: nothing is found along an empty path.
  char const* const found = std::getenv("PATH");
  std::string const path = found == nullptr ? "" : found;
  ::setenv("PATH", folder().c_str(), 1);
  for (char const* solver : {"cvc5", "both"}) {
    Ran const ran = twinwalk({"prove", "--theorem", "decode-agrees", "--solver", solver});
    EXPECT_EQ(ran.exit, 3);
    EXPECT_NE(ran.err.find("package cvc5"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.error_lines(), 1U) << ran.err;
  }
  ::setenv("PATH", path.c_str(), 1);
}

TEST_F(Prove, ListNamesEveryTheorem) {
  json const list = twinwalk({"list", "theorems", "--json"}).json()["theorems"];
  std::vector<proofs::TheoremInfo> const known = proofs::all_theorems();
  ASSERT_EQ(list.size(), known.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    EXPECT_EQ(list[i]["name"], known[i].name);
    EXPECT_EQ(list[i]["summary"], known[i].statement);
  }
}

TEST_F(Prove, DoctorNamesBothSolvers) {
  std::set<std::string> names;
  json const answer = twinwalk({"doctor", "--json"}).json();
  for (json const& item : answer["programs"]) names.insert(item["name"].get<std::string>());
  EXPECT_TRUE(names.contains("libz3"));
  EXPECT_TRUE(names.contains("cvc5"));
}

// ---- How it ends -----------------------------------------------------------------------------

TheoremResult result(std::string theorem, std::size_t obligations) {
  TheoremResult result;
  result.theorem = std::move(theorem);
  result.format = "x86_64-4";
  result.obligations = obligations;
  return result;
}

TEST(ProveExit, IsHeldOnlyWhereEveryTheoremIsProved) {
  TheoremResult const proved = result("walker-agrees", 3);
  TheoremResult refuted = result("walker-agrees", 3);
  refuted.refutations.push_back({"walker-agrees", "map 4K", "no", {}});
  TheoremResult unknown = result("walker-agrees", 3);
  unknown.unknown.emplace_back("map 4K");
  TheoremResult disputed = unknown;
  disputed.disagreements = 1;
  EXPECT_EQ(tools::exit_of({proved, proved}), Exit::held);
  EXPECT_EQ(tools::exit_of({proved, refuted}), Exit::finding);
  EXPECT_EQ(tools::exit_of({unknown, refuted}), Exit::finding);
  EXPECT_EQ(tools::exit_of({proved, unknown}), Exit::environment);
  EXPECT_EQ(tools::exit_of({disputed, proved}), Exit::finding);
  // That nothing was claimed is no proof.
  EXPECT_EQ(tools::exit_of({}), Exit::environment);
  EXPECT_EQ(tools::exit_of({result("walker-agrees", 0)}), Exit::environment);
}

// ---- Jobs ------------------------------------------------------------------------------------

Job job(std::string what, std::vector<std::string> theorems,
        std::function<JobResult(ProverOptions const&)> run) {
  return {"x86_64-4", proofs::JobKind::call, std::move(what), std::move(theorems), std::move(run)};
}

ProofRun run(std::vector<Job> const& jobs, std::size_t at_once = 1, ProverOptions options = {}) {
  return tools::run_proofs(jobs, options, at_once,
                           [](std::size_t, std::size_t, proofs::Job const&) {});
}

JobResult proves(std::string const& theorem, int paths) {
  return {{result(theorem, 1)}, paths, 0.5};
}

TEST(ProveJobs, AreThoseThatSaySomethingOfATheoremThatIsAskedFor) {
  auto const nothing = [](ProverOptions const&) { return JobResult{}; };
  std::vector<Job> jobs{job("map", {"walker-agrees", "frames-balance"}, nothing),
                        job("decode", {"decode-agrees"}, nothing)};
  auto const about = [&](tools::ProofChoice const& choice) {
    return tools::jobs_about(jobs, choice);
  };
  EXPECT_EQ(about({}).size(), 2U);
  EXPECT_EQ(about({.format = "x86_64-4", .theorems = {"decode-agrees"}}).size(), 1U);
  EXPECT_EQ(about({.theorems = {"frames-balance"}})[0].what, "map");
  EXPECT_TRUE(about({.format = "x86_64-5"}).empty());
  jobs[1].kind = proofs::JobKind::layout;
  ASSERT_EQ(about({.calls = false}).size(), 1U);
  EXPECT_EQ(about({.calls = false})[0].what, "decode");
}

TEST(ProveJobs, GiveTheSameWhateverRunsAtOnce) {
  std::vector<Job> jobs;
  for (int i = 0; i < 20; ++i) {
    std::string const what = "call " + std::to_string(i);
    jobs.push_back(job(what, {"walker-agrees"}, [=](ProverOptions const&) {
      JobResult made = proves("walker-agrees", i);
      made.theorems[0].unknown.push_back(what);
      return made;
    }));
  }
  ProofRun const one = run(jobs, 1);
  for (std::size_t at_once : {std::size_t{2}, std::size_t{7}, std::size_t{50}}) {
    ProofRun const many = run(jobs, at_once);
    EXPECT_EQ(many.theorems[0].unknown, one.theorems[0].unknown);
    ASSERT_EQ(many.jobs.size(), jobs.size());
    for (int i = 0; i < 20; ++i) EXPECT_EQ(many.jobs[static_cast<std::size_t>(i)].paths, i);
  }
}

TEST(ProveJobs, OneThatThrowsLeavesItsTheoremsUnknownByName) {
  ProofRun const ran =
      run({job("map 4K", {"walker-agrees"}, [](auto const&) { return proves("walker-agrees", 1); }),
           job("unmap", {"walker-agrees", "frames-balance"}, [](auto const&) -> JobResult {
             throw std::runtime_error("the path does not end");
           })});
  ASSERT_EQ(ran.theorems.size(), 2U);
  for (TheoremResult const& result : ran.theorems) {
    EXPECT_EQ(result.verdict(), Verdict::unknown);
    EXPECT_EQ(result.unknown, std::vector<std::string>{"unmap: the path does not end"});
  }
  EXPECT_EQ(tools::exit_of(ran.theorems), Exit::environment);
}

TEST(ProveJobs, OneThatBreaksOffKeepsWhatItHadRefuted) {
  ProofRun const ran = run({job("unmap", {"walker-agrees", "frames-balance"}, [](auto const&) {
    JobResult made = proves("walker-agrees", 1);
    made.theorems[0].refutations.push_back({"walker-agrees", "unmap, path 1", "", {}});
    made.broken_off = "the path does not end";
    return made;
  })});
  ASSERT_EQ(ran.theorems.size(), 2U);
  EXPECT_EQ(tools::count(ran.theorems, Verdict::refuted), 1U);
  for (TheoremResult const& result : ran.theorems) {
    EXPECT_EQ(result.unknown, std::vector<std::string>{"unmap: the path does not end"});
  }
  EXPECT_EQ(tools::exit_of(ran.theorems), Exit::finding);
}

TEST(ProveJobs, ATheoremOfWhichNothingWasClaimedIsNotProved) {
  std::vector<Job> const jobs{job("map 4K", {"walker-agrees", "frames-balance"},
                                  [](auto const&) { return proves("walker-agrees", 1); })};
  ProofRun const ran = run(jobs);
  EXPECT_EQ(tools::count(ran.theorems, Verdict::proved), 1U);
  EXPECT_EQ(tools::count(ran.theorems, Verdict::unknown), 1U);
  ProverOptions options;
  options.theorems = {"walker-agrees"};
  EXPECT_EQ(run(jobs, 1, options).theorems.size(), 1U);
}

// ---- The report ------------------------------------------------------------------------------

ProofRun refuted_run() {
  return run({job("map 4K", {"walker-agrees"}, [](auto const&) {
    JobResult made = proves("walker-agrees", 4);
    proofs::MemoryFile memory;
    memory.format = "x86_64-4";
    memory.call = "unmap";
    made.theorems[0].refutations = {
        {"walker-agrees", "map 4K, path 1", "before 0x1000\nafter 0x2000\n", {}},
        {"walker-agrees", "map 4K, path 2", "another", memory}};
    return made;
  })});
}

TEST(ProveReport, ShowsWhatRefutesATheoremAndHowToRunItAgain) {
  ProofRun const ran = refuted_run();
  std::vector<tools::NewFile> const files = tools::counterexamples(ran, "found");
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, "found/walker-agrees.x86_64-4.2.mem");
  EXPECT_TRUE(files[0].content.starts_with(
      "# twinwalk memory\n# walker-agrees, x86_64-4\n# map 4K, path 2\n"))
      << files[0].content;
  std::string const text = tools::print_proofs(ran, "found");
  for (char const* part : {"refuted    walker-agrees on x86_64-4", "obligation map 4K, path 1",
                           "  after 0x2000\n", "0 proved, 1 refuted, 0 unknown; ",
                           "twinwalk replay found/walker-agrees.x86_64-4.2.mem\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  // A file that could not be written is not named.
  EXPECT_EQ(tools::print_proofs(ran, "").find("replay"), std::string::npos);
}

TEST(ProveReport, AsJsonHoldsTheSame) {
  tools::Json const report = tools::proofs_json(refuted_run(), {"z3"}, "found");
  tools::Json const theorem = report["theorems"][0];
  EXPECT_EQ(theorem["verdict"], "refuted");
  EXPECT_EQ(theorem["refutations"][0]["obligation"], "map 4K, path 1");
  EXPECT_TRUE(theorem["refutations"][0]["file"].is_null());
  EXPECT_EQ(theorem["refutations"][1]["file"], "found/walker-agrees.x86_64-4.2.mem");
  EXPECT_EQ(report["jobs"][0]["paths"], 4);
  EXPECT_EQ(report["refuted"], 1);
}

}  // namespace
}  // namespace twinwalk::tests
