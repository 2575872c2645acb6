// Watches every store into tables that a root reaches: keeps who owns which table, and tells the
// TLB model what was replaced.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/finding.hpp"
#include "models/frames.hpp"
#include "models/machine/counts.hpp"
#include "models/machine/spec_rules.hpp"
#include "models/memory.hpp"
#include "models/tlb.hpp"

namespace twinwalk::models {

template <class Spec>
class Observer {
 public:
  using Rules = SpecRules<Spec>;

  Observer(Memory& memory, Frames& frames, Tlb<Spec>& tlb, Findings& findings)
      : memory_(memory), frames_(frames), tlb_(tlb), findings_(findings) {}

  void reset(MachineOptions const& options) { rules_ = Rules(options); }

  // A root begins to be walked: what hangs below it belongs to the space from now on.
  void attach_root(std::uint64_t root, int space) {
    link(root, Rules::levels, 0, 1U << space, root);
  }
  // A root will be walked no more, but for what processors remember. Its tables await the flush,
  // unless another root reaches them.
  void detach_root(std::uint64_t root, int space) {
    std::size_t const frame = memory_.index(root);
    if (!holds(frame)) return;
    detach(frame, 1U << space, root, Rules::levels + 1);
  }

  // An entry of a table that is linked, or awaits its flush, has changed. `slot` is its physical
  // address, `head` the first frame of the table. What was written where, for the log.
  Write changed(std::uint64_t slot, std::size_t head, std::uint64_t old, std::uint64_t now) {
    FrameRecord const& table = frames_[head];
    int const level = table.level;
    std::uint64_t const k = (slot - memory_.address(head)) >> 3;
    std::uint64_t const input = table.prefix + (k << Rules::shift(level));
    EntryKind const was = rules_.kind(old, level);
    Write write{slot, old, now, level, input, false};
    judge_entry(slot, now, level);
    if (table.state != FrameState::table) {
      // A table that nobody links any more may still be read; what is written there is not judged.
      if (was == EntryKind::leaf) tlb_.note_leaf(input, level, old, table.spaces);
      return write;
    }
    EntryKind const is = rules_.kind(now, level);
    std::uint32_t const spaces = table.spaces;
    StaleEffect const effect = rules_.stale_entry(old, now, level);
    tlb_.touched(input, Rules::shift(level));
    judge_store(slot, table, input, old, now, effect);

    bool const same_table = was == EntryKind::table && is == EntryKind::table &&
                            rules_.next_table(old, level) == rules_.next_table(now, level);
    bool const is_new =
        Rules::keeps_holes && is == EntryKind::table && is_unlinked(rules_.next_table(now, level));
    if (was == EntryKind::table && !same_table)
      write.drops_leaves = unlink(slot, old, level, is, spaces);
    if (is == EntryKind::table && !same_table)
      link(rules_.next_table(now, level), level - 1, input, spaces, slot);
    // Copies under one space's name stay when a leaf becomes global, harmless or not.
    bool const renamed = rules_.global(old, level) != rules_.global(now, level);
    if (was == EntryKind::leaf && (effect != StaleEffect::harmless || renamed))
      tlb_.note_leaf(input, level, old, spaces, is == EntryKind::table);
    if (same_table && effect != StaleEffect::harmless)
      tlb_.note_table(input, level, old, rules_.next_table(old, level), spaces);
    if constexpr (Rules::keeps_holes) {
      if (was == EntryKind::hole) note_hole(input, level, old, now, spaces);
      if (was != EntryKind::leaf && is == EntryKind::leaf) judge_size(slot, input, level, spaces);
      if (is_new) judge_sizes(rules_.next_table(now, level), level - 1, input, spaces);
    } else if (was == EntryKind::leaf && is == EntryKind::table &&
               tlb_.effect_of_leaf(input, level, old, spaces) != StaleEffect::harmless) {
      findings_.add(FindingKind::forbidden_in_one_store, slot, now);
    }
    return write;
  }

 private:
  bool holds(std::size_t frame) const {
    return frame < frames_.count() && frames_[frame].state != FrameState::free;
  }

