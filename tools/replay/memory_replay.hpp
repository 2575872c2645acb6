// Makes the call of a memory file on an engine that runs on numbers, shipped or broken on purpose.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "engine/page_table.hpp"
#include "engine/steps.hpp"
#include "models/walker.hpp"
#include "proofs/memory_file.hpp"
#include "tools/replay/memory_run.hpp"
#include "tools/replay/replay_memory.hpp"

namespace twinwalk::tools {

template <class Format, class Spec>
class MemoryReplay {
 public:
  explicit MemoryReplay(proofs::MemoryFile const& file)
      : file_(file), options_(file.machine), settings_(settings_of(file)), memory_(file) {}

  MemoryRun run() {
    MemoryRun run;
    for (proofs::Witness const& witness : file_.predicted.witnesses) {
      auto const path = walk(witness);
      run.before.push_back(steps(path));
      memory_.record().witnesses.push_back(
          {witness.root, witness.address, answer(path), proofs::WalkAnswer{}});
    }
    call();
    memory_.note_metadata();
    for (proofs::Witness& witness : memory_.record().witnesses) {
      auto const path = walk(witness);
      run.after.push_back(steps(path));
      witness.after = answer(path);
    }
    run.record = memory_.record();
    return run;
  }

 private:
  // Only x86-64 has bits that one maker reserves and the other does not.
  static typename Spec::Settings settings_of(proofs::MemoryFile const& file) {
    if constexpr (requires { Spec::settings(file.machine, file.amd); }) {
      return Spec::settings(file.machine, file.amd);
    } else {
      return Spec::settings(file.machine);
    }
  }

  using Table = PageTable<Format, ReplayMemory>;
  using Options = typename Format::template Options<std::uint64_t>;
  using Translation = models::Translation<Spec>;

  // ---- The hardware's side ----

  struct Peek {
    ReplayMemory const& memory;
    std::uint64_t load(std::uint64_t slot) const { return memory.peek(slot); }
  };

  Translation walk(proofs::Witness const& witness) const {
    return models::translate<Spec>(Peek{memory_}, settings_, witness.root, witness.address);
  }

  proofs::WalkAnswer answer(Translation const& path) const {
    using Kind = proofs::WalkAnswer::Kind;
    switch (path.refusal) {
      case models::Refusal::none:
        break;
      case models::Refusal::non_canonical:
        return {.kind = Kind::non_canonical};
      case models::Refusal::malformed:
        return {.kind = Kind::malformed};
      default:
        return {.kind = Kind::hole};
    }
    return {Kind::leaf,    path.physical, path.size, path.effective_flags(file_.machine),
            path.accessed, path.dirty};
  }

  static WalkedSlots steps(Translation const& path) {
    WalkedSlots slots;
    for (models::WalkStep const& step : path.path) {
      slots.push_back({step.slot, step.entry, step.level});
    }
    return slots;
  }

  // ---- The engine's side ----

  void call() {
    std::string_view const name = file_.call;
    Table table(memory_, file_.root, options_);
    VirtAddr const va(file_.va);
    PhysAddr const pa(file_.pa);
    MappingFlags const flags(file_.flags);
    for (int level = 1; level <= Format::leaf_level_max; ++level) {
      if (name != map_name(level)) continue;
      return note(table.map(va, pa, Geometry<Format>::page_size(level), flags));
    }
    if (name == "unmap") return note(table.unmap(va));
    if (name == "protect") return note(table.protect(va, flags));
    if (name == "remap") return note(table.remap(va, pa, flags));
    if (name == "query") return note(table.query(va));
    if (name == "clear_accessed") return note(table.clear_accessed(va));
    if (name == "clear_dirty") return note(table.clear_dirty(va));
    if (name == "set_accessed") return note(table.set_accessed(va));
    if (name == "set_dirty") return note(table.set_dirty(va));
    if (name == "split") return split();
    if (name == "share_root_entries") {
      Table borrower(memory_, file_.borrower, options_);
      return note(borrower.share_root_entries(table, va, Geometry<Format>::span(Format::levels)));
    }
    // What a format cannot do at all is in no proof about it.
    memory_.record().applies = false;
  }

  static std::string_view map_name(int level) {
    constexpr std::string_view names[] = {"", "map 4K", "map 2M", "map 1G", "map 512G", "map 256T"};
    return names[level];
  }

  // The leaf that contains the address is split, as a region does it.
  void split() {
    Steps<Format, ReplayMemory> steps{memory_, options_, Path<Format, std::uint64_t>(file_.root)};
    proofs::CallRecord& record = memory_.record();
    if (!Format::canonical(file_.va)) {
      record.applies = false;
      return;
    }
    steps.seek(file_.va, 1);
    Ownership const owner = steps.ownership();
    if (steps.path.level == 1 || !steps.present() || owner == Ownership::borrowed) {
      record.applies = false;
      return;
    }
    FrameChain<ReplayMemory> paid;
    if (!steps.pay(1, paid)) {
      refused({PagingError::NoMemory, VirtAddr(file_.va)});
      return;
    }
    FlushPlan<ReplayMemory> plan(memory_, file_.root);
    steps.split(paid, owner, plan);
    plan.carry_out();
  }

  void refused(Failure failure) {
    memory_.record().error = failure.error;
    memory_.record().where = failure.where.value;
  }
  template <class Value>
  void note(Result<Value, std::uint64_t> result) {
    if (!result) return refused(result.failure());
    note_value(*result);
  }
  void note_value(FlushPlan<ReplayMemory>& plan) {
    memory_.record().plan = plan.scope();
    plan.carry_out();
  }
  void note_value(Removed<ReplayMemory>& removed) {
    note_value(Leaf(removed.leaf));
    note_value(removed.plan);
  }
  void note_value(Leaf const& leaf) { memory_.record().leaf = leaf; }

  proofs::MemoryFile const& file_;
  Options options_;
  typename Spec::Settings settings_;
  ReplayMemory memory_;
};

}  // namespace twinwalk::tools
