// How the command line refuses: the exit code says who is to blame, one line says what is wrong,
// and nothing is left behind.
#include <regex>
#include <string>
#include <vector>

#include "tests/tools/command.hpp"

namespace twinwalk::tests {
namespace {

using CommandLine = CommandTest;

TEST_F(CommandLine, WrongUsageIsOneLineAndExit2) {
  std::vector<std::vector<std::string>> const wrong{
      {},
      {"frobnicate"},
      {"--frobnicate"},
      {"decode"},
      {"decode", "--format", "pdp11", "--level", "1", "0"},
      {"decode", "--format", "x86_64-4", "--level", "5", "0"},
      {"decode", "--format", "x86_64-4", "--level", "0", "0"},
      {"decode", "--format", "x86_64-4", "--level", "1", "-1"},
      {"decode", "--format", "x86_64-4", "--level", "1", "0x10000000000000000"},
      {"decode", "--format", "x86_64-4", "--level", "1", "0", "0"},
      {"decode", "--format", "x86_64-4", "--level", "1", "0", "--machine", "physical-bits=99"},
      {"decode", "--format", "x86_64-4", "--level", "1", "0", "--machine", "colour=1"},
      {"decode", "--format", "x86_64-4", "--level", "1", "0", "--machine", "hardware-updates=some"},
      {"decode", "--format", "x86_64-4", "--level", "1", "bad\nline"},
      {"encode", "--format", "x86_64-4", "--flags", "rw-", "--pa", "0x1"},
      {"encode", "--format", "x86_64-4", "--flags", "-w-", "--pa", "0x1000"},
      {"encode", "--format", "x86_64-4", "--flags", "blue", "--pa", "0x1000"},
      {"encode", "--format", "x86_64-4", "--flags", "rw-", "--size", "3K", "--pa", "0x1000"},
      {"encode", "--format", "x86_64-4", "--flags", "rw-", "--size", "512G", "--pa", "0"},
      {"spec", "--format", "x86_64-4", "--level", "5"},
      {"spec", "--format", "x86_64-4", "--as", "poem"},
      {"list", "planets"},
      {"vectors", "--arch", "pdp11", "x"},
      {"corpus"},
      {"corpus", "frobnicate"},
      {"corpus", "export", "x"},
      {"walk", "--va", "0"},
      {"walk", "--va", "0", "--entry", "1"},
      {"walk", "--va", "0", "--format", "x86_64-4", "--entry", "1", "--set", "colour=1"},
      {"walk", "--va", "0", "--format", "x86_64-4", "--entry", "1", "--set", "user=yes"},
      {"fuzz", "--time", "soon"},
      {"fuzz", "--time", "-1"},
      {"fuzz", "--time", "1", "--runs", "1"},
      {"fuzz", "--runs", "0"},
      {"fuzz", "--target", "entry", "--backend", "seeded"},
      {"fuzz", "--format", "pdp11"},
      {"fuzz", "--engine", "none"},
      {"fuzz", "--engine", "blog", "--format", "x86_64-5"},
      {"import"},
      {"replay"},
      {"minimize"},
  };
  for (std::vector<std::string> const& arguments : wrong) {
    Ran const ran = twinwalk(arguments);
    std::string joined;
    for (std::string const& argument : arguments) joined += argument + " ";
    EXPECT_EQ(ran.exit, 2) << joined << ran.err;
    EXPECT_EQ(ran.error_lines(), 1U) << joined << ran.err;
    EXPECT_EQ(ran.err.rfind("twinwalk", 0), 0U) << joined << ran.err;
    EXPECT_EQ(ran.out, "") << joined;
  }
  EXPECT_TRUE(files_in("").empty());
}

TEST_F(CommandLine, HelpIsNoErrorAndNamesEveryCommand) {
  Ran const help = twinwalk({"--help"});
  EXPECT_EQ(help.exit, 0);
  EXPECT_EQ(help.err, "");
  for (char const* command : {"fuzz", "replay", "minimize", "import", "corpus", "walk", "vectors",
                              "decode", "encode", "spec", "list", "doctor"}) {
    EXPECT_NE(help.out.find(std::string("\n  ") + command), std::string::npos) << command;
    EXPECT_EQ(twinwalk({command, "--help"}).exit, 0) << command;
  }
}

struct BadInput {
  std::string name;
  std::string content;
  std::string place;  // line:column
};

class BadInputs : public CommandTest {
 protected:
  // Every command that reads such a file, refuses it with its place.
  void refused(BadInput const& bad, std::vector<std::vector<std::string>> const& commands) {
    std::string const path = file(bad.name, bad.content);
    for (std::vector<std::string> arguments : commands) {
      std::replace(arguments.begin(), arguments.end(), std::string("FILE"), path);
      Ran const ran = twinwalk(arguments);
      std::string const where = path + ":" + bad.place + ": ";
      EXPECT_EQ(ran.exit, 2) << arguments[0] << ": " << ran.err;
      EXPECT_EQ(ran.error_lines(), 1U) << arguments[0] << ": " << ran.err;
      EXPECT_EQ(ran.err.rfind(where, 0), 0U)
          << arguments[0] << " says " << ran.err << "not " << where;
      EXPECT_EQ(ran.out, "") << arguments[0];
      EXPECT_EQ(files_in(""), std::vector<std::string>{bad.name}) << arguments[0];
    }
  }

