// Runs a sequence on an engine and on the flat map in lockstep, and asks the oracles after every
// operation.
//
// The engine goes first, since hardware may act in its midst; what hardware did is then told to the
// flat map where it happened, before the call or after it, and only then the flat map predicts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "engine/api.hpp"
#include "fuzz/engine_calls.hpp"
#include "fuzz/executor_types.hpp"
#include "fuzz/expectations.hpp"
#include "fuzz/hardware_hits.hpp"
#include "fuzz/model_calls.hpp"
#include "fuzz/oracle.hpp"
#include "fuzz/oracles.hpp"
#include "fuzz/probes.hpp"
#include "fuzz/sequence.hpp"
#include "fuzz/step.hpp"
#include "fuzz/world.hpp"

namespace twinwalk::fuzz {

template <class Engine, class Spec>
class Executor {
 public:
  using World = fuzz::World<Engine, Spec>;

  Executor() = default;
  Executor(Executor const&) = delete;
  Executor& operator=(Executor const&) = delete;
  // A run that ended in a finding leaves plans that nobody will carry out.
  ~Executor() { abandon(); }

  // Runs from an empty machine to the end, or to the first complaint. After a complaint the world
  // stays as it was found until the next run.
  std::optional<Finding> run(Sequence const& sequence, RunOptions const& options) {
    abandon();
    std::optional<Finding> found = start(sequence);
    for (std::size_t i = 0; i < sequence.ops.size() && !found; ++i) {
      found = run_one(sequence.ops[i], i, options);
      bool const due = options.checkpoint_every != 0 && (i + 1) % options.checkpoint_every == 0;
      if (!found && due) found = checkpoint(i);
    }
    if (!found && !options.leave_standing) found = finish(sequence.ops.size());
    statistics_.facts_dropped += world_.machine.tlb().dropped();
    return found;
  }

  World& world() { return world_; }
  Step const& last_step() const { return step_; }
  RunStatistics const& statistics() const { return statistics_; }

 private:
  // ---- Begin and end -------------------------------------------------------------------------

  // Drops what an earlier run left behind; its machine is reset, so nothing is owed any more.
  void abandon() {
    for (auto& plan : world_.pending) plan.abandon();
    world_.pending.clear();
    world_.pending_scopes.clear();
    for (auto& space : world_.spaces) {
      if (!space.exists()) continue;
      space.table.reset();
      space.map.destroy();
      space.id = -1;
    }
  }

  std::optional<Finding> start(Sequence const& sequence) {
    models::MachineShape shape;
    shape.frames = sequence.frames;
    shape.placement = sequence.placement;
    shape.largest_table_log2 = Spec::root_bits;
    shape.processors = cpu_count_max;
    world_.machine.reset(shape, sequence.machine);
    world_.options = world_.machine.options();
    recent_.clear();
    step_.executed = false;
    disarm();
    std::uint32_t named = 1;
    for (Op const& op : sequence.ops) {
      named |= 1U << op.space;
      if (op.kind == OpKind::share) named |= 1U << op.owner;
    }
    for (std::uint8_t i = 0; i < world_.spaces.size(); ++i) {
      if ((named >> i & 1U) == 0) continue;
      if (auto found = ask_lifetime(create(i), 0)) return found;
    }
    return std::nullopt;
  }

  Lifetime create(std::uint8_t index) {
    auto& space = world_.spaces[index];
    auto& machine = world_.machine;
    std::uint64_t const allocations = machine.frames().has_free(Spec::root_bits) ? 1 : 0;
    Lifetime life;
    life.space = index;
    life.created = true;
    machine.begin_operation();
    auto created = Engine::create(machine, typename Engine::Options(world_.options));
    life.frames_asked = machine.counts().allocations;
    life.model = space.map.create(world_.options, allocations);
    if (!created) {
      life.failure = created.failure();
      return life;
    }
    space.table.emplace(*created);
    space.id = machine.add_space(space.table->root().value);
    return life;
  }

  // Compares everything, then takes everything apart. No frame is freed before every table is
  // destroyed, so a borrower may go after its owner here.
  std::optional<Finding> finish(std::size_t index) {
    world_.carry_out_pending(world_.pending.size());
    if (auto found = checkpoint(index)) return found;
    std::array<Lifetime, space_count_max> lives;
    std::size_t count = 0;
    for (std::uint8_t i = 0; i < world_.spaces.size(); ++i) {
      if (world_.spaces[i].exists()) lives[count++] = destroy(i);
    }
    step_ = Step{};
    step_.index = index;
    if (auto found = ask_oracles(Phase::destroyed, index)) return found;
    for (std::size_t i = 0; i < count; ++i) {
      world_.machine.begin_operation();
      world_.carry_out_pending(1);
      lives[i].frames_freed = world_.machine.counts().frees;
      if (auto found = ask_lifetime(lives[i], index)) return found;
    }
    world_.machine.end_case();
    return ask_oracles(Phase::end, index);
  }

