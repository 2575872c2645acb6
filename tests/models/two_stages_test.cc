// A guest's walk over a hypervisor's: the order of the faults, and that each stage alone is what it
// is where the other maps everything to itself.
#include "models/two_stages.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>

#include "models/spec/aarch64.hpp"
#include "models/spec/ept.hpp"
#include "models/spec/npt.hpp"
#include "models/spec/riscv.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::models {
namespace {

using Guest = X86_64Spec<4>;
using Ept4 = EptSpec<4>;
using Vs = RiscvSpec<3, RiscvStage::first>;
using Gs = RiscvSpec<3, RiscvStage::second>;

struct Words {
  std::map<std::uint64_t, std::uint64_t> at{};

  std::uint64_t load(std::uint64_t slot) const {
    auto const found = at.find(slot);
    return found == at.end() ? 0 : found->second;
  }
};

constexpr Access loads{AccessKind::read};
constexpr Access stores{AccessKind::write};
constexpr Access fetches{AccessKind::fetch};

// The guest's tables stand at guest-physical 0x1000 to 0x4000 and map address 0 to 0x5000; the
// hypervisor's stand at 0x10000 and map guest-physical 0x1000 * k to 0x100000 + 0x1000 * k.
template <class Host>
struct World {
  Words memory{};
  Stage<Guest> guest{Guest::settings({}), 0x1000};
  Stage<Host> host;

  World(MachineOptions const& options, std::uint64_t table_rights, std::uint64_t page)
      : host{Host::settings(options), 0x10000} {
    for (std::uint64_t level = 0; level < 3; ++level) {
      memory.at[0x10000 + 0x1000 * level] = (0x11000 + 0x1000 * level) | table_rights;
    }
    for (std::uint64_t k = 0; k < 16; ++k) {
      memory.at[0x13000 + 8 * k] = (0x100000 + 0x1000 * k) | page;
    }
    for (std::uint64_t k = 1; k < 4; ++k) memory.at[0x100000 + 0x1000 * k] = (k + 1) << 12 | 0x27;
    memory.at[0x104000] = 0x5067;
  }
  // The hypervisor's entry for the guest's page k.
  std::uint64_t& page(std::uint64_t k) { return memory.at[0x13000 + 8 * k]; }

  TwoStageResult walk(Access const& access, std::uint64_t address = 0xabc) const {
    return walk_two_stages<Guest, Host>(memory, guest, host, address, access);
  }
};

struct OverEpt : World<Ept4> {
  explicit OverEpt(bool tracked = false) : World<Ept4>(options(tracked), 7, 0x37) {}
  static MachineOptions options(bool tracked) {
    MachineOptions options;
    options.hardware_updates =
        tracked ? HardwareUpdates::accessed_and_dirty : HardwareUpdates::none;
    return options;
  }
};
struct OverNpt : World<NptSpec> {
  OverNpt() : World<NptSpec>({}, 7, 7) {}
};

// ---- What comes out ----

TEST(TwoStages, TranslateTwice) {
  TwoStageResult const result = OverEpt().walk(stores);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.physical, 0x105abcu);
  EXPECT_EQ(result.size, PageSize::Size4K);
  EXPECT_TRUE(result.updates.empty());
  EXPECT_EQ(OverNpt().walk(fetches).physical, 0x105abcu);
}

TEST(TwoStages, KeepTheSmallerPage) {
  OverEpt world;
  world.memory.at[0x103000] = 0xe7;  // 2M in the guest
  EXPECT_EQ(world.walk(loads, 0x5abc).physical, 0x105abcu);
  EXPECT_EQ(world.walk(loads, 0x5abc).size, PageSize::Size4K);
  world.memory.at[0x12000] = 0x2000b7;  // and below it
  world.memory.at[0x201000] = 0x2027;
  world.memory.at[0x202000] = 0x3027;
  world.memory.at[0x203000] = 0xe7;
  EXPECT_EQ(world.walk(loads, 0x5abc).physical, 0x205abcu);
  EXPECT_EQ(world.walk(loads, 0x5abc).size, PageSize::Size2M);
  world.memory.at[0x203000] = 0x4027;
  world.memory.at[0x204000] = 0x5067;
  EXPECT_EQ(world.walk(loads).size, PageSize::Size4K) << "4K in the guest, 2M below it";
}

// ---- Who faults ----

TEST(TwoStages, AGuestsFaultComesBeforeTheOneOfItsPage) {
  OverNpt world;
  world.page(5) = 0;
  world.memory.at[0x104000] = 0x5065;
  TwoStageResult const result = world.walk({AccessKind::write, true});
  EXPECT_EQ(result.faulted, StageName::first);
  EXPECT_EQ(result.fault.name, "PF");
  EXPECT_EQ(world.walk(loads).faulted, StageName::second);
  EXPECT_EQ(world.walk(loads).fault.code, 0x100000004u);
  EXPECT_EQ(world.walk(loads).guest_physical, 0x5abcu);
}

