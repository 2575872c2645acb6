// What a processor does wrong that still holds an old entry, judged against the tables as they are.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/api.hpp"
#include "models/frames.hpp"
#include "models/machine/answers.hpp"
#include "models/machine/spaces.hpp"
#include "models/machine/spec_rules.hpp"
#include "models/machine/stale_fact.hpp"
#include "models/memory.hpp"
#include "models/spec/access.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

template <class Spec>
class StaleJudge {
 public:
  using Rules = SpecRules<Spec>;

  StaleJudge(Memory const& memory, Frames const& frames, Spaces const& spaces)
      : memory_(memory), frames_(frames), spaces_(spaces) {}

  void reset(MachineOptions const& options) { rules_ = Rules(options); }
  Rules const& rules() const { return rules_; }

  // The worst that any holder of the fact, in any of its spaces, may do with any entry of it.
  StaleEffect effect_of(StaleFact const& fact) const {
    if (fact.kind == StaleFact::Kind::contents) return StaleEffect::must_invalidate;
    StaleEffect worst = StaleEffect::harmless;
    std::uint32_t const spaces = spaces_of(fact.who);
    for (int s = 0; s < spaces_.count() && worst != StaleEffect::must_invalidate; ++s) {
      if ((spaces >> s & 1) == 0) continue;
      if (!spaces_.live(s)) return StaleEffect::must_invalidate;
      worst = worse(worst, fact.kind == StaleFact::Kind::table ? judge_pointer(fact, s)
                                                               : judge_leaves(fact, s));
    }
    return worst;
  }

  // What an access comes to that uses the fact.
  Answer answer_of(StaleFact const& fact, std::uint64_t virt, Access const& access) const {
    if (fact.kind == StaleFact::Kind::absent) return {.stale = true};
    Translation<Spec> const translation = walk_from(fact, virt);
    WalkResult<Spec> const result = judge<Spec>(rules_.settings(), translation, access);
    return {!result.ok(), result.ok() ? translation.physical : 0, true};
  }

  // Whether some leaf of the fact maps this frame of memory.
  bool translates_into(StaleFact const& fact, std::uint64_t physical) const {
    if (fact.kind == StaleFact::Kind::table) return false;  // its leaves are facts of their own
    if (fact.kind == StaleFact::Kind::absent) return false;
    std::size_t const table = memory_.index(fact.table);
    bool const in_table = fact.kind == StaleFact::Kind::contents;
    if (in_table && table >= frames_.count()) return false;
    std::size_t const first_slot = Rules::slot(fact.first, fact.level);
    for (std::size_t k = 0; k < fact.count; ++k) {
      std::uint64_t const leaf = in_table ? memory_.frame(table)[first_slot + k] : fact.value_of(k);
      if (rules_.kind(leaf, fact.level) != EntryKind::leaf) continue;
      std::uint64_t const output = rules_.output(leaf, fact.level, 0);
      if (output <= physical && physical - output < std::uint64_t{1} << fact.shift) return true;
    }
    return false;
  }

