// The reader of strace's output: what it understands, and where it says what it does not.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/tools/import_support.hpp"
#include "tools/import/strace.hpp"

namespace twinwalk::tools {
namespace {

using testing::refusal_of;

Trace parsed(std::string_view text) {
  Parsed<Trace> trace = parse_strace(text);
  if (trace) return std::move(*trace);
  ADD_FAILURE() << trace.malformed().line << ":" << trace.malformed().column << ": "
                << trace.malformed().message;
  return {};
}

// The only event of a text that has one.
Event only(std::string_view text) {
  Trace trace = parsed(text);
  EXPECT_EQ(trace.events.size(), 1U);
  return trace.events.empty() ? Event{} : trace.events.front();
}

TEST(StraceReader, TakesACallApart) {
  Event const call = only(
      "5337  mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = "
      "0x7f0000\n");
  EXPECT_EQ(call.process, 5337U);
  EXPECT_EQ(call.name, "mmap");
  ASSERT_EQ(call.arguments.size(), 6U);
  EXPECT_EQ(call.arguments[2].text, "PROT_READ|PROT_WRITE");
  EXPECT_EQ(call.arguments[2].where, (Position{1, 24}));
  EXPECT_TRUE(call.outcome.known);
  EXPECT_FALSE(call.outcome.failed);
  EXPECT_EQ(call.outcome.value, 0x7f0000U);
  EXPECT_EQ(call.where, (Position{1, 7}));
}

TEST(StraceReader, KnowsEveryFormOfAProcessNumber) {
  EXPECT_EQ(only("brk(NULL) = 0x1000\n").process, unnamed_process);
  EXPECT_EQ(only("7 brk(NULL) = 0x1000\n").process, 7U);
  EXPECT_EQ(only("[pid     7] brk(NULL) = 0x1000\n").process, 7U);
  EXPECT_EQ(only("7 12:34:56.789 brk(NULL) = 0x1000\n").process, 7U);
  EXPECT_EQ(only("1700000000.123456 brk(NULL) = 0x1000\n").process, unnamed_process);
}

TEST(StraceReader, CutsArgumentsOnlyAtTheirOwnCommas) {
  Event const call = only("clone3({flags=CLONE_VM|CLONE_FS, stack=0x1}, 88) = 9\n");
  ASSERT_EQ(call.arguments.size(), 2U);
  EXPECT_EQ(call.arguments[0].text, "{flags=CLONE_VM|CLONE_FS, stack=0x1}");

  Event const strings = only("execve(\"a, \\\"b)\", [\"x,\", \"y\"...], 0x1 /* 4, vars */) = 0\n");
  ASSERT_EQ(strings.arguments.size(), 3U);
  EXPECT_EQ(strings.arguments[0].text, "\"a, \\\"b)\"");
  EXPECT_EQ(strings.arguments[2].text, "0x1");

  Event const path = only("mmap(NULL, 1, PROT_NONE, MAP_SHARED, 3</a,b) c>, 0) = 0x1000\n");
  ASSERT_EQ(path.arguments.size(), 6U);
  EXPECT_EQ(path.arguments[4].text, "3</a,b) c>");

  EXPECT_EQ(only("fork() = 9\n").arguments.size(), 0U);
  EXPECT_EQ(only("vfork( ) = 9\n").arguments.size(), 0U);
}

TEST(StraceReader, ReadsWhateverACallReturns) {
  EXPECT_EQ(only("munmap(0x1000, 1) = 0\n").outcome.value, 0U);
  EXPECT_TRUE(only("munmap(0x1000, 1) = -1 EINVAL (Invalid argument)\n").outcome.failed);
  EXPECT_FALSE(only("exit_group(0) = ?\n").outcome.known);
  EXPECT_FALSE(only("munmap(0x1, 1) = ? ERESTARTSYS (To be restarted)\n").outcome.known);
  EXPECT_EQ(only("fork() = 12 <0.000123>\n").outcome.value, 12U);
  EXPECT_EQ(only("brk(NULL)       = 0xffffffffffffffff\n").outcome.value, ~std::uint64_t{0});
}

TEST(StraceReader, JoinsTheHalvesOfACallByProcess) {
  Trace const trace = parsed(
      "1 munmap(0x1000, 4096 <unfinished ...>\n"
      "2 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE <unfinished ...>\n"
      "1 <... munmap resumed>) = 0\n"
      "2 <... mmap resumed>, 3, 0) = 0x5000\n");
  ASSERT_EQ(trace.events.size(), 2U);
  EXPECT_EQ(trace.events[0].name, "munmap");
  EXPECT_EQ(trace.events[0].where.line, 1U);
  EXPECT_EQ(trace.events[0].last_line, 3U);
  Event const& call = trace.events[1];
  ASSERT_EQ(call.arguments.size(), 6U);
  EXPECT_EQ(call.arguments[3].where, (Position{2, 31}));
  EXPECT_EQ(call.arguments[4].where, (Position{4, 23}));
  EXPECT_EQ(call.outcome.where, (Position{4, 31}));
  EXPECT_EQ(trace.calls_lost, 0U);
}

TEST(StraceReader, JoinsACallThatOnlyOneHalfNamesTheProcessOf) {
  Trace const began_alone = parsed(
      "clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>\n"
      "[pid 8] brk(NULL) = 0x1000\n"
      "[pid 7] <... clone resumed>) = 8\n");
  ASSERT_EQ(began_alone.events.size(), 2U);
  EXPECT_EQ(began_alone.events[1].process, 7U);
  Trace const ended_alone = parsed(
      "[pid 7] wait4(-1 <unfinished ...>\n"
      "[pid 8] +++ exited with 0 +++\n"
      "<... wait4 resumed>, NULL, 0, NULL) = 8\n");
  ASSERT_EQ(ended_alone.events.size(), 2U);
  EXPECT_EQ(ended_alone.events[1].process, 7U);
}

TEST(StraceReader, JoinsACallThatStraceItselfInterrupts) {
  Event const call = only(
      "clone3({flags=CLONE_VM}strace: Process 9 attached\n"
      " => {parent_tid=[9]}, 88) = 9\n");
  EXPECT_EQ(call.arguments.size(), 2U);
  EXPECT_EQ(call.outcome.value, 9U);
}

TEST(StraceReader, ToleratesWhatMovesNoMemory) {
  Trace const trace = parsed(
      "strace: Process 9 attached\n"
      "9 --- SIGCHLD {si_signo=SIGCHLD, si_pid=3} ---\n"
      "9 --- stopped by SIGSTOP ---\n"
      "[ Process PID=9 runs in 64 bit mode. ]\n"
      "\n"
      "9 +++ killed by SIGKILL (core dumped) +++\r\n");
  ASSERT_EQ(trace.events.size(), 1U);
  EXPECT_EQ(trace.events[0].kind, Event::Kind::ended);
  EXPECT_EQ(trace.lines, 6U);
}

TEST(StraceReader, CountsCallsWhoseOtherHalfIsMissing) {
  Trace const trace = parsed(
      "1 <... futex resumed>) = 0\n"
      "2 wait4(-1,  <unfinished ...>\n"
      "3 brk(NULL <unfinished ...>\n"
      "3 +++ killed by SIGKILL +++\n");
  EXPECT_EQ(trace.calls_lost, 3U);
}

TEST(StraceReader, GivesTheNumberOfAProcessToTheThreadThatExecutes) {
  Trace const trace = parsed(
      "11 execve(\"/bin/true\", [], NULL <unfinished ...>\n"
      "10 +++ superseded by execve in pid 11 +++\n"
      "10 <... execve resumed>) = 0\n");
  ASSERT_EQ(trace.events.size(), 2U);
  EXPECT_EQ(trace.events[0].kind, Event::Kind::superseded);
  EXPECT_EQ(trace.events[0].by, 11U);
  EXPECT_EQ(trace.events[1].process, 10U);
}

TEST(StraceReader, SaysWhereALineIsWrong) {
  EXPECT_EQ(refusal_of("brk(NULL) = 0x1000\nhello world\n"),
            "2:6: an opening parenthesis is expected here");
  EXPECT_EQ(refusal_of("12 = 3\n"), "1:4: a system call or a line of strace is expected here");
  EXPECT_EQ(refusal_of("12;brk(NULL) = 0x1000\n"),
            "1:3: a blank is expected behind the number of a process");
  EXPECT_EQ(refusal_of("[pid x] brk(NULL) = 0\n"), "1:6: the number of a process is expected here");
  EXPECT_EQ(refusal_of("99999999999 brk(NULL) = 0\n"), "1:1: this is no number of a process");
  EXPECT_EQ(refusal_of("munmap(0x1000, 4096\n"),
            "1:20: the line ends within the arguments of 'munmap'");
  EXPECT_EQ(refusal_of("munmap(0x1000, [4096) = 0\n"), "1:21: ')' closes nothing");
  EXPECT_EQ(refusal_of("execve(\"/bin/true, [], NULL) = 0\n"), "1:8: this string does not end");
  EXPECT_EQ(refusal_of("execve(NULL, 0x1 /* 3 vars) = 0\n"), "1:18: this comment does not end");
  EXPECT_EQ(refusal_of("munmap(0x1000, 4096) 0\n"),
            "1:22: '=' and what it returned are expected here");
  EXPECT_EQ(refusal_of("munmap(0x1000, 4096) = zero\n"),
            "1:24: a number or '?' is expected as what it returned");
  EXPECT_EQ(refusal_of("munmap(0x1000, 4096) = 0zero\n"),
            "1:25: a number or '?' is expected as what it returned");
  EXPECT_EQ(refusal_of("brk(NULL) = 0x11112222333344445\n"),
            "1:13: this number does not fit 64 bits");
  EXPECT_EQ(refusal_of("5 --- SIGCHLD\n"), "1:3: this line about a signal does not end in '---'");
  EXPECT_EQ(refusal_of("5 +++ exited\n"),
            "1:3: this line about the end of a process does not end in '+++'");
  EXPECT_EQ(refusal_of(std::string_view("brk(NULL) \0= 0\n", 15)), "1:11: this is no text");
}

TEST(StraceReader, SaysWhereHalvesDoNotFit) {
  EXPECT_EQ(refusal_of("5 munmap(0x1000, <unfinished ...>\n5 <... mmap resumed>) = 0\n"),
            "2:3: this process has 'munmap' unfinished, and not this call");
  EXPECT_EQ(refusal_of("5 munmap(0x1000, <unfinished ...>\n5 mmap(0x1000, <unfinished ...>\n"),
            "2:3: this process has another call unfinished");
  EXPECT_EQ(refusal_of("5 brk( <unfinished ...>\n5 <... brk res\n"),
            "2:3: ' resumed>' is expected in this line");
  EXPECT_EQ(refusal_of("5 clone(flags=0strace: Process 6 attached\n"),
            "1:3: the trace ends within this call");
}

TEST(StraceReader, SaysWhichArgumentCannotBe) {
  EXPECT_EQ(refusal_of("munmap(here, 4096) = 0\n"), "1:8: a number is expected here");
  EXPECT_EQ(refusal_of("munmap(0x1001, 4096) = 0\n"),
            "1:8: the address of a page is expected here");
  EXPECT_EQ(refusal_of("munmap(0x1000) = 0\n"), "1:1: 'munmap' has 1 arguments, and 2 are needed");
  EXPECT_EQ(refusal_of("7 mprotect(0x1000, 4096, PROT_READ|+) = 0\n"),
            "1:36: a name or a number is expected here");
  EXPECT_EQ(refusal_of("mmap(NULL, 1, PROT_READ, MAP_PRIVATE, 3, 0) = 0x123\n"),
            "1:47: the address of a page is expected here");
  EXPECT_EQ(refusal_of("clone(child_stack=NULL) = 7\n"), "1:1: 'clone' without its flags");
  EXPECT_EQ(refusal_of("clone(flags=CLONE_VM|;) = 7\n"),
            "1:22: a name or a number is expected here");
  EXPECT_EQ(refusal_of("fork() = 0\n"), "1:10: the number of the new process is expected here");
  EXPECT_EQ(refusal_of("pkey_mprotect(0x1000, 4096, PROT_READ, 16) = 0\n"),
            "1:40: a protection key is expected here");
  // What a call that failed was given does not matter.
  EXPECT_EQ(refusal_of("munmap(here, 4096) = -1 EINVAL (Invalid argument)\n"), "accepted");
}

}  // namespace
}  // namespace twinwalk::tools