  // Its plan is pending afterwards.
  Lifetime destroy(std::uint8_t index) {
    auto& space = world_.spaces[index];
    Lifetime life;
    life.space = index;
    auto plan = space.table->destroy();
    world_.machine.retire_space(space.id);
    life.scope = plan.scope();
    life.model = space.map.destroy();
    world_.pending_scopes.push_back(plan.scope());
    world_.pending.push_back(std::move(plan));
    space.table.reset();
    space.id = -1;
    return life;
  }

  // ---- One operation -------------------------------------------------------------------------

  std::optional<Finding> run_one(Op const& op, std::size_t index, RunOptions const& options) {
    step_.op = op;
    step_.index = index;
    step_.executed = false;
    step_.engine = Answer{};
    step_.model = models::Outcome{};
    step_.engine_leaves.clear();
    step_.model_leaves.clear();
    auto& machine = world_.machine;
    switch (op.kind) {
      case OpKind::fail:
        machine.fail_allocation(op.count);
        failing_allocation_ = op.count;
        return std::nullopt;
      case OpKind::hardware:
        hits_.arm(world_, op);
        return std::nullopt;
      case OpKind::flush:
        world_.carry_out_pending(op.count == 0 ? world_.pending.size() : op.count);
        step_.executed = true;
        break;
      case OpKind::garbage:
        put_garbage(op);
        break;
      case OpKind::access:
        touch(op);
        break;
      default:
        call(op);
        break;
    }
    if (!step_.executed) return std::nullopt;
    collect_probes(world_, step_, recent_);
    if (auto found = ask_oracles(Phase::operation, index)) return found;
    if (options.judge_expectations) return judge_expectation(index);
    return std::nullopt;
  }

  void call(Op const& op) {
    auto& space = world_.spaces[op.space];
    bool const possible =
        space.exists() && (op.kind != OpKind::share || world_.spaces[op.owner].exists());
    if (!possible) {
      disarm();
      return;
    }
    step_.executed = true;
    flush_before_mapping_again(op);
    auto& machine = world_.machine;
    auto& frames = machine.frames();
    step_.frames_free_before = frames.in_state(models::FrameState::free);
    std::uint64_t const awaiting = frames.in_state(models::FrameState::awaiting_flush);
    std::uint64_t const allocations = failing_allocation_ < step_.frames_free_before
                                          ? failing_allocation_
                                          : step_.frames_free_before;
    machine.begin_operation();
    hits_.before_call(world_);
    auto plan = call_engine(world_, op, step_);
    step_.frames_allocated = machine.counts().allocations;
    step_.frames_in_plan = frames.in_state(models::FrameState::awaiting_flush) - awaiting;

    hits_.tell_before(world_, step_);
    call_model(world_, op, allocations, step_);
    hits_.tell_after(world_, step_);

    step_.engine.scope = plan.scope();
    step_.engine.deferred = op.defer && plan.owes();
    if (step_.engine.deferred) {
      world_.pending_scopes.push_back(plan.scope());
      world_.pending.push_back(std::move(plan));
    } else {
      plan.carry_out();
    }
    disarm();
    step_.frames_free_after = frames.in_state(models::FrameState::free);
    count(op);
  }

  void disarm() {
    world_.machine.end_operation();
    failing_allocation_ = ~std::uint64_t{0};
    hits_.disarm();
  }

  // A plan must be carried out before its range is mapped again: the caller's part of the contract.
  void flush_before_mapping_again(Op const& op) {
    bool const maps = op.kind == OpKind::map || op.kind == OpKind::map_region ||
                      op.kind == OpKind::remap || op.kind == OpKind::share;
    if (!maps || world_.pending.empty()) return;
    std::uint64_t const length = op.kind == OpKind::map     ? bytes(op.size)
                                 : op.kind == OpKind::remap ? 1
                                                            : op.length;
    std::uint64_t const last = op.va.value + (length - 1);
    for (FlushScope const& scope : world_.pending_scopes) {
      bool meets = scope.everything || op.kind == OpKind::share;
      for (int i = 0; i < scope.range_count; ++i) {
        FlushRange const& range = scope.ranges[i];
        meets |= op.va.value <= range.last && range.first <= last;
      }
      if (!meets) continue;
      world_.carry_out_pending(world_.pending.size());
      return;
    }
  }

  void put_garbage(Op const& op) {
    auto const& space = world_.spaces[op.space];
    if (!space.exists()) return;
    auto& machine = world_.machine;
    auto const translation = machine.translate(space.id, op.va.value);
    for (auto const& step : translation.path) {
      bool const hole = step.level == op.level && step.kind == models::EntryKind::hole;
      if (!hole) continue;
      if (Spec::classify(machine.settings(), step.level, op.word) != models::EntryKind::hole)
        return;
      machine.poke(step.slot, op.word);
      step_.executed = true;
    }
  }

