// What the processors may hold: every translation and every table pointer that any intermediate
// memory offered since the last flush that covers it, whether or not anybody used it.
//
// The tables themselves say what a processor may read now, so only the difference is kept: a
// journal of the entries that were replaced and may still be held (docs/invalidation.md, section
// 3). A fact is judged against the tables when somebody asks: the same old entry may be harmless
// today and wrong after the next change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/api.hpp"
#include "models/frames.hpp"
#include "models/machine/answers.hpp"
#include "models/machine/spaces.hpp"
#include "models/machine/spec_rules.hpp"
#include "models/machine/stale_fact.hpp"
#include "models/machine/stale_judge.hpp"
#include "models/memory.hpp"
#include "models/spec/access.hpp"

namespace twinwalk::models {

template <class Spec>
class Tlb {
 public:
  using Rules = SpecRules<Spec>;
  // More facts than this are not kept: then something may be missed, and nothing is invented.
  static constexpr std::size_t facts_max = 4096;

  Tlb(Memory const& memory, Frames const& frames, Spaces const& spaces)
      : spaces_(spaces), judge_(memory, frames, spaces) {
    facts_.reserve(256);
    scratch_.reserve(64);
  }

  void reset(MachineOptions const& options, int processors) {
    judge_.reset(options);
    processors_ = (1U << processors) - 1;
    facts_.clear();
    dropped_ = 0;
    forget_touched();
  }

  // ---- What was replaced ---------------------------------------------------------------------

  // `split`: a table took the leaf's place.
  void note_leaf(std::uint64_t input, int level, std::uint64_t old, std::uint32_t spaces,
                 bool split = false) {
    StaleFact fact = fresh(StaleFact::Kind::leaf, input, level, spaces);
    fact.value = old;
    fact.global = judge_.rules().global(old, level);
    fact.split = split;
    if (continues_last(fact)) return;
    for (StaleFact const& known : facts_)
      if (holds_already(known, fact)) return;
    add(fact);
  }
  void note_table(std::uint64_t input, int level, std::uint64_t old, std::uint64_t table,
                  std::uint32_t spaces) {
    StaleFact fact = fresh(StaleFact::Kind::table, input, level, spaces);
    fact.value = old;
    fact.table = table;
    add(fact);
  }
  // Leaves of the unlinked `table` between its slots `low` and `high`.
  void note_contents(std::uint64_t prefix, int level, std::uint64_t table, std::size_t low,
                     std::size_t high, bool global, std::uint32_t spaces) {
    StaleFact fact = fresh(StaleFact::Kind::contents,
                           prefix + (std::uint64_t{low} << Rules::shift(level)), level, spaces);
    fact.count = high - low + 1;
    fact.table = table;
    fact.global = global;
    add(fact);
  }
  // Nothing was mapped in a slot of `level`, and that may be held as pages of `page_level`.
  void note_absent(std::uint64_t input, int level, int page_level, std::uint32_t spaces) {
    StaleFact fact = fresh(StaleFact::Kind::absent, input, page_level, spaces);
    fact.count = std::uint64_t{1} << (Rules::shift(level) - fact.shift);
    for (StaleFact const& known : facts_) {
      bool const wider = known.kind == fact.kind && known.level == fact.level &&
                         known.first <= fact.first && fact.last() <= known.last();
      if (wider && (fact.who & ~known.who) == 0) return;
    }
    add(fact);
  }
  // A space was retired: whoever holds anything of it is wrong now.
  void space_retired() {
    for (StaleFact& fact : facts_) fact.judged = false;
  }
  // The tables changed for these inputs: facts about them have to be judged again.
  void touched(std::uint64_t input, int shift) {
    std::uint64_t const last = input + (std::uint64_t{1} << shift) - 1;
    if (input < touched_low_) touched_low_ = input;
    if (last > touched_high_) touched_high_ = last;
  }

  // ---- Flushes and faults --------------------------------------------------------------------

