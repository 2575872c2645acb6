// What an MMU does with the bytes of page tables: one stage of translation over any memory, by the
// rules of a spec. The models' side only; nothing here knows how an engine encodes anything.
//
//   translate(memory, settings, root, address)        the path, and what it grants to whom
//   walk(memory, settings, root, address, access)     one access: a physical address or the fault
//   apply(memory, result)                             the accessed and dirty bits of that access
//
// `memory.load(slot)` yields the 8 bytes at a physical address; a walk reads each slot once, from
// the root down. A walk through a memory that is itself translated feeds a `Stepper` instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/api.hpp"
#include "models/spec/access.hpp"
#include "models/spec/field.hpp"

namespace twinwalk::models {

// One entry that a walk has read.
struct WalkStep {
  std::uint64_t slot;   // its physical address
  std::uint64_t entry;  // as it was read
  int level;            // 1 is the last level
  EntryKind kind;
};

// The entries of a walk, root first. Only the first `count` hold.
template <int Levels>
struct WalkPath {
  std::array<WalkStep, static_cast<std::size_t>(Levels)> steps;
  int count = 0;

  constexpr WalkPath() {}  // leaves the steps as they are: a walk is on the fuzzer's hottest path

  constexpr WalkStep const* begin() const { return steps.data(); }
  constexpr WalkStep const* end() const { return steps.data() + count; }
  constexpr WalkStep const& operator[](int i) const { return steps[static_cast<std::size_t>(i)]; }
  constexpr WalkStep const& last() const { return (*this)[count - 1]; }
};

// What the tables say about an address, for every access at once.
template <class Spec>
struct Translation {
  // none, non_canonical, not_present or malformed. Unless none, only `level` and `path` hold.
  Refusal refusal = Refusal::none;
  int level = 0;  // of the leaf, or of the entry that refused; 0 when none was read

  std::uint64_t physical = 0;        // of the byte asked for
  PageSize size = PageSize::Size4K;  // of the leaf
  std::uint64_t entry = 0;           // the leaf, as it was read
  typename Spec::Rights rights{};    // of the whole path
  std::uint64_t memory_type = 0;     // the spec's index or code
  std::uint64_t key = 0;             // as the leaf has it, whether keys are on or off
  bool global = false;
  bool accessed = false;
  bool dirty = false;

  WalkPath<Spec::levels> path;

  constexpr bool found() const { return refusal == Refusal::none; }
  // The slot of the leaf, or of the entry that refused; there is none when `path` is empty.
  constexpr std::uint64_t slot() const { return path.last().slot; }
  // The first byte of the leaf's frame.
  constexpr std::uint64_t frame() const { return physical & ~(bytes(size) - 1); }
  // What the path grants in neutral flags, the leaf's attributes included.
  constexpr MappingFlags effective_flags(MachineOptions const& options) const {
    return Spec::template effective_flags<std::uint64_t>(options, rights, level, entry);
  }
  // What the leaf alone says in neutral flags: what an engine should read back.
  constexpr MappingFlags leaf_flags(MachineOptions const& options) const {
    return Spec::template flags_of_leaf<std::uint64_t>(options, level, entry);
  }
};

// One walk, an entry at a time: while `!done()`, read `slot()` and `feed` what was there.
template <class Spec>
class Stepper {
 public:
  using Settings = typename Spec::Settings;

  // The settings must outlive the stepper. `root` is the value of the root register.
  constexpr Stepper(Settings const& settings, std::uint64_t root, std::uint64_t address)
      : settings_(settings), address_(address), table_(Spec::root_table(root)) {
    if (!Spec::canonical(address)) {
      result_.refusal = Refusal::non_canonical;
      level_ = 0;
    }
  }
  // Begins below the root: at a table that a processor still remembers, with the rights of the
  // entries above it. `level` is of the entries in that table.
  constexpr Stepper(Settings const& settings, int level, std::uint64_t table,
                    typename Spec::Rights const& rights, std::uint64_t address)
      : settings_(settings), address_(address), table_(table), level_(level) {
    result_.rights = rights;
  }

  constexpr bool done() const { return level_ == 0; }
  constexpr int level() const { return level_; }
  constexpr std::uint64_t table() const { return table_; }
  constexpr std::uint64_t slot() const { return Spec::slot(table_, level_, address_); }

  // Inlined on purpose: it keeps the state of a whole walk in registers.
  [[gnu::always_inline]] constexpr void feed(std::uint64_t entry) {
    EntryKind const kind = Spec::classify(settings_, level_, entry);
    result_.path.steps[static_cast<std::size_t>(result_.path.count++)] = {slot(), entry, level_,
                                                                          kind};
    result_.level = level_;
    switch (kind) {
      case EntryKind::hole:
        refuse(Refusal::not_present);
        return;
      case EntryKind::malformed:
        refuse(Refusal::malformed);
        return;
      case EntryKind::table:
        result_.rights = Spec::combine(result_.rights, level_, entry);
        table_ = Spec::table_address(level_, entry);
        --level_;
        return;
      case EntryKind::leaf:
        result_.rights = Spec::combine(result_.rights, level_, entry);
        land(entry);
        return;
    }
  }