TEST(TwoStages, AHoleUnderAGuestsTableComesBeforeItsEntry) {
  OverNpt world;
  world.page(3) = 0;
  world.memory.at[0x103000] = 0;
  TwoStageResult const result = world.walk(loads);
  EXPECT_EQ(result.faulted, StageName::second);
  EXPECT_EQ(result.fault.code, 0x200000006u) << "a write, whatever the guest was about";
  EXPECT_EQ(result.guest_physical, 0x3000u);
}

TEST(TwoStages, AReadOnlyGuestTableFaultsOnNptAlwaysAndOnEptWhereItIsWritten) {
  OverNpt nested;
  nested.page(2) = 0x102005;
  EXPECT_EQ(nested.walk(loads).fault.code, 0x200000007u);
  OverEpt extended;
  extended.page(2) = 0x102031;
  EXPECT_TRUE(extended.walk(stores).ok());
  // The guest's own A is to be set there.
  extended.memory.at[0x102000] = 0x3007;
  TwoStageResult const result = extended.walk(loads);
  EXPECT_EQ(result.faulted, StageName::second);
  EXPECT_EQ(result.fault.name, "VIOLATION");
  EXPECT_EQ(result.fault.code & 3, 3u) << "it is read and written";
  EXPECT_EQ(result.guest_physical, 0x2000u);
  // With A/D flags of EPT, the walk alone asks to write.
  OverEpt tracked(true);
  tracked.page(2) = 0x102031;
  EXPECT_EQ(tracked.walk(loads).faulted, StageName::second);
}

TEST(TwoStages, AModeOfExecutionIsThatOfTheGuestsPage) {
  OverEpt world;
  MachineOptions options = OverEpt::options(false);
  options.mode_based_execute = true;
  world.host.settings = Ept4::settings(options);
  for (std::uint64_t level = 0; level < 3; ++level)
    world.memory.at[0x10000 + 0x1000 * level] |= 0x400;
  world.page(5) = 0x105035;  // X and not XU
  EXPECT_FALSE(world.walk(fetches).ok()) << "a page of user mode";
  for (std::uint64_t k = 1; k < 5; ++k) world.memory.at[0x100000 + 0x1000 * k] &= ~std::uint64_t{4};
  EXPECT_TRUE(world.walk(fetches).ok()) << "one of the supervisor";
}

// ---- What is set ----

TEST(TwoStages, SetAccessedAndDirtyOfBothOnce) {
  OverEpt world(true);
  for (std::uint64_t k = 1; k < 5; ++k)
    world.memory.at[0x100000 + 0x1000 * k] &= ~std::uint64_t{0x60};
  TwoStageResult const result = world.walk(stores);
  ASSERT_TRUE(result.ok());
  std::map<std::uint64_t, std::uint64_t> set;
  for (Update const& update : result.updates) {
    EXPECT_EQ(set[update.slot] & update.mask, 0u);
    set[update.slot] |= update.mask;
  }
  for (std::uint64_t k = 1; k < 5; ++k)
    EXPECT_EQ(set[0x13000 + 8 * k], 0x300u) << "a guest's table";
  EXPECT_EQ(set[0x13000 + 8 * 5], 0x300u);
  for (std::uint64_t level = 0; level < 3; ++level)
    EXPECT_EQ(set[0x10000 + 0x1000 * level], 0x100u);
  EXPECT_EQ(set[0x101000], 0x20u);
  EXPECT_EQ(set[0x104000], 0x60u);
  EXPECT_EQ(set.size(), 12u);
}

// ---- AArch64 ----

// Stage 1's tables stand at 0x1000 to 0x4000 and map address 0 to 0x5000; stage 2 maps the first
// 64K to themselves.
struct OverStage2 {
  Words memory{};
  Stage<Aarch64LowerSpec> guest{Aarch64LowerSpec::settings({}), 0x1000};
  Stage<Aarch64Stage2Spec<40>> host{Aarch64Stage2Spec<40>::settings({}), 0x10000};

  OverStage2() {
    memory.at[0x10000] = 0x12003;
    memory.at[0x12000] = 0x13003;
    for (std::uint64_t k = 0; k < 16; ++k) memory.at[0x13000 + 8 * k] = (0x1000 * k) | 0x7ff;
    for (std::uint64_t k = 1; k < 4; ++k) memory.at[0x1000 * k] = (0x1000 * (k + 1)) | 3;
    memory.at[0x4000] = 0x5707;
  }
  std::uint64_t& page(std::uint64_t k) { return memory.at[0x13000 + 8 * k]; }
  TwoStageResult walk(Access const& access) const {
    return walk_two_stages<Aarch64LowerSpec, Aarch64Stage2Spec<40>>(memory, guest, host, 0xabc,
                                                                    access);
  }
};