  // Carries a flush out on some processors. False when its root is no space's: then nothing is
  // taken from anybody.
  bool invalidate(FlushScope const& scope, std::uint32_t processors) {
    Reach const reach = reach_of(scope, processors);
    if (reach.who == 0) return false;
    if (!facts_.empty()) carry_out(facts_, reach);
    return true;
  }
  // Carries out one instruction: entries held under the names `who` are reached, global ones under
  // any of `who_global`.
  void forget(FlushScope const& scope, Holders who, Holders who_global) {
    if (!facts_.empty()) carry_out(facts_, {&scope, input_mask, who, who_global});
  }
  // A page fault takes from the processor what it held for the address, on formats that heal so.
  void page_fault(int processor, int space, std::uint64_t virt) {
    FlushScope scope;
    scope.table_changed = true;
    scope.global = true;
    scope.range_count = 1;
    scope.ranges[0] = {virt, virt, PageSize::Size4K};
    Holders const who = holders(1U << processor, 1U << space);
    forget(scope, who, who);
  }

  // ---- Questions -----------------------------------------------------------------------------

  // Somebody may still hold a pointer to this table.
  bool holds_pointer_to(std::uint64_t table) const {
    for (StaleFact const& fact : facts_)
      if (fact.kind == StaleFact::Kind::table && fact.table == table) return true;
    return false;
  }
  // Somebody may still hold a translation into this frame, which is to be reused as data.
  bool holds_translation_into(std::uint64_t frame) const {
    for (StaleFact const& fact : facts_)
      if (judge_.translates_into(fact, frame)) return true;
    return false;
  }
  // Forgets the pointers to a frame that is gone; to be asked after holds_pointer_to.
  void forget_pointers_to(std::uint64_t table) {
    std::erase_if(facts_, [&](StaleFact const& fact) {
      return fact.kind != StaleFact::Kind::leaf && fact.table == table;
    });
  }
  // A leaf was split here and some of these spaces may still hold it whole.
  bool holds_split_leaf(std::uint64_t input, std::uint32_t spaces) const {
    for (StaleFact const& fact : facts_)
      if (fact.split && fact.contains(input) && (spaces_of(fact.who) & spaces) != 0) return true;
    return false;
  }
  // Some of these spaces may hold a page of another size than this leaf's, valid or not, at one of
  // its addresses.
  bool holds_other_size(std::uint64_t input, int level, std::uint32_t spaces) const {
    int const shift = Rules::shift(level);
    std::uint64_t const last = input + (std::uint64_t{1} << shift) - 1;
    for (StaleFact const& fact : facts_) {
      bool const page = fact.kind != StaleFact::Kind::table && fact.shift != shift;
      if (page && fact.touches(input, last) && (spaces_of(fact.who) & spaces) != 0) return true;
    }
    return false;
  }
  // How wrong a holder of this one leaf is by the tables as they are.
  StaleEffect effect_of_leaf(std::uint64_t input, int level, std::uint64_t leaf,
                             std::uint32_t spaces) const {
    StaleFact fact = fresh(StaleFact::Kind::leaf, input, level, spaces);
    fact.value = leaf;
    return judge_.effect_of(fact);
  }
  // Something that must not be held any more, and that none of the pending flushes covers.
  std::optional<StaleFact> stale_beyond(std::span<FlushScope const> pending) {
    if (facts_.empty()) {
      forget_touched();
      return std::nullopt;
    }
    judge_all();
    for (StaleFact const& fact : facts_) {
      if (fact.effect != StaleEffect::must_invalidate) continue;
      scratch_.assign(1, fact);
      for (FlushScope const& scope : pending) {
        if (scratch_.empty()) break;
        carry_out(scratch_, reach_of(scope, processors_));
      }
      // What is left of a run may be the part of it that is harmless.
      for (StaleFact const& left : scratch_)
        if (judge_.effect_of(left) == StaleEffect::must_invalidate) return left;
    }
    return std::nullopt;
  }