  // Complete once done.
  constexpr Translation<Spec> const& result() const { return result_; }

 private:
  constexpr void refuse(Refusal refusal) {
    result_.refusal = refusal;
    level_ = 0;
  }
  constexpr void land(std::uint64_t leaf) {
    result_.physical = Spec::output(level_, leaf, address_);
    result_.size = Spec::leaf_size(level_, leaf);
    result_.entry = leaf;
    result_.memory_type = Spec::memory_type(level_, leaf);
    result_.key = Spec::key(level_, leaf);
    result_.global = Spec::global(settings_, level_, leaf) != 0;
    result_.accessed = Spec::accessed(level_, leaf) != 0;
    result_.dirty = Spec::dirty(level_, leaf) != 0;
    level_ = 0;
  }

  Settings const& settings_;
  std::uint64_t address_;
  std::uint64_t table_;
  int level_ = Spec::levels;
  Translation<Spec> result_{};
};

// The path of an address, judged for no access in particular.
template <class Spec, class Memory>
constexpr Translation<Spec> translate(Memory const& memory, typename Spec::Settings const& settings,
                                      std::uint64_t root, std::uint64_t address) {
  Stepper<Spec> stepper(settings, root, address);
  while (!stepper.done()) stepper.feed(memory.load(stepper.slot()));
  return stepper.result();
}

// One access, carried out by hardware.
template <class Spec>
struct WalkResult {
  Translation<Spec> translation{};
  Fault fault{};  // fault.refusal is none when the access succeeds

  // What hardware changes on success, root first. On a fault there is nothing, though a processor
  // may have set the accessed bits of the entries it used.
  std::array<Update, static_cast<std::size_t>(Spec::levels)> updates{};
  int update_count = 0;

  constexpr bool ok() const { return fault.refusal == Refusal::none; }
  constexpr Update const* begin() const { return updates.data(); }
  constexpr Update const* end() const { return updates.data() + update_count; }
};

// The bits that hardware changes in an entry which a successful access used.
template <class Spec>
constexpr std::uint64_t changed_by_use(typename Spec::Settings const& settings,
                                       Access const& access, WalkStep const& step) {
  bool const leaf = step.kind == EntryKind::leaf;
  if constexpr (requires { Spec::hardware_changes(settings, access, 0, leaf, step.entry); }) {
    return Spec::hardware_changes(settings, access, step.level, leaf, step.entry);
  } else {
    return Spec::hardware_sets(settings, access, step.level, leaf) & ~step.entry;
  }
}

// Judges an access by the path that `result.translation` holds; the rest of it is as it was made.
template <class Spec>
constexpr void judge_into(WalkResult<Spec>& result, typename Spec::Settings const& settings,
                          Access const& access) {
  Translation<Spec> const& t = result.translation;
  if (!t.found()) {
    result.fault = Spec::fault(settings, access, t.refusal, t.level, {});
    return;
  }
  Denial<std::uint64_t> const denied =
      Spec::template denial<std::uint64_t>(settings, access, t.rights, t.level, t.entry);
  if ((denied.right | denied.key) != 0) {
    result.fault = Spec::fault(settings, access, Refusal::denied, t.level, denied);
    return;
  }
  Refusal const wanting = Spec::software_must_set(settings, access, t.level, t.entry);
  if (wanting != Refusal::none) {
    result.fault = Spec::fault(settings, access, wanting, t.level, denied);
    return;
  }
  for (WalkStep const& step : t.path) {
    std::uint64_t const changed = changed_by_use<Spec>(settings, access, step);
    if (changed == 0) continue;
    result.updates[static_cast<std::size_t>(result.update_count++)] = {step.slot, changed};
  }
}

// What becomes of one access, given the path of its address.
template <class Spec>
constexpr WalkResult<Spec> judge(typename Spec::Settings const& settings,
                                 Translation<Spec> const& translation, Access const& access) {
  WalkResult<Spec> result{.translation = translation};
  judge_into(result, settings, access);
  return result;
}

template <class Spec, class Memory>
constexpr WalkResult<Spec> walk(Memory const& memory, typename Spec::Settings const& settings,
                                std::uint64_t root, std::uint64_t address, Access const& access) {
  WalkResult<Spec> result{.translation = translate<Spec>(memory, settings, root, address)};
  judge_into(result, settings, access);
  return result;
}

// Sets the accessed and dirty bits of a walk. An entry that has changed since it was read, but for
// those bits, stops it: hardware would walk again, and the result is false.
template <class Spec, class Memory>
constexpr bool apply(Memory& memory, WalkResult<Spec> const& result) {
  for (WalkStep const& step : result.translation.path) {
    std::uint64_t mine = 0;
    for (Update const& update : result) {
      if (update.slot == step.slot) mine = update.mask;
    }
    if (mine == 0) continue;
    std::uint64_t const theirs = Spec::accessed_mask(step.level) | Spec::dirty_mask(step.level);
    std::uint64_t const now = memory.load(step.slot);
    if (((now ^ step.entry) & ~theirs) != 0) return false;
    memory.store(step.slot, (now & ~mine) | (~step.entry & mine));
  }
  return true;
}

}  // namespace twinwalk::models