  std::vector<std::vector<std::string>> readers_of_sequences() const {
    return {{"replay", "FILE"},
            {"minimize", "FILE", "-o", "out.ops"},
            {"walk", "FILE", "--va", "0"},
            {"corpus", "stats", "FILE"},
            {"corpus", "merge", "FILE", "-o", "out"},
            {"corpus", "export", "FILE", "-o", "out"},
            {"corpus", "import", "FILE", "-o", "out"},
            {"fuzz", "--runs", "1", "--corpus", "FILE", "--out", "out"}};
  }
};

TEST_F(BadInputs, AMalformedTextIsNamedWithItsPlace) {
  refused({"bad.ops", "format x86_64-4\nmap 0x1000 4K rw- -> 0x1000\nmop 0x2000\n", "3:1"},
          readers_of_sequences());
}

TEST_F(BadInputs, ATextCutInAWordIsNamedWithItsPlace) {
  refused({"cut.ops", "format x86_64-4\nmap 0x1000 4K rw- ->", "2:21"}, readers_of_sequences());
}

TEST_F(BadInputs, AnEmptyTextIsRefused) {
  refused({"empty.ops", "", "1:1"}, readers_of_sequences());
}

TEST_F(BadInputs, ATextFullOfBytesIsRefused) {
  refused({"bytes.ops", std::string("format x86_64-4\n\0\x01\xff\x1b[2J\n", 24), "2:1"},
          readers_of_sequences());
}

TEST_F(BadInputs, TextUnderAnotherNameIsStillText) {
  refused({"notes.txt", "# operations\nnone at all\n", "2:1"}, readers_of_sequences());
}

TEST_F(BadInputs, AMalformedTraceIsNamedWithItsPlace) {
  refused({"bad.strace", "1 brk(NULL) = 0x1000\n1 mmap(0x1000, = 0x1000\n", "2:24"},
          {{"import", "FILE", "-o", "out"}});
}

TEST_F(BadInputs, ADamagedCompressedTraceIsRefused) {
  std::string const content("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03not deflate", 21);
  refused({"bad.strace.gz", content, "1:1"},
          {{"import", "FILE", "-o", "out"}, {"replay", "FILE"}, {"corpus", "stats", "FILE"}});
}

TEST_F(BadInputs, AMalformedRowOfVectorsIsNamedWithItsPlace) {
  std::string const head =
      "| # | case | entries, top level first | access / settings | expected "
      "|\n|---|---|---|---|---|\n";
  refused(
      {"bad.txt", head + "| 1 | a | `0x2027` | r; colour=1 | PF 0x0 |\n", "3:25"},
      {{"vectors", "--arch", "x86_64", "FILE"}, {"vectors", "--arch", "x86_64", "FILE", "--json"}});
}

TEST_F(CommandLine, AMissingFileIsRefusedByEveryReader) {
  for (std::vector<std::string> const& arguments :
       std::vector<std::vector<std::string>>{{"replay", "gone.ops"},
                                             {"minimize", "gone.ops"},
                                             {"walk", "gone.ops", "--va", "0"},
                                             {"import", "gone.strace"},
                                             {"corpus", "stats", "gone"},
                                             {"vectors", "--arch", "x86_64", "gone.txt"},
                                             {"fuzz", "--runs", "1", "--corpus", "gone"}}) {
    Ran const ran = twinwalk(arguments);
    EXPECT_EQ(ran.exit, 2) << arguments[0];
    EXPECT_TRUE(std::regex_search(ran.err, std::regex("^gone[a-z.]*:1:1: .*\n$"))) << ran.err;
  }
}

TEST_F(CommandLine, WhatCannotBeWrittenIsTheEnvironmentsFault) {
  std::string const text = file("a.ops", "format x86_64-4\nquery 0x0\n");
  Ran const ran = twinwalk({"corpus", "export", text, "-o", "a.ops/below"});
  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_EQ(ran.error_lines(), 1U) << ran.err;
}

}  // namespace
}  // namespace twinwalk::tests