  // All that one access may come to. `current` is what the tables of the space say now.
  Answers answers(int processor, int space, std::uint64_t virt, Access const& access,
                  Answer current) const {
    Answers result;
    result.add(current);
    std::uint64_t const input = virt & input_mask;
    Holders const who = holders(1U << processor, 1U << space);
    for (StaleFact const& fact : facts_) {
      if ((fact.who & who) == 0 || !fact.contains(input)) continue;
      result.add(judge_.answer_of(fact, virt, access));
    }
    return result;
  }
  // A table that a processor may still walk for this input although no root reaches it; the lowest
  // such, with its level. False when there is none.
  bool stale_table_for(int space, std::uint64_t input, std::uint64_t& table, int& level) const {
    level = Rules::levels + 1;
    for (StaleFact const& fact : facts_) {
      if (fact.kind != StaleFact::Kind::table || !fact.contains(input)) continue;
      if ((spaces_of(fact.who) >> space & 1) == 0 || fact.level - 1 >= level) continue;
      level = fact.level - 1;
      table = fact.table;
    }
    return level <= Rules::levels;
  }

  std::span<StaleFact const> facts() const { return facts_; }
  std::size_t dropped() const { return dropped_; }

  static constexpr std::uint64_t input_mask = Rules::input_mask;

 private:
  StaleFact fresh(StaleFact::Kind kind, std::uint64_t first, int level,
                  std::uint32_t spaces) const {
    StaleFact fact;
    fact.kind = kind;
    fact.level = static_cast<std::uint8_t>(level);
    fact.shift = static_cast<std::uint8_t>(Rules::shift(level));
    fact.first = first;
    fact.who = holders(processors_, spaces);
    return fact;
  }
  void add(StaleFact const& fact) {
    if (facts_.size() < facts_max)
      facts_.push_back(fact);
    else
      ++dropped_;
  }
  // Whether the leaf is the next of the last run, which then is one longer.
  bool continues_last(StaleFact const& leaf) {
    if (facts_.empty()) return false;
    StaleFact& last = facts_.back();
    bool const alike = last.kind == leaf.kind && last.level == leaf.level &&
                       last.global == leaf.global && last.split == leaf.split &&
                       last.who == leaf.who;
    if (!alike || leaf.first != last.first + (last.count << last.shift)) return false;
    std::uint64_t const step = leaf.value - last.value_of(last.count - 1);
    if (last.count != 1 && step != last.step) return false;
    last.step = step;
    ++last.count;
    last.judged = false;
    return true;
  }
  static bool holds_already(StaleFact const& known, StaleFact const& leaf) {
    return known.kind == leaf.kind && known.level == leaf.level && known.contains(leaf.first) &&
           (leaf.who & ~known.who) == 0 && known.global == leaf.global &&
           known.split == leaf.split &&
           known.value_of((leaf.first - known.first) >> known.shift) == leaf.value;
  }

  Reach reach_of(FlushScope const& scope, std::uint32_t processors) const {
    std::uint32_t const spaces = scope.every_space ? 0xffffU : spaces_.with_root(scope.root);
    return {&scope, input_mask, holders(processors, spaces), holders(processors, 0xffffU)};
  }

  // ---- Judging facts against the tables -------------------------------------------------------

  void forget_touched() {
    touched_low_ = ~std::uint64_t{0};
    touched_high_ = 0;
  }
  void judge_all() {
    for (StaleFact& fact : facts_) {
      if (fact.judged && !fact.touches(touched_low_, touched_high_)) continue;
      fact.effect = judge_.effect_of(fact);
      fact.judged = true;
    }
    forget_touched();
  }
  Spaces const& spaces_;
  StaleJudge<Spec> judge_;
  std::uint32_t processors_ = 1;
  std::vector<StaleFact> facts_;
  std::vector<StaleFact> scratch_;
  std::size_t dropped_ = 0;
  std::uint64_t touched_low_ = 0;
  std::uint64_t touched_high_ = 0;
};

}  // namespace twinwalk::models