  // What an entry must be like wherever it is written.
  void judge_entry(std::uint64_t slot, std::uint64_t entry, int level) {
    EntryKind const kind = rules_.kind(entry, level);
    if (kind == EntryKind::hole && !rules_.is_clean_hole(entry, level))
      findings_.add(FindingKind::unclean_hole, slot, entry);
    if (kind == EntryKind::table && !rules_.grants_everything(entry, level))
      findings_.add(FindingKind::table_restricts, slot, entry);
  }
  // What may not happen in one store, or not yet.
  void judge_store(std::uint64_t slot, FrameRecord const& table, std::uint64_t input,
                   std::uint64_t old, std::uint64_t now, StaleEffect effect) {
    int const level = table.level;
    if (rules_.demands_break(old, now, level))
      findings_.add(FindingKind::forbidden_in_one_store, slot, now);
    bool const changes_leaf =
        rules_.kind(old, level) == EntryKind::leaf && effect != StaleEffect::harmless;
    if (changes_leaf && tlb_.holds_split_leaf(input, table.spaces))
      findings_.add(FindingKind::changed_under_stale_size, slot, now);
  }

  // ---- Sizes, where processors keep holes ----------------------------------------------------

  bool is_unlinked(std::uint64_t table) const {
    std::size_t const frame = memory_.index(table);
    return holds(frame) && frames_[frame].state == FrameState::handed_out;
  }
  // A hole is gone that somebody may hold as pages of another size than what stands there now.
  void note_hole(std::uint64_t input, int level, std::uint64_t old, std::uint64_t now,
                 std::uint32_t spaces) {
    int const kept = Rules::level_of_hole(old, level);
    if (!has_only(kept, now, level)) tlb_.note_absent(input, level, kept, spaces);
  }
  // Whether all pages that an entry leads to, valid or not, are of one level.
  bool has_only(int page_level, std::uint64_t entry, int level) const {
    switch (rules_.kind(entry, level)) {
      case EntryKind::hole:
        return Rules::level_of_hole(entry, level) == page_level;
      case EntryKind::leaf:
        return level == page_level;
      default:
        break;
    }
    std::size_t const frame = memory_.index(rules_.next_table(entry, level));
    if (level == 1 || !holds(frame)) return true;
    std::uint64_t const* const entries = memory_.frame(frame);
    for (std::size_t k = 0; k < Rules::slots(level - 1); ++k)
      if (!has_only(page_level, entries[k], level - 1)) return false;
    return true;
  }
  // A leaf has become valid.
  void judge_size(std::uint64_t slot, std::uint64_t input, int level, std::uint32_t spaces) {
    if (tlb_.holds_other_size(input, level, spaces))
      findings_.add(FindingKind::made_beside_other_size, slot, input);
  }
  // Those of a table have that was linked. One that another root lends is in use already: its pages
  // are kept from the borrower's processors by nothing until they are flushed.
  void judge_sizes(std::uint64_t table, int level, std::uint64_t prefix, std::uint32_t spaces) {
    std::size_t const frame = memory_.index(table);
    if (!holds(frame)) return;
    std::uint64_t const* const entries = memory_.frame(frame);
    for (std::size_t k = 0; k < Rules::slots(level); ++k) {
      std::uint64_t const input = prefix + (std::uint64_t{k} << Rules::shift(level));
      EntryKind const kind = rules_.kind(entries[k], level);
      if (kind == EntryKind::leaf) judge_size(table + 8 * k, input, level, spaces);
      if (kind == EntryKind::table && level > 1)
        judge_sizes(rules_.next_table(entries[k], level), level - 1, input, spaces);
    }
  }

  // ---- Linking -------------------------------------------------------------------------------

