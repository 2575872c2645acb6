// The reader of vector tables, and the tables in corpus/vectors.
#include "models/vectors.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace twinwalk::models {
namespace {

char const* const heading =
    "| # | case | entries, top level first | access / settings | expected |\n"
    "|---|---|---|---|---|\n";

VectorResult run(std::string const& text, std::string_view arch = "x86_64") {
  std::istringstream stream(text);
  return run_vectors(arch, stream);
}
VectorResult run_row(std::string const& access, std::string const& expected,
                     std::string const& entries = "`0x2027` `0x3027` `0x4027` `0x5067`") {
  return run(heading + ("| 1 | case | " + entries + " | " + access + " | " + expected + " |\n"));
}
bool agrees(VectorResult const& result) {
  auto const* report = std::get_if<VectorReport>(&result);
  return report != nullptr && report->run == 1 && report->agree == 1;
}
VectorError error_of(VectorResult const& result) {
  auto const* error = std::get_if<VectorError>(&result);
  return error != nullptr ? *error : VectorError{-1, -1, "no error"};
}

TEST(Vectors, OfEveryArchitectureAgreeWithItsWalker) {
  ASSERT_FALSE(vector_archs().empty());
  for (std::string_view arch : vector_archs()) {
    std::string const path =
        std::string(TWINWALK_SOURCE_DIR) + "/corpus/vectors/" + std::string(arch) + ".txt";
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    VectorResult const result = run_vectors(arch, file);
    VectorError const error = error_of(result);
    ASSERT_TRUE(std::holds_alternative<VectorReport>(result))
        << path << ':' << error.line << ':' << error.column << ": " << error.message;
    VectorReport const& report = std::get<VectorReport>(result);
    for (VectorDisagreement const& row : report.disagree) {
      ADD_FAILURE() << path << ':' << row.line << ": row " << row.number << ' ' << row.title
                    << ": expected " << row.expected << ", got " << row.actual;
    }
    EXPECT_GE(report.run, 10);
    EXPECT_EQ(report.run, report.agree);
  }
}

TEST(Vectors, TellWhatTheTableExpectedAndWhatTheWalkerSaid) {
  VectorResult const result =
      run(heading + std::string("| 7 | title | 0x2027 0x3027 0x4027 0x5067 | w | PF 3 |\n"));
  VectorReport const& report = std::get<VectorReport>(result);
  EXPECT_EQ(report.run, 1);
  EXPECT_EQ(report.agree, 0);
  ASSERT_EQ(report.disagree.size(), 1U);
  EXPECT_EQ(report.disagree[0].number, "7");
  EXPECT_EQ(report.disagree[0].title, "title");
  EXPECT_EQ(report.disagree[0].line, 3);
  EXPECT_EQ(report.disagree[0].expected, "PF 0x3");
  EXPECT_EQ(report.disagree[0].actual, "OK 0x5abc 0x1000 0x0");
}

TEST(Vectors, CompareEveryNumberOfAResult) {
  EXPECT_TRUE(agrees(run_row("r", "OK 0x5abc 0x1000 0x0")));
  EXPECT_FALSE(agrees(run_row("r", "OK 0x5abd 0x1000 0x0")));
  EXPECT_FALSE(agrees(run_row("r", "OK 0x5abc 0x2000 0x0")));
  EXPECT_FALSE(agrees(run_row("r", "OK 0x5abc 0x1000 0x1")));
  EXPECT_TRUE(agrees(run_row("x; smep=1", "PF 0x11")));
  EXPECT_FALSE(agrees(run_row("x; smep=1", "PF 0x10")));
  EXPECT_FALSE(agrees(run_row("x; smep=1", "GP")));
}

TEST(Vectors, LeaveOutTheBitOnWhichProcessorsDiffer) {
  char const* const entries = "0x2027 0x3027 0x4027 0x800000000005065";
  EXPECT_TRUE(agrees(run_row("w; user=1, pke=1, pkru=4", "PF 0x27", entries)));
  EXPECT_TRUE(agrees(run_row("w; user=1, pke=1, pkru=4", "PF 0x7", entries)));
  EXPECT_FALSE(agrees(run_row("w; user=1, pke=1, pkru=4", "PF 0x25", entries)));
}

TEST(Vectors, KnowSettingsInWhateverCaseAndSpelling) {
  for (char const* access : {"x; smep=1", "X; SMEP=1", "fetch, smep", "x;smep=0x1", "x; CR4.SMEP=1",
                             "exec; Smep = 1", "`x` `smep=1`"}) {
    EXPECT_TRUE(agrees(run_row(access, "PF 0x11"))) << access;
  }
  for (char const* name : {"has1G", "1g", "gb1", "page1gb", "has_1g", "gigabyte-pages"}) {
    EXPECT_TRUE(agrees(run_row(std::string("r; ") + name + "=0", "PF 0x9", "0x2027 0x800000e7")))
        << name;
  }
  EXPECT_TRUE(agrees(run_row("r; isAMD=1", "PF 0x9", "0x2127 0x3027 0x4027 0x5067")));
  EXPECT_TRUE(agrees(
      run_row("r; M=52", "OK 0x8000000005abc 0x1000 0", "0x2027 0x3027 0x4027 0x8000000005067")));
  EXPECT_TRUE(agrees(run_row("w; cpl=3", "PF 0x7", "0x2027 0x3027 0x4027 0x5065")));
  EXPECT_TRUE(
      agrees(run_row("r; LA57=1", "OK 0x6abc 0x1000 0", "0x2027 0x3027 0x4027 0x5027 0x6067")));
}

TEST(Vectors, KnowAGeneralProtectionFaultInEveryForm) {
  for (char const* expected : {"GP", "GP 0", "GP 0x0", "#GP", "#GP(0)", "gp"}) {
    EXPECT_TRUE(agrees(run_row("r; va=0x800000000000", expected))) << expected;
  }
  EXPECT_FALSE(agrees(run_row("r; va=0x800000000000", "PF 0x0")));
}

TEST(Vectors, AreTakenFromTheirTablesAndNothingElse) {
  std::string const row = "| 1 | c | 0x2027 0x3027 0x4027 0x5067 | r | OK 0x5abc 0x1000 0 |\n";
  std::string const other =
      "| bit | name | levels | table entry | leaf entry |\n|---|---|---|---|---|\n"
      "| 0 | P | all | used | same |\n";
  VectorResult const result = run("# Title\n\nText | with a bar.\n\n" + other + "\n" + heading +
                                  row + "\nMore text.\n" + other + "\n" + row);
  ASSERT_TRUE(std::holds_alternative<VectorReport>(result)) << error_of(result).message;
  EXPECT_EQ(std::get<VectorReport>(result).run, 2);
  EXPECT_EQ(std::get<VectorReport>(result).agree, 2);
}

TEST(Vectors, MayComeWithWindowsLineEndsAndColumnsInAnotherOrder) {
  VectorResult const result =
      run("| expected | # | access | case | entries |\r\n|:--|--|--|--|--:|\r\n"
          "| PF 0x4 | 1 | r; user=1 | a \\| b | 0x0 |\r\n");
  EXPECT_TRUE(agrees(result)) << error_of(result).message;
}

struct Malformed {
  char const* access;
  char const* expected;
  char const* entries;
  int column;
  char const* message;
};

TEST(Vectors, NameTheLineAndColumnOfWhatTheyCannotRead) {
  // "| 1 | case | " is 13 bytes, so the entries begin at column 14.
  for (Malformed const& c : {
           Malformed{"r", "OK 1 2 3", "0x2027 0xg", 21, "'0xg' is no entry"},
           Malformed{"r", "OK 1 2 3", "0x10000000000000000", 14,
                     "'0x10000000000000000' is no entry"},
           Malformed{"q", "OK 1 2 3", "0x2027", 23, "unknown access 'q'"},
           Malformed{"r; smop=1", "OK 1 2 3", "0x2027", 26, "unknown setting 'smop'"},
           Malformed{"r; smep=2", "OK 1 2 3", "0x2027", 26, "the value of 'smep' is too large"},
           Malformed{"r; smep=yes", "OK 1 2 3", "0x2027", 26, "'yes' is no number"},
           Malformed{"r; M=31", "OK 1 2 3", "0x2027", 23, "m is below 32"},
           Malformed{"r; levels=3", "OK 1 2 3", "0x2027", 23, "levels is neither 4 nor 5"},
           Malformed{"r", "FINE", "0x2027", 27, "expected result is none of OK, PF and GP"},
           Malformed{"r", "OK 1 2", "0x2027", 27,
                     "OK takes an address, a page size and a PAT index"},
           Malformed{"r", "PF", "0x2027", 27, "PF takes one error code"},
           Malformed{"r", "PF 9z", "0x2027", 30, "'9z' is no number"},
           Malformed{"r", "PF many", "0x2027", 30, "'MANY' is no number"},
           Malformed{"r", "", "0x2027", 28, "no expected result"},
           Malformed{"", "PF 1", "0x2027", 24, "no access"},
           Malformed{"r", "PF 1", "1 2 3 4 5", 14, "more entries than levels"},
       }) {
    VectorError const error = error_of(run_row(c.access, c.expected, c.entries));
    EXPECT_EQ(error.message, c.message);
    EXPECT_EQ(error.line, 3) << c.message;
    EXPECT_EQ(error.column, c.column) << c.message;
  }
}

TEST(Vectors, RefuseRowsOfAnotherWidth) {
  VectorError const error = error_of(run(heading + std::string("| 1 | case | 0x0 | r |\n")));
  EXPECT_EQ(error.line, 3);
  EXPECT_EQ(error.message, "the row has 4 cells, its table 5");
}

TEST(Vectors, RefuseATextWithoutAnyAndAnUnknownArchitecture) {
  EXPECT_EQ(error_of(run("")).message, "no table of vectors");
  EXPECT_EQ(error_of(run("plain text\n\0\xff|\n")).message, "no table of vectors");
  EXPECT_EQ(error_of(run(heading)).message, "no table of vectors");
  EXPECT_EQ(error_of(run("", "vax")).message, "unknown arch 'vax'");
  EXPECT_TRUE(knows_vectors("x86_64"));
  EXPECT_FALSE(knows_vectors("vax"));
}

}  // namespace
}  // namespace twinwalk::models
