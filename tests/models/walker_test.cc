// The walker against the sheet's rules of translation, over small memories written down as numbers.
#include "models/walker.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <random>
#include <vector>

#include "models/specs.hpp"

namespace twinwalk::models {
namespace {

using Four = X86_64Spec<4>;
using Five = X86_64Spec<5>;

constexpr std::uint64_t root = 0x1000;
constexpr std::uint64_t ordinary = 0x8040201abc;  // index 1 at each of four levels

struct SparseMemory {
  std::map<std::uint64_t, std::uint64_t> slots;
  mutable std::vector<std::uint64_t> loads;

  // Entry k in the table at 0x1000 * (k + 1), index 1.
  SparseMemory(std::initializer_list<std::uint64_t> entries) {
    std::uint64_t slot = root + 8;
    for (std::uint64_t entry : entries) {
      slots[slot] = entry;
      slot += 0x1000;
    }
  }
  std::uint64_t load(std::uint64_t slot) const {
    loads.push_back(slot);
    auto const found = slots.find(slot);
    return found == slots.end() ? 0 : found->second;
  }
  void store(std::uint64_t slot, std::uint64_t entry) { slots[slot] = entry; }
};

X86_64Machine machine() { return {.physical_mask = mask(45, 0)}; }
X86_64Settings with(X86_64Control const& control) { return X86_64Settings(machine(), control); }
X86_64Settings const plain = with({});

constexpr Access user_read{AccessKind::read, true, false};
constexpr Access user_write{AccessKind::write, true, false};
constexpr Access user_fetch{AccessKind::fetch, true, false};
constexpr Access kernel_read{AccessKind::read, false, false};
constexpr Access kernel_write{AccessKind::write, false, false};
constexpr Access kernel_fetch{AccessKind::fetch, false, false};

WalkResult<Four> walk_four(SparseMemory const& memory, Access const& access,
                           X86_64Settings const& settings = plain,
                           std::uint64_t address = ordinary) {
  return walk<Four>(memory, settings, root, address, access);
}

TEST(Walker, TranslatesA4KPageAndTellsThePath) {
  SparseMemory const memory{0x2027, 0x3027, 0x4027, 0x5067};
  Translation<Four> const t = translate<Four>(memory, plain, root, ordinary);
  ASSERT_TRUE(t.found());
  EXPECT_EQ(t.physical, 0x5abcU);
  EXPECT_EQ(t.frame(), 0x5000U);
  EXPECT_EQ(t.size, PageSize::Size4K);
  EXPECT_EQ(t.level, 1);
  EXPECT_EQ(t.entry, 0x5067U);
  EXPECT_EQ(t.slot(), 0x4008U);
  EXPECT_TRUE(t.accessed);
  EXPECT_TRUE(t.dirty);
  ASSERT_EQ(t.path.count, 4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(t.path[i].slot, 0x1000U * static_cast<unsigned>(i + 1) + 8);
    EXPECT_EQ(t.path[i].level, 4 - i);
    EXPECT_EQ(t.path[i].kind, i == 3 ? EntryKind::leaf : EntryKind::table);
  }
  EXPECT_EQ(t.path.last().entry, 0x5067U);
}

TEST(Walker, ReadsEachSlotOnceAndNoneBelowTheEntryThatDecides) {
  SparseMemory const hole{0x2027, 0x3026, 0x4027, 0x5067};
  Translation<Four> const t = translate<Four>(hole, plain, root, ordinary);
  EXPECT_EQ(t.refusal, Refusal::not_present);
  EXPECT_EQ(t.level, 3);
  EXPECT_EQ(hole.loads, (std::vector<std::uint64_t>{0x1008, 0x2008}));

  SparseMemory const large{0x2027, 0x3027, 0x6000e7};
  EXPECT_TRUE(translate<Four>(large, plain, root, ordinary).found());
  EXPECT_EQ(large.loads, (std::vector<std::uint64_t>{0x1008, 0x2008, 0x3008}));

  SparseMemory const never{0x2027};
  EXPECT_EQ(translate<Four>(never, plain, root, 0x800000000000).refusal, Refusal::non_canonical);
  EXPECT_TRUE(never.loads.empty());
}

TEST(Walker, FindsTheSlotOfEveryIndex) {
  SparseMemory memory{};
  memory.slots = {{0x1ff8, 0x2027}, {0x2800, 0x3027}, {0x3010, 0x4027}, {0x4ff8, 0x5067}};
  // Indices 511, 256, 2, 511, offset 0xfff.
  std::uint64_t const address =
      0xffffff80'00000000U + 256 * 0x40000000ULL + 2 * 0x200000 + 511 * 0x1000 + 0xfff;
  EXPECT_EQ(translate<Four>(memory, plain, root, address).physical, 0x5fffU);
}

TEST(Walker, FollowsFrame0AndTheHighestFrame) {
  SparseMemory memory{};
  std::uint64_t const top = mask(45, 12);
  memory.slots = {{top | 8, 0x27}, {8, top | 0x27}, {0x3008, 0x67}};
  // The root is the highest frame; its table is frame 0, whose table is the highest frame again.
  Translation<Four> const t = translate<Four>(memory, plain, top, ordinary);
  EXPECT_EQ(t.path.count, 4);
  EXPECT_EQ(t.path[1].slot, 8U);
  EXPECT_EQ(t.path[2].slot, top | 8);
  EXPECT_EQ(t.physical, top | 0xabc);
}

TEST(Walker, LeavesTheLowBitsOfCr3Out) {
  SparseMemory const memory{0x2027, 0x3027, 0x4027, 0x5067};
  EXPECT_TRUE(translate<Four>(memory, plain, root | 0xfff | mask(63, 61), ordinary).found());
}

TEST(Walker, RefusesNonCanonicalAddressesWithAGeneralProtectionFault) {
  SparseMemory const memory{0x2027, 0x3027, 0x4027, 0x5027, 0x6067};
  std::uint64_t const high = ordinary | std::uint64_t{1} << 48;
  WalkResult<Four> const four = walk_four(memory, user_write, plain, high);
  EXPECT_EQ(four.fault, (Fault{Refusal::non_canonical, "GP", 0, 0, 0}));
  EXPECT_TRUE(walk<Five>(memory, plain, root, high, user_write).ok());
  WalkResult<Five> const five =
      walk<Five>(memory, plain, root, high | std::uint64_t{1} << 57, user_write);
  EXPECT_EQ(five.fault.name, "GP");
}

// ---- The permission matrix of the sheet's section 2, as printed there ----

struct MatrixRow {
  std::uint64_t user, writable, not_executable;
  char const* user_rwx;
  char const* kernel_r_w_unprotected_x;  // read, write with WP = 1, write with WP = 0, fetch
};

constexpr MatrixRow matrix[] = {
    {0, 0, 0, "---", "r-wx"}, {0, 1, 0, "---", "rwwx"}, {1, 0, 0, "r-x", "r-wx"},
    {1, 1, 0, "rwx", "rwwx"}, {0, 0, 1, "---", "r-w-"}, {0, 1, 1, "---", "rww-"},
    {1, 0, 1, "r--", "r-w-"}, {1, 1, 1, "rw-", "rww-"},
};

SparseMemory page_with(MatrixRow const& row, int at) {
  SparseMemory memory{0x2007, 0x3007, 0x4007, 0x5007};
  std::uint64_t const slot = root * static_cast<std::uint64_t>(at) + 8;
  memory.slots[slot] = (memory.slots[slot] & ~std::uint64_t{6}) | row.writable << 1 |
                       row.user << 2 | row.not_executable << 63;
  return memory;
}

TEST(Walker, GrantsWhatThePermissionMatrixGrantsWhicheverEntryDecides) {
  X86_64Settings const unprotected = with({.write_protect = 0});
  for (MatrixRow const& row : matrix) {
    for (int at = 1; at <= 4; ++at) {
      SparseMemory const memory = page_with(row, at);
      EXPECT_EQ(walk_four(memory, user_read).ok(), row.user_rwx[0] == 'r');
      EXPECT_EQ(walk_four(memory, user_write).ok(), row.user_rwx[1] == 'w');
      EXPECT_EQ(walk_four(memory, user_write, unprotected).ok(), row.user_rwx[1] == 'w');
      EXPECT_EQ(walk_four(memory, user_fetch).ok(), row.user_rwx[2] == 'x');
      EXPECT_EQ(walk_four(memory, kernel_read).ok(), row.kernel_r_w_unprotected_x[0] == 'r');
      EXPECT_EQ(walk_four(memory, kernel_write).ok(), row.kernel_r_w_unprotected_x[1] == 'w');
      EXPECT_EQ(walk_four(memory, kernel_write, unprotected).ok(),
                row.kernel_r_w_unprotected_x[2] == 'w');
      EXPECT_EQ(walk_four(memory, kernel_fetch).ok(), row.kernel_r_w_unprotected_x[3] == 'x');
    }
  }
}

TEST(Walker, LetsSmepAndSmapTakeTheSupervisorsRightsOnUserPagesOnly) {
  X86_64Settings const both_on = with({.smep = 1, .smap = 1});
  X86_64Settings const suspended = with({.smep = 1, .smap = 1, .alignment_check = 1});
  Access const implicit_read{AccessKind::read, false, true};
  for (MatrixRow const& row : matrix) {
    SparseMemory const memory = page_with(row, 2);
    bool const kernels = row.user == 0;
    bool const writable = row.writable != 0;
    bool const executable = row.not_executable == 0;
    EXPECT_EQ(walk_four(memory, kernel_read, both_on).ok(), kernels);
    EXPECT_EQ(walk_four(memory, kernel_write, both_on).ok(), kernels && writable);
    EXPECT_EQ(walk_four(memory, kernel_fetch, both_on).ok(), kernels && executable);
    EXPECT_TRUE(walk_four(memory, kernel_read, suspended).ok());
    EXPECT_EQ(walk_four(memory, kernel_write, suspended).ok(), writable);
    EXPECT_EQ(walk_four(memory, kernel_fetch, suspended).ok(), kernels && executable);
    EXPECT_EQ(walk_four(memory, implicit_read, suspended).ok(), kernels);
    EXPECT_EQ(walk_four(memory, user_read, both_on).ok(), !kernels);
    EXPECT_EQ(walk_four(memory, user_fetch, both_on).ok(), !kernels && executable);
  }
}

TEST(Walker, ReportsAFetchOnlyWhereSmepOrNxeIsOn) {
  SparseMemory const hole{0x0};
  for (std::uint64_t nxe : {0U, 1U}) {
    for (std::uint64_t smep : {0U, 1U}) {
      X86_64Machine m = machine();
      m.no_execute = nxe;
      X86_64Settings const settings(m, {.smep = smep});
      std::uint64_t const instruction = (nxe | smep) != 0 ? 0x10 : 0;
      EXPECT_EQ(walk_four(hole, kernel_fetch, settings).fault.code, instruction);
      EXPECT_EQ(walk_four(hole, user_fetch, settings).fault.code, instruction | 4);
      EXPECT_EQ(walk_four(hole, user_write, settings).fault.code, 6U);
      EXPECT_EQ(walk_four(hole, kernel_read, settings).fault.code, 0U);
    }
  }
}

TEST(Walker, JudgesRightsOnlyAfterTheWholeWalk) {
  SparseMemory const absent_below{0x2025, 0x3025, 0x4025, 0x0};
  EXPECT_EQ(walk_four(absent_below, user_write).fault.level, 1);
  EXPECT_EQ(walk_four(absent_below, user_write).fault.code, 6U);
  SparseMemory const reserved_below{0x2025, 0x3025, 0x60a0e7};
  EXPECT_EQ(walk_four(reserved_below, user_write).fault.code, 0xfU);
  EXPECT_EQ(walk_four(reserved_below, user_write).fault.refusal, Refusal::malformed);
}

TEST(Walker, LeavesTheKeyBitOpenWhereARightIsMissingToo) {
  X86_64Settings const keys = with({.user_keys = 1, .pkru = 4});
  SparseMemory const read_only{0x2027, 0x3027, 0x4027, 0x0800000000005065};
  Fault const two = walk_four(read_only, user_write, keys).fault;
  EXPECT_EQ(two.code, 0x27U);
  EXPECT_EQ(two.unspecified, 0x20U);
  Fault const one = walk_four(read_only, user_read, keys).fault;
  EXPECT_EQ(one.code, 0x25U);
  EXPECT_EQ(one.unspecified, 0U);
}

TEST(Walker, ChecksTheKeyOfEveryPageAgainstItsOwnTwoBits) {
  for (std::uint64_t key = 0; key < 16; ++key) {
    SparseMemory const user_page{0x2027, 0x3027, 0x4027, 0x5067 | key << 59};
    SparseMemory const kernel_page{0x2027, 0x3023, 0x4027, 0x5067 | key << 59};
    std::uint64_t const access_disabled = std::uint64_t{1} << (2 * key);
    std::uint64_t const write_disabled = access_disabled << 1;
    X86_64Settings const no_access = with({.user_keys = 1, .pkru = access_disabled});
    X86_64Settings const no_write = with({.user_keys = 1, .pkru = write_disabled});
    X86_64Settings const others =
        with({.user_keys = 1, .pkru = mask(31, 0) & ~access_disabled & ~write_disabled});
    EXPECT_FALSE(walk_four(user_page, user_read, no_access).ok());
    EXPECT_FALSE(walk_four(user_page, kernel_read, no_access).ok());
    EXPECT_TRUE(walk_four(user_page, user_fetch, no_access).ok());
    EXPECT_TRUE(walk_four(user_page, user_read, no_write).ok());
    EXPECT_FALSE(walk_four(user_page, user_write, no_write).ok());
    EXPECT_TRUE(walk_four(user_page, user_write, others).ok());
    EXPECT_TRUE(walk_four(kernel_page, kernel_write, no_access).ok());
    X86_64Settings const supervisor = with({.supervisor_keys = 1, .pkrs = write_disabled});
    EXPECT_FALSE(walk_four(kernel_page, kernel_write, supervisor).ok());
    EXPECT_TRUE(walk_four(kernel_page, kernel_read, supervisor).ok());
    EXPECT_TRUE(walk_four(user_page, user_write, supervisor).ok());
  }
}

// ---- Accessed and dirty ----

TEST(Walker, SetsAInEveryEntryUsedAndDInAWrittenLeaf) {
  SparseMemory memory{0x2007, 0x3027, 0x4007, 0x5007};
  WalkResult<Four> const read = walk_four(memory, user_read);
  EXPECT_EQ(std::vector<Update>(read.begin(), read.end()),
            (std::vector<Update>{{0x1008, 0x20}, {0x3008, 0x20}, {0x4008, 0x20}}));
  WalkResult<Four> const write = walk_four(memory, user_write);
  EXPECT_TRUE(apply(memory, write));
  EXPECT_EQ(memory.slots,
            (std::map<std::uint64_t, std::uint64_t>{
                {0x1008, 0x2027}, {0x2008, 0x3027}, {0x3008, 0x4027}, {0x4008, 0x5067}}));
  EXPECT_EQ(walk_four(memory, user_write).update_count, 0);
}

TEST(Walker, LeavesTheDirtyBitOfTablesAlone) {
  SparseMemory memory{0x2007, 0x3007, 0x600087};
  EXPECT_TRUE(apply(memory, walk_four(memory, user_write)));
  EXPECT_EQ(memory.slots[0x1008], 0x2027U);
  EXPECT_EQ(memory.slots[0x3008], 0x6000e7U);
}

TEST(Walker, SetsDOnASupervisorsWriteToAReadOnlyPageWithoutWP) {
  SparseMemory const memory{0x2027, 0x3027, 0x4027, 0x5025};
  WalkResult<Four> const result = walk_four(memory, kernel_write, with({.write_protect = 0}));
  ASSERT_EQ(result.update_count, 1);
  EXPECT_EQ(result.updates[0], (Update{0x4008, 0x40}));
}

TEST(Walker, PromisesNoUpdateWhenTheAccessFaults) {
  SparseMemory const memory{0x2007, 0x3007, 0x4007, 0x5005};
  EXPECT_EQ(walk_four(memory, user_write).update_count, 0);
}

TEST(Walker, WalksAgainWhenAnEntryChangedUnderIt) {
  SparseMemory memory{0x2027, 0x3027, 0x4027, 0x5007};
  WalkResult<Four> const result = walk_four(memory, user_write);
  memory.slots[0x4008] = 0x6007;
  EXPECT_FALSE(apply(memory, result));
  EXPECT_EQ(memory.slots[0x4008], 0x6007U);
  memory.slots[0x4008] = 0x5027;  // another processor's access is no change
  EXPECT_TRUE(apply(memory, result));
  EXPECT_EQ(memory.slots[0x4008], 0x5067U);
}

// ---- What the tables grant to everybody at once ----

TEST(Walker, AddsTheRightsOfTheTablesToTheFlagsOfTheLeaf) {
  MachineOptions options;
  options.physical_bits = 46;
  X86_64Settings const settings = Four::settings(options);
  SparseMemory const memory{0x8000000000002027, 0x3025, 0x4023, 0x5167};
  Translation<Four> const t = translate<Four>(memory, settings, root, ordinary);
  using enum Flag;
  EXPECT_EQ(t.leaf_flags(options), READ | WRITE | EXECUTE | USER | GLOBAL);
  EXPECT_EQ(t.effective_flags(options), READ | GLOBAL);
  EXPECT_TRUE(t.global);
  EXPECT_FALSE(translate<Four>(memory, plain, root, ordinary).global);  // CR4.PGE = 0
}

TEST(Walker, ResumesBelowATableThatAProcessorRemembers) {
  SparseMemory const memory{0x0, 0x3027, 0x4025, 0x5067};
  Four::Rights const above{1, 0, 1};
  Stepper<Four> stepper(plain, 3, 0x2000, above, ordinary);
  EXPECT_EQ(stepper.slot(), 0x2008U);
  while (!stepper.done()) stepper.feed(memory.load(stepper.slot()));
  Translation<Four> const& t = stepper.result();
  ASSERT_TRUE(t.found());
  EXPECT_EQ(t.path.count, 3);
  EXPECT_EQ(t.physical, 0x5abcU);
  EXPECT_EQ(t.rights, (Four::Rights{0, 0, 1}));
}

TEST(Walker, AgreesWithItselfWhetherItIsAskedOnceOrForEveryAccess) {
  std::mt19937_64 random(3);
  std::vector<X86_64Settings> const states{plain, with({.write_protect = 0, .smap = 1}),
                                           with({.smep = 1, .user_keys = 1, .pkru = 0x55aa})};
  int granted = 0;
  for (int i = 0; i < 20000; ++i) {
    SparseMemory memory{};
    for (std::uint64_t slot = root + 8, next = 0x2000; next < 0x6000;
         slot += 0x1000, next += 0x1000)
      memory.slots[slot] = next | 1 | (random() & random() & (mask(63, 59) | mask(11, 1)));
    X86_64Settings const& settings = states[random() % states.size()];
    Translation<Four> const t = translate<Four>(memory, settings, root, ordinary);
    for (AccessKind kind : {AccessKind::read, AccessKind::write, AccessKind::fetch}) {
      for (bool user : {false, true}) {
        Access const access{kind, user, false};
        WalkResult<Four> const whole = walk_four(memory, access, settings);
        WalkResult<Four> const judged = judge<Four>(settings, t, access);
        ASSERT_EQ(whole.fault, judged.fault);
        ASSERT_EQ(whole.ok(), whole.fault.name.empty());
        granted += whole.ok() ? 1 : 0;
        if (!whole.ok()) continue;
        ASSERT_EQ(whole.translation.physical, t.physical);
        // Whoever may write may read.
        if (kind == AccessKind::write) {
          ASSERT_TRUE(judge<Four>(settings, t, {AccessKind::read, user, false}).ok());
        }
      }
    }
  }
  EXPECT_GT(granted, 1000);
}

}  // namespace
}  // namespace twinwalk::models