  // A table, with all that hangs below it, becomes reachable for `spaces` at `prefix`. `slot` is
  // where its address stands.
  void link(std::uint64_t address, int level, std::uint64_t prefix, std::uint32_t spaces,
            std::uint64_t slot) {
    std::size_t const frame = memory_.index(address);
    if (!holds(frame)) {
      findings_.add(FindingKind::linked_foreign_frame, slot, address);
      return;
    }
    FrameRecord& table = frames_[frame];
    if (table.state == FrameState::data) {
      findings_.add(FindingKind::linked_data_frame, slot, address);
      return;
    }
    if (table.state == FrameState::table) {
      // Only another root may reach a table that is linked, and only at the same addresses.
      bool const shared =
          table.level == level && table.prefix == prefix && (table.spaces & spaces) == 0;
      if (!shared) {
        findings_.add(FindingKind::linked_twice, slot, address);
        return;
      }
      table.spaces |= spaces;
    } else {
      if (table.head != frame) {
        findings_.add(FindingKind::linked_foreign_frame, slot, address);
        return;
      }
      if (table.state == FrameState::handed_out) judge_new_table(frame, level);
      frames_.set_state(frame, FrameState::table);
      table.level = static_cast<std::uint8_t>(level);
      table.prefix = prefix;
      table.spaces = spaces;
    }
    if (level == 1) return;
    std::uint64_t const* const entries = memory_.frame(frame);
    for (std::size_t k = 0; k < Rules::slots(level); ++k) {
      if (rules_.kind(entries[k], level) != EntryKind::table) continue;
      link(rules_.next_table(entries[k], level), level - 1,
           prefix + (std::uint64_t{k} << Rules::shift(level)), spaces, address + 8 * k);
    }
  }

  // A table that was built where no root reached it.
  void judge_new_table(std::size_t frame, int level) {
    std::uint64_t const* const entries = memory_.frame(frame);
    for (std::size_t k = 0; k < Rules::slots(level); ++k)
      judge_entry(memory_.address(frame) + 8 * k, entries[k], level);
  }

  // ---- Unlinking -----------------------------------------------------------------------------

  // Whether a leaf stood in it or in a table below.
  bool unlink(std::uint64_t slot, std::uint64_t old, int level, EntryKind is,
              std::uint32_t spaces) {
    std::size_t const frame = memory_.index(rules_.next_table(old, level));
    if (!holds(frame) || frames_[frame].state != FrameState::table) return false;
    bool const had_leaves = detach(frame, spaces, old, level);
    // Pages of two sizes over the same addresses, with nothing said of what they translate to.
    if (is == EntryKind::leaf && had_leaves)
      findings_.add(FindingKind::forbidden_in_one_store, slot, old);
    return had_leaves;
  }

  // A table is no longer reached by `spaces`: they may still hold a pointer to it, read as `entry`
  // at `level`, and every pointer and leaf below. Whether there was a leaf.
  bool detach(std::size_t frame, std::uint32_t spaces, std::uint64_t entry, int level) {
    FrameRecord& table = frames_[frame];
    if (table.state != FrameState::table || (table.spaces & spaces) == 0) return false;
    std::uint64_t const address = memory_.address(frame);
    tlb_.note_table(table.prefix, level, entry, address, spaces);
    std::uint32_t const left = table.spaces & ~spaces;
    if (left == 0)
      frames_.set_state(frame, FrameState::awaiting_flush);
    else
      table.spaces = left;
    return detach_entries(frame, level - 1, table.prefix, spaces);
  }
  bool detach_entries(std::size_t frame, int level, std::uint64_t prefix, std::uint32_t spaces) {
    std::uint64_t const* const entries = memory_.frame(frame);
    std::size_t low = Rules::slots(level);
    std::size_t high = 0;
    bool global = false;
    bool below = false;
    for (std::size_t k = 0; k < Rules::slots(level); ++k) {
      EntryKind const kind = rules_.kind(entries[k], level);
      if (kind == EntryKind::leaf) {
        if (low > k) low = k;
        high = k;
        global = global || rules_.global(entries[k], level);
      } else if (kind == EntryKind::table && level > 1) {
        std::size_t const next = memory_.index(rules_.next_table(entries[k], level));
        if (holds(next)) below = detach(next, spaces, entries[k], level) || below;
      }
    }
    if (low > high) return below;
    tlb_.note_contents(prefix, level, memory_.address(frame), low, high, global, spaces);
    return true;
  }

  Memory& memory_;
  Frames& frames_;
  Tlb<Spec>& tlb_;
  Findings& findings_;
  Rules rules_{MachineOptions{}};
};

}  // namespace twinwalk::models