 private:
  StaleEffect judge_pointer(StaleFact const& fact, int space) const {
    if (fact.level > Rules::levels)
      return fact.table == spaces_.root(space) ? StaleEffect::harmless
                                               : StaleEffect::must_invalidate;
    std::size_t frame = memory_.index(spaces_.root(space));
    for (int level = Rules::levels; is_table(frame); --level) {
      std::uint64_t const entry = memory_.frame(frame)[Rules::slot(fact.first, level)];
      if (level == fact.level) return rules_.stale_entry(fact.value, entry, level);
      if (rules_.kind(entry, level) != EntryKind::table) break;
      frame = memory_.index(rules_.next_table(entry, level));
    }
    return StaleEffect::must_invalidate;
  }
  StaleEffect judge_leaves(StaleFact const& fact, int space) const {
    std::size_t const frame = memory_.index(spaces_.root(space));
    if (!is_table(frame)) return StaleEffect::must_invalidate;
    return judge_under(fact, frame, Rules::levels, 0);
  }
  // The part of a run that one table serves, from `base` on.
  StaleEffect judge_under(StaleFact const& fact, std::size_t frame, int level,
                          std::uint64_t base) const {
    int const shift = Rules::shift(level);
    std::uint64_t const low = fact.first > base ? fact.first - base : 0;
    std::uint64_t const high = fact.last() - base;
    StaleEffect worst = StaleEffect::harmless;
    for (std::uint64_t k = low >> shift; k < Rules::slots(level) && k <= high >> shift; ++k) {
      std::uint64_t const entry = memory_.frame(frame)[k];
      std::uint64_t const input = base + (k << shift);
      if (rules_.kind(entry, level) == EntryKind::table) {
        std::size_t const next = memory_.index(rules_.next_table(entry, level));
        if (level == 1 || !is_table(next)) return StaleEffect::must_invalidate;
        worst = worse(worst, judge_under(fact, next, level - 1, input));
      } else {
        worst = worse(worst, judge_against(fact, entry, level, input));
      }
      if (worst == StaleEffect::must_invalidate) break;
    }
    return worst;
  }
  // The old leaves of a run that meet one entry of the tables that is none to another table.
  StaleEffect judge_against(StaleFact const& fact, std::uint64_t entry, int level,
                            std::uint64_t input) const {
    if (fact.kind == StaleFact::Kind::absent) {
      // It does nothing but fault, unless it meets a page of another size.
      bool const met = rules_.kind(entry, level) == EntryKind::leaf && level != fact.level;
      return met ? StaleEffect::must_invalidate : StaleEffect::harmless;
    }
    std::uint64_t const end = input + (std::uint64_t{1} << Rules::shift(level)) - 1;
    std::uint64_t const stop = end < fact.last() ? end : fact.last();
    StaleEffect worst = StaleEffect::harmless;
    for (std::uint64_t at = input > fact.first ? input : fact.first; at <= stop;) {
      std::uint64_t const k = (at - fact.first) >> fact.shift;
      worst = worse(worst, rules_.stale_leaf(fact.value_of(k), fact.level, entry, level, at));
      if (worst == StaleEffect::must_invalidate) break;
      at = fact.first + ((k + 1) << fact.shift);
    }
    return worst;
  }
  bool is_table(std::size_t frame) const {
    return frame < frames_.count() && frames_[frame].state == FrameState::table;
  }

  // ---- Walks through what is stale ------------------------------------------------------------

  // The rest of a walk that starts with what a processor remembers. Rights of entries above it are
  // taken to be granted: the processor may have read them at any time.
  Translation<Spec> walk_from(StaleFact const& fact, std::uint64_t virt) const {
    if (fact.kind == StaleFact::Kind::leaf) {
      Stepper<Spec> stepper(rules_.settings(), fact.level, 0, {}, virt);
      stepper.feed(fact.value_of(((virt & Rules::input_mask) - fact.first) >> fact.shift));
      return stepper.result();
    }
    typename Spec::Rights rights{};
    bool const pointer = fact.kind == StaleFact::Kind::table;
    if (pointer && fact.level <= Rules::levels) rights = Spec::own_rights(fact.level, fact.value);
    return walk_table(fact.table, pointer ? fact.level - 1 : fact.level, rights, virt);
  }
  Translation<Spec> walk_table(std::uint64_t table, int level, typename Spec::Rights const& rights,
                               std::uint64_t virt) const {
    Stepper<Spec> stepper(rules_.settings(), level, table, rights, virt);
    while (!stepper.done()) {
      std::uint64_t const* const word = memory_.word(stepper.slot());
      stepper.feed(word != nullptr ? *word : 0);
    }
    return stepper.result();
  }

  Memory const& memory_;
  Frames const& frames_;
  Spaces const& spaces_;
  Rules rules_{MachineOptions{}};
};

}  // namespace twinwalk::models
