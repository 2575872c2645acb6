// Who has which address space: forks, threads, programs executed, ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/import_support.hpp"

namespace twinwalk::tools {
namespace {

using testing::bare_options;
using ::testing::ElementsAre;
using testing::import_or_fail;
using testing::lines_of;
using testing::ops_of;

std::string const a_page = " mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x10000\n";
std::string const another_page = " mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x20000\n";
std::string const mapped = "map_region 0x10000 0x1000 r--u -> 0x100000000 max 2M";

TEST(ImportProcesses, GivesEachProcessItsOwnSpace) {
  Import const import = import_or_fail("1" + a_page + "2" + a_page);
  ASSERT_EQ(import.spaces.size(), 2U);
  EXPECT_THAT(import.spaces[0].processes, ElementsAre(1U));
  EXPECT_THAT(import.spaces[1].processes, ElementsAre(2U));
  EXPECT_THAT(lines_of(import.spaces[1].sequence),
              ElementsAre("map_region 0x10000 0x1000 r--u -> 0x100001000 max 2M"));
}

TEST(ImportProcesses, CopiesTheSpaceOfAFork) {
  for (std::string const fork : {"fork()", "clone(child_stack=NULL, flags=SIGCHLD)",
                                 "clone3({flags=0, exit_signal=SIGCHLD}, 88)"}) {
    Import const import = import_or_fail("1" + a_page + "1 " + fork + " = 2\n1" + another_page +
                                         "2 munmap(0x10000, 4096) = 0\n");
    ASSERT_EQ(import.spaces.size(), 2U) << fork;
    EXPECT_THAT(lines_of(import.spaces[0].sequence),
                ElementsAre(mapped, "map_region 0x20000 0x1000 r--u -> 0x100001000 max 2M"));
    EXPECT_THAT(lines_of(import.spaces[1].sequence),
                ElementsAre(mapped, "unmap_region 0x10000 0x1000"));
  }
}

TEST(ImportProcesses, CopiesTheHeapAndWhatIsReservedButNotWhatIsWithheld) {
  Import const import =
      import_or_fail("1 brk(NULL) = 0x50000\n1" + a_page + "1" + another_page +
                     "1 mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x30000\n"
                     "1 madvise(0x10000, 4096, MADV_DONTFORK) = 0\n"
                     "1 fork() = 2\n"
                     "2 brk(0x51000) = 0x51000\n"
                     "2 mprotect(0x30000, 4096, PROT_READ) = 0\n");
  ASSERT_EQ(import.spaces.size(), 2U);
  EXPECT_THAT(lines_of(import.spaces[1].sequence),
              ElementsAre("map_region 0x20000 0x1000 r--u -> 0x100001000 max 2M",
                          "map_region 0x50000 0x1000 rw-u -> 0x100002000 max 2M",
                          "map_region 0x30000 0x1000 r--u -> 0x100003000 max 2M"));
}

TEST(ImportProcesses, SharesTheSpaceOfThreads) {
  Import const import = import_or_fail(
      "1" + a_page +
      "1 clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x1} => {parent_tid=[2]}, 88) = 2\n"
      "2 munmap(0x10000, 4096) = 0\n");
  ASSERT_EQ(import.spaces.size(), 1U);
  EXPECT_THAT(import.spaces[0].processes, ElementsAre(1U, 2U));
  EXPECT_THAT(lines_of(import.spaces[0].sequence),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000"));
}

TEST(ImportProcesses, LetsThreadsTouchFromTwoProcessors) {
  ImportOptions options = bare_options();
  options.policy.touch = true;
  EXPECT_THAT(ops_of("1 clone(flags=CLONE_VM|CLONE_THREAD) = 2\n2" + a_page +
                         "1 mprotect(0x10000, 4096, PROT_READ|PROT_WRITE) = 0\n",
                     0, options),
              ElementsAre(mapped, "cpu 1 access 0x10000 read user",
                          "protect_region 0x10000 0x1000 rw-u", "access 0x10000 write user"));
}

TEST(ImportProcesses, KnowsAChildThatSpeaksBeforeItsParentDoes) {
  Import const import = import_or_fail("1" + a_page +
                                       "1 vfork( <unfinished ...>\n"
                                       "2 munmap(0x10000, 4096) = 0\n"
                                       "1 <... vfork resumed>) = 2\n");
  ASSERT_EQ(import.spaces.size(), 1U);
  EXPECT_THAT(lines_of(import.spaces[0].sequence),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000"));
}

TEST(ImportProcesses, GivesMemoryBackBeforeAnotherThreadGetsIt) {
  EXPECT_THAT(ops_of("1 clone(flags=CLONE_VM|CLONE_THREAD) = 2\n"
                     "1" +
                     a_page +
                     "1 munmap(0x10000, 4096 <unfinished ...>\n"
                     "2 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0 <unfinished ...>\n"
                     "2 <... mmap resumed>) = 0x10000\n"
                     "1 <... munmap resumed>) = 0\n"),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000",
                          "map_region 0x10000 0x1000 r--u -> 0x100001000 max 2M"));
}

TEST(ImportProcesses, EmptiesTheSpaceOfAProcessThatExecutes) {
  Import const import = import_or_fail("1 execve(\"/bin/sh\", [\"sh\"], 0x1 /* 3 vars */) = 0\n1" +
                                       a_page + "1 brk(NULL) = 0x50000\n1" + another_page +
                                       "1 execve(\"/usr/bin/g++\", [], NULL) = 0\n"
                                       "1 brk(NULL) = 0x60000\n");
  ASSERT_EQ(import.spaces.size(), 1U);
  EXPECT_EQ(import.spaces[0].program, "g++");
  EXPECT_THAT(lines_of(import.spaces[0].sequence),
              ElementsAre(mapped, "map_region 0x20000 0x1000 r--u -> 0x100001000 max 2M",
                          "unmap_region 0x10000 0x11000"));
}

TEST(ImportProcesses, EndsTheOtherThreadsOfAProcessThatExecutes) {
  Import const import = import_or_fail("1 clone(flags=CLONE_VM|CLONE_THREAD) = 2\n1" + a_page +
                                       "1 execve(\"/bin/true\", [], NULL) = 0\n2" + another_page);
  ASSERT_EQ(import.spaces.size(), 1U);
  EXPECT_EQ(import.calls.of_the_dead, 1U);
  EXPECT_THAT(lines_of(import.spaces[0].sequence),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000"));
}

TEST(ImportProcesses, LeavesTheParentOfAVforkItsSpace) {
  Import const import =
      import_or_fail("1" + a_page + "1 vfork() = 2\n" + "2 execve(\"/bin/true\", [], NULL) = 0\n2" +
                     a_page + "2 exit_group(0) = ?\n1 munmap(0x10000, 4096) = 0\n");
  ASSERT_EQ(import.spaces.size(), 2U);
  EXPECT_THAT(lines_of(import.spaces[0].sequence),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000"));
  EXPECT_EQ(import.spaces[1].program, "true");
  EXPECT_THAT(lines_of(import.spaces[1].sequence),
              ElementsAre("map_region 0x10000 0x1000 r--u -> 0x100001000 max 2M",
                          "unmap_region 0x10000 0x1000"));
}

TEST(ImportProcesses, LetsAThreadThatExecutesTakeOverItsProcess) {
  Import const import = import_or_fail("1 clone(flags=CLONE_VM|CLONE_THREAD) = 2\n1" + a_page +
                                       "2 execve(\"/bin/true\", [], NULL <unfinished ...>\n"
                                       "1 +++ superseded by execve in pid 2 +++\n"
                                       "1 <... execve resumed>) = 0\n1" +
                                       a_page);
  ASSERT_EQ(import.spaces.size(), 1U);
  EXPECT_THAT(lines_of(import.spaces[0].sequence),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000",
                          "map_region 0x10000 0x1000 r--u -> 0x100001000 max 2M"));
}

TEST(ImportProcesses, TearsASpaceDownWhenItsLastThreadEnds) {
  std::string const two_threads = "1 clone(flags=CLONE_VM|CLONE_THREAD) = 2\n1" + a_page;
  EXPECT_THAT(ops_of(two_threads + "1 exit(0) = ?\n1 +++ exited with 0 +++\n"),
              ElementsAre(mapped));
  EXPECT_THAT(ops_of(two_threads + "1 exit(0) = ?\n2 +++ exited with 0 +++\n"),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000"));
  EXPECT_THAT(ops_of(two_threads + "2 exit_group(0) = ?\n"),
              ElementsAre(mapped, "unmap_region 0x10000 0x1000"));
}

TEST(ImportProcesses, IgnoresWhatADeadProcessSays) {
  Import const import = import_or_fail("1 clone(flags=CLONE_VM|CLONE_THREAD) = 2\n1" + a_page +
                                       "1 exit_group(0 <unfinished ...>\n2" + another_page +
                                       "1 <... exit_group resumed>) = ?\n");
  ASSERT_EQ(import.spaces.size(), 1U);
  EXPECT_EQ(import.calls.of_the_dead, 1U);
  // Unless its number is given out again.
  EXPECT_EQ(import_or_fail("1 fork() = 2\n2 exit(0) = ?\n1 fork() = 2\n2" + a_page).spaces.size(),
            3U);
}

TEST(ImportProcesses, FindsTheProcessOfALineWithoutANumber) {
  Import const import = import_or_fail(
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x10000\n"
      "fork() = 8\n"
      "[pid 8] munmap(0x10000, 4096) = 0\n"
      "[pid 7]" +
      another_page +
      "[pid 8] +++ exited with 0 +++\n"
      "munmap(0x20000, 4096) = 0\n"
      "+++ exited with 0 +++\n");
  ASSERT_EQ(import.spaces.size(), 2U);
  EXPECT_THAT(import.spaces[0].processes, ElementsAre(7U));
  EXPECT_THAT(lines_of(import.spaces[0].sequence),
              ElementsAre(mapped, "map_region 0x20000 0x1000 r--u -> 0x100001000 max 2M",
                          "unmap_region 0x20000 0x1000", "unmap_region 0x10000 0x1000"));
}

TEST(ImportProcesses, KeepsOnlyTheSpacesAskedFor) {
  std::string const trace = "1" + a_page + "2" + a_page + "2" + another_page;
  ImportOptions options = bare_options();
  options.process = 2;
  Import const by_process = import_or_fail(trace, options);
  ASSERT_EQ(by_process.spaces.size(), 1U);
  EXPECT_EQ(by_process.spaces_left_out, 1U);
  EXPECT_EQ(by_process.spaces[0].sequence.ops.size(), 2U);
  options.process = {};
  options.ops_min = 2;
  EXPECT_EQ(import_or_fail(trace, options).spaces.size(), 1U);
}

TEST(ImportProcesses, NamesFilesByOrderAndProgram) {
  Import const import =
      import_or_fail("1" + a_page + "2 execve(\"/opt/a b/../cc1\\\"\", [], NULL) = 0\n2" + a_page);
  EXPECT_EQ(sequence_file_name("build", import, 0), "build-01-process.ops");
  EXPECT_EQ(sequence_file_name("build", import, 1), "build-02-cc1.ops");
}

}  // namespace
}  // namespace twinwalk::tools
