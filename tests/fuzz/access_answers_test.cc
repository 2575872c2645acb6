// What tlb-never-stale makes of an access: judged from made-up answers, since whatever could really
// give a wrong one is found when its call returns.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/api.hpp"
#include "fuzz/oracles/tlb_never_stale.hpp"
#include "fuzz/step.hpp"
#include "models/spec/x86_64.hpp"

namespace twinwalk::fuzz {
namespace {

// A world whose processors hold nothing that is wrong.
struct QuietWorld {
  using Spec = models::X86_64Spec<4>;
  struct Fact {
    std::uint64_t first, value;
    int level;
  };
  struct Tlb {
    std::optional<Fact> stale_beyond(std::span<FlushScope const>) const { return std::nullopt; }
  };
  struct Machine {
    Tlb held;
    Tlb& tlb() { return held; }
  };

  Machine machine;
  std::vector<int> pending;
  std::vector<FlushScope> pending_scopes;
};

constexpr std::uint64_t here = 0x5000;

class AnAccess : public testing::Test {
 protected:
  AnAccess() {
    step_.op.kind = OpKind::access;
    step_.executed = true;
  }
  void tables_say(std::uint64_t physical) {
    step_.touch.allowed = true;
    step_.touch.physical = physical;
  }
  void may_reach(std::uint64_t physical) { step_.touch.answers.add({false, physical, true}); }
  void may_fault() { step_.touch.answers.add({true, 0, true}); }
  void may_fault_again() { step_.touch.retried.add({true, 0, true}); }
  bool is_wrong() { return TlbNeverStale::after_operation(world_, step_).has_value(); }

  QuietWorld world_;
  Step step_;
};

TEST_F(AnAccess, MayReachWhatTheTablesSay) {
  tables_say(here);
  may_reach(here);
  EXPECT_FALSE(is_wrong());
}

TEST_F(AnAccess, MayReachNothingElse) {
  tables_say(here);
  may_reach(here);
  may_reach(here + 0x1000);
  EXPECT_TRUE(is_wrong());
}

TEST_F(AnAccess, MayReachNothingThatTheTablesDeny) {
  may_fault();
  EXPECT_FALSE(is_wrong());
  may_reach(here);
  EXPECT_TRUE(is_wrong());
}

TEST_F(AnAccess, ThatIsAllowedMayFaultOnce) {
  tables_say(here);
  may_reach(here);
  may_fault();
  EXPECT_FALSE(is_wrong());
  may_fault_again();
  EXPECT_TRUE(is_wrong());
}

TEST_F(AnAccess, MayReachAnythingOldWhileAPlanIsPending) {
  may_reach(here);
  world_.pending.push_back(0);
  EXPECT_FALSE(is_wrong());
}

}  // namespace
}  // namespace twinwalk::fuzz
