// A guest's own walk over the walk of the hypervisor's tables: what an MMU with two stages does.
//
//   walk_two_stages<First, Second>(memory, guest, host, address, access)
//
// Whatever the guest's walk reads stands at a guest-physical address, so each table access is one
// of the second stage's, and the address that comes out is translated once more. The order of the
// faults follows: one of the second stage on a guest's table comes before the entry there is read,
// and one of the guest's before the second stage is asked for the page. (Intel SDM vol. 3C, "EPT
// Translation Mechanism"; AMD APM vol. 2, 15.25.6; RISC-V privileged manual, "Two-Stage Address
// Translation".)
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

// One stage of translation: its settings, and the value of its root register.
template <class Spec>
struct Stage {
  typename Spec::Settings settings;
  std::uint64_t root = 0;
};

enum class StageName : std::uint8_t { none, first, second };

struct TwoStageResult {
  StageName faulted = StageName::none;
  Fault fault{};
  std::uint64_t guest_physical =
      0;  // of the byte; or, of a fault of the second stage, where it was

  // Unless there was a fault.
  std::uint64_t physical = 0;
  PageSize size = PageSize::Size4K;  // of what a TLB may keep: the smaller of both pages

  // What hardware sets, in the order in which it does, at physical addresses. A fault leaves what
  // came before it.
  std::vector<Update> updates{};

  bool ok() const { return faulted == StageName::none; }
};

namespace detail {

template <class First, class Second, class Memory>
class TwoStageWalk {
 public:
  TwoStageWalk(Memory const& memory, Stage<First> const& guest, Stage<Second> const& host)
      : memory_(memory), guest_(guest), host_(host) {}

  TwoStageResult run(std::uint64_t address, Access const& access) {
    Stepper<First> stepper(guest_.settings, guest_.root, address);
    std::vector<std::uint64_t> slots;  // where the guest's entries really stand
    while (!stepper.done()) {
      auto const slot = ask(stepper.slot(), table_access(access, AccessKind::read));
      if (!slot) return result_;
      slots.push_back(*slot);
      stepper.feed(memory_.load(*slot));
    }
    WalkResult<First> first{.translation = stepper.result()};
    judge_into(first, guest_.settings, access);
    if (!first.ok()) {
      result_.faulted = StageName::first;
      result_.fault = first.fault;
      return result_;
    }
    if (!set_bits(first, slots, access)) return result_;
    reach(first.translation, access);
    return result_;
  }

 private:
  // An access of the guest's walk to its own tables, as the second stage meets it.
  static Access table_access(Access access, AccessKind kind) {
    access.on_behalf = access.kind;
    access.kind = kind;
    access.guest_walk = true;
    return access;
  }

  // What hardware sets twice, it sets once.
  void note(Update update) {
    for (Update const& earlier : result_.updates) {
      if (earlier.slot == update.slot) update.mask &= ~earlier.mask;
    }
    if (update.mask != 0) result_.updates.push_back(update);
  }

  // One access of the second stage: the physical address, or nothing where it faults.
  std::optional<std::uint64_t> ask(std::uint64_t guest_physical, Access const& access) {
    WalkResult<Second> const walked =
        walk<Second>(memory_, host_.settings, host_.root, guest_physical, access);
    result_.guest_physical = guest_physical;
    if (!walked.ok()) {
      result_.faulted = StageName::second;
      result_.fault = walked.fault;
      return std::nullopt;
    }
    for (Update const& update : walked) note(update);
    result_.size = walked.translation.size;
    return walked.translation.physical;
  }

  // Sets accessed and dirty in the guest's tables, which writes there.
  bool set_bits(WalkResult<First> const& first, std::vector<std::uint64_t> const& slots,
                Access const& access) {
    for (Update const& update : first) {
      for (int i = 0; i < first.translation.path.count; ++i) {
        WalkStep const& step = first.translation.path[i];
        if (step.slot != update.slot) continue;
        if (!ask(step.slot, table_access(access, AccessKind::write))) return false;
        note({slots[static_cast<std::size_t>(i)], update.mask});
      }
    }
    return true;
  }

  // The access itself. Whether it is one of user mode to the second stage, the processor says, or
  // the guest's page.
  void reach(Translation<First> const& page, Access access) {
    if constexpr (requires { Second::user_is_said_by_page; }) {
      access.user = page.effective_flags(MachineOptions{}).has(Flag::USER);
    }
    auto const physical = ask(page.physical, access);
    if (!physical) return;
    result_.physical = *physical;
    if (size_log2(page.size) < size_log2(result_.size)) result_.size = page.size;
  }

  Memory const& memory_;
  Stage<First> const& guest_;
  Stage<Second> const& host_;
  TwoStageResult result_{};
};

}  // namespace detail

// One access at an address of the guest's own. `guest.root` is guest-physical.
template <class First, class Second, class Memory>
TwoStageResult walk_two_stages(Memory const& memory, Stage<First> const& guest,
                               Stage<Second> const& host, std::uint64_t address,
                               Access const& access) {
  return detail::TwoStageWalk<First, Second, Memory>(memory, guest, host).run(address, access);
}

}  // namespace twinwalk::models
