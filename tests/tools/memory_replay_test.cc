// What refutes a theorem on symbols is the same on numbers, by the same broken engine; and where
// the concrete engine does something else, the model has a gap and nobody hides it.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proofs/formats/x86_64.hpp"
// The engine and the proofs both have a Path; the engine's comes first.
#include "proofs/explore.hpp"
#include "proofs/theorems/operation_theorems.hpp"
#include "tests/tools/broken_replay.hpp"
#include "tests/tools/command.hpp"
#include "tools/replay/memory_run.hpp"
#include "tools/support/memory_text.hpp"

namespace twinwalk::tests {
namespace {

using proofs::MemoryFile;
using proofs::Refutation;
using tools::Exit;
using tools::print_memory;
using MemoryReplay = CommandTest;

// Thrown where no further path could tell anything new.
struct Enough {};

// An engine that begins no path once there is enough to show.
template <class Format>
struct UntilRefuted : proofs::EngineOf<Format> {
  std::function<bool()> enough;

  std::unique_ptr<proofs::Machine> machine(proofs::Machine const& first) const override {
    if (enough()) throw Enough();
    return proofs::EngineOf<Format>::machine(first);
  }
};

// What refutes a theorem about one call of an engine on a format.
template <class Format>
std::vector<Refutation> refutations(std::string_view call, std::string_view name) {
  proofs::Explorer explorer;
  proofs::SpecOf<models::X86_64Spec<4>> const spec(explorer);
  proofs::Prover prover(explorer, "x86_64-4", {});
  UntilRefuted<Format> engine;
  engine.enough = [&] { return prover.refuted_enough(name); };
  std::vector<proofs::OperationTheorem const*> only;
  for (proofs::OperationTheorem const* theorem : proofs::call_theorems) {
    if (theorem->name == name) only.push_back(theorem);
  }
  for (proofs::Operation const& operation : proofs::operations(spec)) {
    if (operation.name != call) continue;
    try {
      explore(prover, explorer, spec, engine, operation, only);
    } catch (Enough const&) {
    }
  }
  std::vector<Refutation> all;
  for (proofs::TheoremResult const& result : prover.results()) {
    all.insert(all.end(), result.refutations.begin(), result.refutations.end());
  }
  return all;
}

std::vector<Refutation> const& lost_dirty() {
  static std::vector<Refutation> const all =
      refutations<ProtectClearsDirty>("protect", "accessed-dirty-never-lost");
  return all;
}
std::vector<Refutation> const& without_user() {
  static std::vector<Refutation> const all =
      refutations<TableWithoutUser>("map 4K", "walker-agrees");
  return all;
}

void expect_reproduced(std::vector<Refutation> const& all, tools::MemoryRunner const& broken) {
  ASSERT_FALSE(all.empty());
  for (Refutation const& refutation : all) {
    ASSERT_TRUE(refutation.memory_file) << refutation.obligation;
    MemoryFile const& file = *refutation.memory_file;
    tools::MemoryComparison const same = compare(file, run_safely(broken, file));
    EXPECT_TRUE(same.reproduced()) << same.difference << "\n"
                                   << print_memory(file, refutation.obligation);
    EXPECT_EQ(same.exit(), Exit::finding);
    tools::MemoryComparison const other = compare(file, run_safely(tools::run_shipped, file));
    EXPECT_FALSE(other.reproduced()) << refutation.obligation;
    EXPECT_EQ(other.exit(), Exit::environment);
  }
}

TEST(MemoryFiles, OfABrokenSetterAreReproducedByIt) {
  expect_reproduced(lost_dirty(), run_protect_clears_dirty);
}
TEST(MemoryFiles, OfABrokenTableEntryAreReproducedByIt) {
  expect_reproduced(without_user(), run_table_without_user);
}

TEST(MemoryFiles, ReadBackSayTheSame) {
  for (std::vector<Refutation> const* all : {&lost_dirty(), &without_user()}) {
    for (Refutation const& refutation : *all) {
      std::string const text = print_memory(*refutation.memory_file, "one\ntwo");
      auto const read = tools::parse_memory(text);
      ASSERT_TRUE(read) << read.malformed().message << "\n" << text;
      EXPECT_EQ(print_memory(*read, "one\ntwo"), text);
    }
  }
}

TEST(MemoryFiles, AreExplainedFieldByField) {
  std::string const text = lost_dirty().at(0).explanation;
  for (char const* part : {"machine    x86_64-4", "call       protect from 0x", "engine     Ok",
                           "stored     [0x", "  before   maps to 0x", "  after    maps to 0x",
                           "    level 4 [0x", ", R/W 0x1", ", D 0x1"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST_F(MemoryReplay, ThatTheShippedEngineDoesOtherwiseIsAGap) {
  Refutation const& refutation = lost_dirty().at(0);
  std::string const path = file("found.mem", print_memory(*refutation.memory_file, "a theorem"));
  Ran const ran = twinwalk({"replay", path});
  EXPECT_EQ(ran.exit, 3) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("\ngap in the model: the proof's path says `store "), std::string::npos)
      << ran.out;
  Ran const again = twinwalk({"replay", "--json", path});
  EXPECT_EQ(again.exit, 3);
  EXPECT_EQ(again.json()["file"], path);
  EXPECT_EQ(again.json()["reproduced"], false);
  EXPECT_TRUE(again.json()["difference"].is_string());
}

// Nothing is mapped, and the shipped engine says so.
constexpr std::string_view unmap_of_nothing =
    "# twinwalk memory\n"
    "format x86_64-4\n"
    "machine physical-bits=46 nx=on keys=off 1g=on amd=off\n"
    "call unmap root 0x1000 va 0x7000 pa 0x0 flags 0x0\n"
    "expect status NotMapped 0x7000\n"
    "expect frames-asked 0\n"
    "expect witness 0x1000 0x7000 before hole\n"
    "expect witness 0x1000 0x7000 after hole\n";

TEST_F(MemoryReplay, ThatTheShippedEngineDoesTheSameIsAFinding) {
  // By its first line, whatever its name.
  std::string const path = file("found.txt", std::string(unmap_of_nothing));
  Ran const ran = twinwalk({"replay", path});
  EXPECT_EQ(ran.exit, 1) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("\nreproduced: "), std::string::npos) << ran.out;
  tools::Json const report = twinwalk({"replay", "--json", path}).json();
  EXPECT_EQ(report["reproduced"], true);
  EXPECT_TRUE(report["difference"].is_null());
}

TEST_F(MemoryReplay, AnAssertionThatEndsTheEngineIsSaidAndNotSuffered) {
  // A frame beyond the machine's width.
  std::string text =
      "format x86_64-4\nmachine physical-bits=32\n"
      "call map 4K root 0x1000 va 0x7000 pa 0x0 flags 0x7\n"
      "frame 0x100000000\nframe 0x2000\nframe 0x3000\n";
  std::string const foretold =
      file("foretold.mem", text + "expect assertion-fails\nexpect status Ok\n");
  EXPECT_EQ(twinwalk({"replay", foretold}).exit, 1);
  Ran const gap = twinwalk({"replay", file("gap.mem", text + "expect status Ok\n")});
  EXPECT_EQ(gap.exit, 3);
  EXPECT_NE(gap.out.find("the engine ended the program"), std::string::npos) << gap.out;
}

TEST_F(MemoryReplay, WhatIsNoMemoryFileIsRefusedByLineAndColumn) {
  std::vector<std::pair<std::string, std::string>> const wrong{
      {"entry 0x0 0x0\n", ":1:1: expected `format NAME` first"},
      {"format pdp11\n", ":1:8: "},
      {"format x86_64-4\nformat x86_64-4\n", ":2:1: `format` is given twice"},
      {"format x86_64-4\nmachine nx=maybe\n", ":2:12: nx is on or off"},
      {"format x86_64-4\nmachine physical-bits=64\n", ":2:23: physical-bits is 32 to 52"},
      {"format x86_64-4\ncall mop root 0x1000\n", ":2:6: expected the name of a call"},
      {"format x86_64-4\nentry 0x1000\n", ":2:13: "},
      {"format x86_64-4\nstrike 0x1000 0x20 after 3\n", ":2:20: "},
      {"format x86_64-4\nexpect witness 0x1000 0x0 after hole\n", ":2:27: "},
      {"format x86_64-4\nexpect surprise\n", ":2:8: expected something to expect"},
      {"format x86_64-4\nno-frame 1\n", ":2:10: unexpected `1`"},
      {"format x86_64-4\n", ": there is no `call` line"},
  };
  for (auto const& [text, complaint] : wrong) {
    Ran const ran = twinwalk({"replay", file("bad.mem", text)});
    EXPECT_EQ(ran.exit, 2) << text;
    EXPECT_EQ(ran.out, "") << text;
    EXPECT_EQ(ran.error_lines(), 1U) << ran.err;
    EXPECT_NE(ran.err.find("bad.mem"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find(complaint), std::string::npos) << ran.err;
  }
}

TEST_F(MemoryReplay, MemoryFilesAndSequencesAreReplayedApart) {
  std::string const memory = file("found.mem", std::string(unmap_of_nothing));
  std::string const ops = file("a.ops", "format x86_64-4\n");
  EXPECT_EQ(twinwalk({"replay", memory, ops}).exit, 2);
  EXPECT_EQ(twinwalk({"replay", ops}).exit, 0);
  EXPECT_EQ(twinwalk({"replay", "--json", memory, memory}).json().size(), 2U);
}

}  // namespace
}  // namespace twinwalk::tests