TEST(TwoStages, OfAarch64ReadTablesAndWriteThemForTheAccessFlag) {
  OverStage2 world;
  EXPECT_EQ(world.walk(stores).physical, 0x5abcu);
  world.page(3) = 0x37bf;  // a table that is not to be read
  EXPECT_EQ(world.walk(loads).faulted, StageName::second);
  EXPECT_EQ(world.walk(loads).fault.name, "PERMISSION");
  EXPECT_EQ(world.walk(loads).fault.code, 0x8fu) << "S1PTW, at level 3";
  world.page(3) = 0x377f;
  EXPECT_TRUE(world.walk(loads).ok());
  // The Access flag of the guest's page is to be set in a table that is not to be written.
  world.memory.at[0x4000] = 0x5307;
  EXPECT_EQ(world.walk(loads).updates.size(), 1u);
  world.page(4) = 0x477f;
  EXPECT_EQ(world.walk(loads).fault.code, 0xcfu) << "and a write";
}

TEST(TwoStages, OfAarch64FetchAtTheLevelOfTheProcessor) {
  OverStage2 world;
  world.page(5) = (std::uint64_t{1} << 53) | 0x57ff;  // EL0 alone
  EXPECT_FALSE(world.walk(fetches).ok());
  EXPECT_TRUE(world.walk({AccessKind::fetch, true}).ok()) << "though EL0 does not read the page";
}

// ---- RISC-V ----

TEST(TwoStages, OfRiscvReportTheAccessThatTheWalkIsFor) {
  Words memory;
  memory.at[0x10000] = 0x11000 >> 2 | 1;
  memory.at[0x11000] = 0x12000 >> 2 | 1;
  for (std::uint64_t k = 0; k < 16; ++k) memory.at[0x12000 + 8 * k] = (0x1000 * k) >> 2 | 0xdf;
  memory.at[0x1000] = 0x2000 >> 2 | 1;
  memory.at[0x2000] = 0x3000 >> 2 | 1;
  memory.at[0x3000] = 0x5000 >> 2 | 0xcf;
  MachineOptions options;
  Stage<Vs> guest{Vs::settings(options), 0x1000};
  Stage<Gs> const host{Gs::settings(options), 0x10000};
  auto const walk = [&](Access const& access) {
    return walk_two_stages<Vs, Gs>(memory, guest, host, 0xabc, access);
  };
  EXPECT_EQ(walk(stores).physical, 0x5abcu);
  memory.at[0x12000 + 8 * 2] = 0;
  EXPECT_EQ(walk(fetches).fault.name, "GPF-FETCH");
  EXPECT_EQ(walk(stores).fault.code, 23u);
  // A guest's table that may only be read: enough until A has to be set there.
  memory.at[0x12000 + 8 * 2] = 0x2000 >> 2 | 0xdf;
  memory.at[0x12000 + 8 * 3] = 0x3000 >> 2 | 0xd3;
  EXPECT_TRUE(walk(loads).ok());
  memory.at[0x3000] &= ~std::uint64_t{0x40};
  EXPECT_EQ(walk(loads).fault.name, "GPF-LOAD");
  EXPECT_EQ(walk(loads).guest_physical, 0x3000u);
}

// ---- One stage over everything ----

// Random tables of the guest, over a hypervisor that maps all of it to itself: as if there were
// none.
TEST(TwoStages, OverTheIdentityAreTheFirst) {
  std::mt19937_64 random(17);
  Stage<NptSpec> const host{NptSpec::settings({}), 0x100000};
  Stage<Guest> const guest{Guest::settings({}), 0};
  int ok = 0;
  for (int round = 0; round < 2000; ++round) {
    Words memory;
    memory.at[0x100000] = 0x101007;
    for (std::uint64_t k = 0; k < 512; ++k) memory.at[0x101000 + 8 * k] = (k << 30) | 0xe7;
    for (std::uint64_t level = 0; level < 4; ++level) {
      for (std::uint64_t k = 0; k < 4; ++k) {
        std::uint64_t const bits =
            0x7 | (random() & random() & 0xe0) | ((random() & 7) == 0 ? 0 : 1);
        memory.at[0x1000 * level + 8 * k] =
            (0x1000 * (level + 1)) | (bits & ~(random() & random() & 7));
      }
    }
    std::uint64_t const address =
        (random() & 3) << 39 | (random() & 3) << 30 | (random() & 3) << 21 | (random() & 3) << 12;
    Access const access{static_cast<AccessKind>(random() % 3), random() % 2 != 0};
    auto const one = walk<Guest>(memory, guest.settings, guest.root, address, access);
    auto const two = walk_two_stages<Guest, NptSpec>(memory, guest, host, address, access);
    ASSERT_EQ(two.ok(), one.ok()) << std::hex << address;
    if (!one.ok()) {
      ASSERT_EQ(two.faulted, StageName::first);
      ASSERT_EQ(two.fault, one.fault);
      continue;
    }
    ++ok;
    ASSERT_EQ(two.physical, one.translation.physical);
  }
  EXPECT_GT(ok, 100);
}

}  // namespace
}  // namespace twinwalk::models
