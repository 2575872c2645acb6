// What calls on memory become.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/import_support.hpp"

namespace twinwalk::tools {
namespace {

using testing::bare_options;
using ::testing::ElementsAre;
using testing::import_or_fail;
using ::testing::IsEmpty;
using testing::ops_of;

// Two pages at 0x10000, and what else a test does to them.
std::string after_two_pages(std::string const& more) {
  return "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x10000\n" +
         more;
}
std::string const two_pages = "map_region 0x10000 0x2000 rw-u -> 0x100000000 max 2M";

TEST(ImportMemory, MapsWhatMmapReturns) {
  EXPECT_THAT(ops_of(after_two_pages("")), ElementsAre(two_pages));
  // Lengths count whole pages.
  EXPECT_THAT(ops_of("mmap(NULL, 1, PROT_READ, MAP_PRIVATE, 3, 0) = 0x10000\n"),
              ElementsAre("map_region 0x10000 0x1000 r--u -> 0x100000000 max 2M"));
}

TEST(ImportMemory, AddsReadWhereTheProgramAskedForLess) {
  EXPECT_THAT(ops_of("mmap(NULL, 1, PROT_WRITE, MAP_PRIVATE, 3, 0) = 0x10000\n"
                     "mmap(NULL, 1, PROT_EXEC, MAP_PRIVATE, 3, 0) = 0x20000\n"
                     "mmap(NULL, 1, 0x6, 0x2, 3, 0) = 0x30000\n"),
              ElementsAre("map_region 0x10000 0x1000 rw-u -> 0x100000000 max 2M",
                          "map_region 0x20000 0x1000 r-xu -> 0x100001000 max 2M",
                          "map_region 0x30000 0x1000 rwxu -> 0x100002000 max 2M"));
}

TEST(ImportMemory, GivesFramesSuchThatHugePagesFit) {
  // 2M + 8K at 4K below a boundary of 2M: the frames lie 4K below one, too.
  EXPECT_THAT(ops_of("mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x10000\n"
                     "mmap(NULL, 2105344, PROT_READ, MAP_PRIVATE, 3, 0) = 0x3ff000\n"
                     "mmap(NULL, 2093056, PROT_READ, MAP_PRIVATE, 3, 0) = 0x801000\n"),
              ElementsAre("map_region 0x10000 0x1000 r--u -> 0x100000000 max 2M",
                          "map_region 0x3ff000 0x202000 r--u -> 0x1001ff000 max 2M",
                          "map_region 0x801000 0x1ff000 r--u -> 0x100401000 max 2M"));
  ImportOptions options = bare_options();
  options.policy.largest = PageSize::Size4K;
  EXPECT_THAT(ops_of("mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x10000\n"
                     "mmap(NULL, 2105344, PROT_READ, MAP_PRIVATE, 3, 0) = 0x3ff000\n",
                     0, options),
              ElementsAre("map_region 0x10000 0x1000 r--u -> 0x100000000 max 4K",
                          "map_region 0x3ff000 0x202000 r--u -> 0x100001000 max 4K"));
}

TEST(ImportMemory, BeginsAnewWhereThePhysicalSpaceEnds) {
  FrameBump frames(33);  // 4 GiB from 4 GiB on
  EXPECT_EQ(frames.take(0x1000, 0xfffff000, PageSize::Size4K), 0x100000000U);
  EXPECT_EQ(frames.take(0x1000, 0x1000, PageSize::Size4K), 0x1fffff000U);
  EXPECT_EQ(frames.take(0x1000, 0x1000, PageSize::Size4K), 0x100000000U);
}

TEST(ImportMemory, RoundsHugeMappingsToTheirPages) {
  EXPECT_THAT(ops_of("mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_HUGETLB, 3, 0) = 0x200000\n"),
              ElementsAre("map_region 0x200000 0x200000 r--u -> 0x100000000 max 2M"));
  EXPECT_THAT(ops_of("mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_HUGETLB|16<<MAP_HUGE_SHIFT, "
                     "3, 0) = 0x200000\n"),
              ElementsAre("map_region 0x200000 0x10000 r--u -> 0x100000000 max 2M"));
}

TEST(ImportMemory, ReplacesWhatAFixedMappingCovers) {
  EXPECT_THAT(
      ops_of(after_two_pages("mmap(0x11000, 8192, PROT_READ, MAP_PRIVATE|MAP_FIXED, 3, 0) = "
                             "0x11000\nmunmap(0x10000, 4096) = 0\n")),
      ElementsAre(two_pages, "unmap_region 0x11000 0x2000",
                  "map_region 0x11000 0x2000 r--u -> 0x100002000 max 2M",
                  "unmap_region 0x10000 0x1000"));
}

TEST(ImportMemory, UnmapsOnlyWhereSomethingIsMapped) {
  EXPECT_THAT(ops_of(after_two_pages("munmap(0x20000, 4096) = 0\n"
                                     "munmap(0xf000, 8192) = 0\n"
                                     "munmap(0x10000, 4096) = 0\n")),
              ElementsAre(two_pages, "unmap_region 0xf000 0x2000"));
}

TEST(ImportMemory, RemembersWhatLostAllItsRights) {
  EXPECT_THAT(
      ops_of(after_two_pages("mprotect(0x11000, 4096, PROT_NONE) = 0\n"
                             "mprotect(0x10000, 8192, PROT_READ) = 0\n")),
      ElementsAre(two_pages, "unmap_region 0x11000 0x1000", "protect_region 0x10000 0x2000 r--u",
                  "map_region 0x11000 0x1000 r--u -> 0x100001000 max 2M"));
}

TEST(ImportMemory, MapsAReservationWhereItIsGivenRights) {
  EXPECT_THAT(ops_of("mmap(NULL, 1099511627776, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|"
                     "MAP_NORESERVE, -1, 0) = 0x100000000000\n"
                     "mprotect(0x100000004000, 8192, PROT_READ|PROT_WRITE) = 0\n"
                     "mprotect(0x100000005000, 4096, PROT_READ) = 0\n"),
              ElementsAre("map_region 0x100000004000 0x2000 rw-u -> 0x100000000 max 2M",
                          "protect_region 0x100000005000 0x1000 r--u"));
}

TEST(ImportMemory, MapsAtMostTheBoundByOneCall) {
  ImportOptions options = bare_options();
  options.policy.reservation_bound = 0x3000;
  EXPECT_THAT(ops_of("mmap(NULL, 32768, PROT_READ, MAP_PRIVATE|MAP_NORESERVE, 3, 0) = 0x10000\n"
                     "mprotect(0x10000, 32768, PROT_READ|PROT_WRITE) = 0\n"
                     "madvise(0x10000, 32768, MADV_POPULATE_WRITE) = 0\n"
                     "munmap(0x10000, 32768) = 0\n",
                     0, options),
              ElementsAre("map_region 0x10000 0x3000 r--u -> 0x100000000 max 2M",
                          "protect_region 0x10000 0x8000 rw-u",
                          "map_region 0x13000 0x3000 rw-u -> 0x100003000 max 2M",
                          "map_region 0x16000 0x2000 rw-u -> 0x100006000 max 2M",
                          "unmap_region 0x10000 0x8000"));
}

TEST(ImportMemory, LearnsFromACallWhatTheKernelMappedByItself) {
  EXPECT_THAT(ops_of("mprotect(0x400000, 4096, PROT_READ) = 0\n"),
              ElementsAre("map_region 0x400000 0x1000 r--u -> 0x100000000 max 2M"));
  EXPECT_THAT(ops_of(after_two_pages("mprotect(0xf000, 16384, PROT_READ) = 0\n")),
              ElementsAre(two_pages, "protect_region 0xf000 0x4000 r--u",
                          "map_region 0xf000 0x1000 r--u -> 0x100002000 max 2M",
                          "map_region 0x12000 0x1000 r--u -> 0x100003000 max 2M"));
}

TEST(ImportMemory, GrowsAndShrinksAMappingInPlace) {
  EXPECT_THAT(ops_of(after_two_pages("mremap(0x10000, 8192, 16384, MREMAP_MAYMOVE) = 0x10000\n"
                                     "mremap(0x10000, 16384, 4096, 0) = 0x10000\n")),
              ElementsAre(two_pages, "map_region 0x12000 0x2000 rw-u -> 0x100002000 max 2M",
                          "unmap_region 0x11000 0x3000"));
}

TEST(ImportMemory, MovesAMappingWithItsFrames) {
  EXPECT_THAT(
      ops_of(after_two_pages("mprotect(0x11000, 4096, PROT_READ) = 0\n"
                             "mremap(0x10000, 8192, 12288, MREMAP_MAYMOVE) = 0x50000\n")),
      ElementsAre(two_pages, "protect_region 0x11000 0x1000 r--u", "unmap_region 0x10000 0x2000",
                  "map_region 0x50000 0x1000 rw-u -> 0x100000000 max 2M",
                  "map_region 0x51000 0x1000 r--u -> 0x100001000 max 2M",
                  "map_region 0x52000 0x1000 r--u -> 0x100002000 max 2M"));
}

TEST(ImportMemory, MovesAMappingOntoAnother) {
  EXPECT_THAT(
      ops_of(after_two_pages("mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x50000\n"
                             "mremap(0x10000, 8192, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x50000) = "
                             "0x50000\n")),
      ElementsAre(two_pages, "map_region 0x50000 0x1000 r--u -> 0x100002000 max 2M",
                  "unmap_region 0x10000 0x2000", "unmap_region 0x50000 0x1000",
                  "map_region 0x50000 0x1000 rw-u -> 0x100000000 max 2M"));
}

TEST(ImportMemory, LeavesAMappingEmptyWhenItsPagesMoveAlone) {
  EXPECT_THAT(ops_of(after_two_pages(
                  "mremap(0x10000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_DONTUNMAP, NULL) = 0x50000\n"
                  "madvise(0x10000, 4096, MADV_WILLNEED) = 0\n")),
              ElementsAre(two_pages, "unmap_region 0x10000 0x2000",
                          "map_region 0x50000 0x2000 rw-u -> 0x100000000 max 2M",
                          "map_region 0x10000 0x1000 rw-u -> 0x100002000 max 2M"));
}

TEST(ImportMemory, GivesSharedMemoryASecondView) {
  EXPECT_THAT(ops_of(after_two_pages("mremap(0x10000, 0, 8192, MREMAP_MAYMOVE) = 0x50000\n")),
              ElementsAre(two_pages, "map_region 0x50000 0x2000 rw-u -> 0x100000000 max 2M"));
}

TEST(ImportMemory, FollowsTheEndOfTheHeap) {
  EXPECT_THAT(ops_of("brk(NULL) = 0x10800\n"
                     "brk(0x13000) = 0x13000\n"
                     "brk(0x99999000) = 0x13000\n"
                     "brk(0x11004) = 0x11004\n"
                     "brk(0x12000) = 0x12000\n"),
              ElementsAre("map_region 0x11000 0x2000 rw-u -> 0x100000000 max 2M",
                          "unmap_region 0x12000 0x1000"));
}

TEST(ImportMemory, DropsContentsAndMapsThemAgainWhenTheyAreTouched) {
  EXPECT_THAT(ops_of(after_two_pages("madvise(0x10000, 8192, MADV_DONTNEED) = 0\n"
                                     "madvise(0x10000, 8192, MADV_DONTNEED) = 0\n"
                                     "mprotect(0x10000, 4096, PROT_READ) = 0\n"
                                     "madvise(0x10000, 8192, MADV_FREE) = 0\n")),
              ElementsAre(two_pages, "unmap_region 0x10000 0x2000",
                          "map_region 0x10000 0x1000 r--u -> 0x100002000 max 2M",
                          "unmap_region 0x10000 0x2000"));
  // A file keeps its frames.
  EXPECT_THAT(ops_of("mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3, 0) = 0x10000\n"
                     "madvise(0x10000, 4096, MADV_DONTNEED) = 0\n"
                     "madvise(0x10000, 4096, MADV_POPULATE_READ) = 0\n"),
              ElementsAre("map_region 0x10000 0x1000 r--u -> 0x100000000 max 2M",
                          "unmap_region 0x10000 0x1000",
                          "map_region 0x10000 0x1000 r--u -> 0x100000000 max 2M"));
  // So does anonymous memory that is shared, for somebody else may hold it.
  EXPECT_THAT(ops_of("mmap(NULL, 4096, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x10000\n"
                     "madvise(0x10000, 4096, MADV_DONTNEED) = 0\n"
                     "madvise(0x10000, 4096, MADV_POPULATE_READ) = 0\n")
                  .back(),
              "map_region 0x10000 0x1000 r--u -> 0x100000000 max 2M");
  EXPECT_THAT(ops_of(after_two_pages("madvise(0x10000, 4096, MADV_HUGEPAGE) = 0\n")),
              ElementsAre(two_pages));
}

TEST(ImportMemory, GivesAMappingItsKeyAndLetsItKeepIt) {
  std::string const trace = after_two_pages(
      "pkey_mprotect(0x10000, 4096, PROT_READ, 3) = 0\n"
      "mprotect(0x10000, 8192, PROT_READ|PROT_WRITE) = 0\n"
      "pkey_mprotect(0x10000, 8192, PROT_READ, -1) = 0\n");
  EXPECT_THAT(ops_of(trace), ElementsAre(two_pages, "protect_region 0x10000 0x1000 r--u,key=3",
                                         "protect_region 0x10000 0x1000 rw-u,key=3",
                                         "protect_region 0x11000 0x1000 rw-u",
                                         "protect_region 0x10000 0x1000 r--u,key=3",
                                         "protect_region 0x11000 0x1000 r--u"));
  EXPECT_THAT(ops_of(after_two_pages("pkey_mprotect(0x10000, 4096, PROT_READ, 3) = 0\n"
                                     "mprotect(0x10000, 4096, PROT_NONE) = 0\n"
                                     "mprotect(0x10000, 4096, PROT_READ) = 0\n"))
                  .back(),
              "map_region 0x10000 0x1000 r--u,key=3 -> 0x100000000 max 2M");
  EXPECT_TRUE(import_or_fail(trace).spaces[0].sequence.machine.protection_keys);
  EXPECT_FALSE(import_or_fail(after_two_pages("")).spaces[0].sequence.machine.protection_keys);
}

TEST(ImportMemory, IgnoresCallsThatFailedOrNeverCameBack) {
  Import const import = import_or_fail(
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = -1 ENOMEM (Cannot allocate memory)\n"
      "munmap(0x10000, 4096) = -1 EINVAL (Invalid argument)\n"
      "mremap(0x10000, 4096, 8192, 0) = -1 EFAULT (Bad address)\n"
      "munmap(0x10000, 4096) = ?\n");
  EXPECT_EQ(import.calls.failed, 4U);
  EXPECT_EQ(import.calls.applied, 0U);
  EXPECT_THAT(import.spaces[0].sequence.ops, IsEmpty());
}

TEST(ImportMemory, CountsCallsThatMoveNoMemory) {
  Import const import = import_or_fail(
      "mlock(0x10000, 4096) = 0\nmlock(0x10000, 4096) = 0\nshmat(3, NULL, 0) = 0x7f0000000000\n");
  EXPECT_EQ(import.calls.skipped.at("mlock"), 2U);
  EXPECT_EQ(import.calls.skipped.at("shmat"), 1U);
}

TEST(ImportMemory, LeavesOutAddressesThatAreNotTheUsers) {
  Import const import = import_or_fail(
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0xffffffffff600000\n"
      "mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7ffffffff000\n"
      "munmap(0x1000, 18446744073709551615) = 0\n"
      "brk(NULL) = 0xffff800000000000\n"
      "mprotect(0x1000, 0, PROT_READ) = 0\n");
  EXPECT_EQ(import.calls.elsewhere, 4U);
  EXPECT_THAT(import.spaces[0].sequence.ops, IsEmpty());
}

TEST(ImportMemory, TouchesWhatACallMadeUsable) {
  ImportOptions options = bare_options();
  options.policy.touch = true;
  options.policy.expect = true;
  EXPECT_THAT(
      ops_of(after_two_pages("mprotect(0x11000, 4096, PROT_READ|PROT_EXEC) = 0\n"
                             "mprotect(0x11000, 4096, PROT_READ) = 0\n"
                             "mprotect(0x10000, 8192, PROT_NONE) = 0\n"),
             0, options),
      ElementsAre(two_pages + " expect ok", "access 0x10000 write user expect ok",
                  "protect_region 0x11000 0x1000 r-xu expect ok",
                  "access 0x11000 fetch user expect ok",
                  "protect_region 0x11000 0x1000 r--u expect ok",
                  "access 0x11000 read user expect ok", "unmap_region 0x10000 0x2000 expect ok"));
}

TEST(ImportMemory, StopsAtTheLargestNumberOfOperations) {
  ImportOptions options = bare_options();
  options.policy.ops_max = 1;
  Import const import = import_or_fail(after_two_pages("munmap(0x10000, 8192) = 0\n"), options);
  EXPECT_EQ(import.spaces[0].sequence.ops.size(), 1U);
  EXPECT_TRUE(import.spaces[0].truncated);
  EXPECT_FALSE(import_or_fail(after_two_pages("")).spaces[0].truncated);
}

TEST(ImportMemory, StopsBeforeAllFramesAreTables) {
  std::string trace;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    trace += "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = " +
             std::to_string((std::uint64_t{1} << 40) + (std::uint64_t{1} << 21) * i) + "\n";
  }
  Import const import = import_or_fail(trace);
  ImportedSpace const& space = import.spaces[0];
  EXPECT_TRUE(space.truncated);
  EXPECT_LE(space.sequence.frames, fuzz::frame_count_max);
  // Each took one table of 4K leaves, each 512 one above; and there is the PDPT and the root.
  std::size_t const ops = space.sequence.ops.size();
  EXPECT_GT(ops, 4000U);
  EXPECT_LE(ops + ops / 512 + 3, space.sequence.frames);
}

TEST(ImportMemory, AsksForAFrameForEveryTableThatMayBeNeeded) {
  // One page at either end of a span of 1 GiB: root, PDPT, PD, two tables of 4K leaves, spare.
  Import const import = import_or_fail(
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x40000000\n"
      "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7ffff000\n");
  EXPECT_GE(import.spaces[0].sequence.frames, 5U);
  EXPECT_LE(import.spaces[0].sequence.frames, 16U);
  EXPECT_EQ(import.spaces[0].sequence.machine.physical_bits, 46);
}

}  // namespace
}  // namespace twinwalk::tools