  // A processor touches memory: what it may get, and what it does to accessed and dirty.
  void touch(Op const& op) {
    auto& space = world_.spaces[op.space];
    if (!space.exists()) return;
    step_.executed = true;
    auto& machine = world_.machine;
    models::Access const access{static_cast<models::AccessKind>(op.access), op.user, false};
    auto const ask = [&] { return machine.answers(op.cpu, space.id, op.va.value, access); };
    auto const walked = machine.walk(space.id, op.va.value, access);
    Touch& touch = step_.touch;
    bool const accessed_clear = walked.fault.refusal == models::Refusal::accessed_clear;
    touch = {walked.ok(), accessed_clear, walked.translation.physical, ask(), {}};
    statistics_.answers_dropped += touch.answers.dropped;
    if (walked.ok() && touch.answers.may_fault() && world_.pending.empty()) {
      machine.page_fault(op.cpu, space.id, op.va.value);
      touch.retried = ask();
    }
    if (!walked.ok()) {
      machine.page_fault(op.cpu, space.id, op.va.value);
      return;
    }
    for (auto const& update : walked)
      machine.poke(update.slot, machine.peek().load(update.slot) ^ update.mask);
    HardwareUpdates const updates = Spec::hardware_updates(machine.options());
    if (updates == HardwareUpdates::none) return;
    space.map.set_hardware_accessed(op.va);
    bool const dirties = op.access == AccessKind::write;
    if (dirties && updates == HardwareUpdates::accessed_and_dirty) {
      space.map.set_hardware_dirty(op.va);
    }
  }

  // ---- Judging -------------------------------------------------------------------------------

  std::optional<Finding> checkpoint(std::size_t index) {
    return ask_oracles(Phase::checkpoint, index);
  }

  std::optional<Finding> ask_oracles(Phase phase, std::size_t index) {
    std::optional<Finding> found;
    AllOracles::for_each([&]<class Oracle>() {
      if (found) return;
      std::optional<Complaint> const complaint = ask<Oracle>(phase);
      if (!complaint) return;
      found = Finding{std::string(Oracle::name), index, complaint->what, complaint->va,
                      complaint->space.value_or(step_.op.space)};
    });
    return found;
  }

  std::optional<Finding> ask_lifetime(Lifetime const& life, std::size_t index) {
    std::optional<Finding> found;
    AllOracles::for_each([&]<class Oracle>() {
      if constexpr (requires { Oracle::at_lifetime(world_, life); }) {
        if (found) return;
        std::optional<Complaint> const complaint = Oracle::at_lifetime(world_, life);
        if (!complaint) return;
        found = Finding{std::string(Oracle::name), index, complaint->what, complaint->va,
                        complaint->space.value_or(life.space)};
      }
    });
    return found;
  }

  template <class Oracle>
  std::optional<Complaint> ask(Phase phase) {
    switch (phase) {
      case Phase::operation:
        if constexpr (requires { Oracle::after_operation(world_, step_); })
          return Oracle::after_operation(world_, step_);
        break;
      case Phase::checkpoint:
        if constexpr (requires { Oracle::at_checkpoint(world_); })
          return Oracle::at_checkpoint(world_);
        break;
      case Phase::destroyed:
        if constexpr (requires { Oracle::at_destroyed(world_); })
          return Oracle::at_destroyed(world_);
        break;
      case Phase::end:
        if constexpr (requires { Oracle::at_end(world_); }) return Oracle::at_end(world_);
        break;
    }
    return std::nullopt;
  }

  std::optional<Finding> judge_expectation(std::size_t index) {
    Op const& op = step_.op;
    if (op.expect == Expectation::none) return std::nullopt;
    std::optional<std::string> const wrong = op.kind == OpKind::access
                                                 ? unmet_by_access(op.expect, step_.touch.answers)
                                                 : unmet_by_call(op.expect, step_.engine);
    if (!wrong) return std::nullopt;
    return Finding{std::string(expectation_oracle), index, *wrong, op.va.value, op.space};
  }

  void count(Op const& op) {
    ++statistics_.operations;
    bool const ok = step_.model.ok();
    if (ok) ++statistics_.succeeded;
    bool const met = step_.model.leaf.has_value() || step_.model.mapped_bytes != 0 ||
                     !step_.model_leaves.all().empty() ||
                     (!ok && (step_.model.failure->error == PagingError::AlreadyMapped ||
                              step_.model.failure->error == PagingError::MappedToHugePage ||
                              step_.model.failure->error == PagingError::Borrowed));
    if (met && is_contract(op.kind)) ++statistics_.touched_mapped;
    statistics_.hardware_hits += hits_.count();
    if (world_.machine.writes().overflowed()) ++statistics_.logs_overflowed;
  }

  World world_;
  Step step_;
  HardwareHits<World> hits_;
  RecentAddresses recent_;
  RunStatistics statistics_;
  std::uint64_t failing_allocation_ = ~std::uint64_t{0};
};

}  // namespace twinwalk::fuzz
