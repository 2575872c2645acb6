// The adversary that sets accessed and dirty bits between any two steps of the engine.
//
// When it strikes is counted in moments: the stores into tables that a processor may walk, linked
// or still remembered, and the calls of `invalidate`. What the engine writes into a fresh table
// before it is linked is no moment, for nothing that hardware does differs before and after; so the
// first few moments of a split are the store that shows the pieces, the flush of the large leaf,
// and then the changes of the pieces, one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "engine/api.hpp"
#include "models/frames.hpp"
#include "models/machine/counts.hpp"
#include "models/machine/spaces.hpp"
#include "models/machine/spec_rules.hpp"
#include "models/memory.hpp"
#include "models/spec/access.hpp"
#include "models/tlb.hpp"
#include "models/walker.hpp"

namespace twinwalk::models {

// Hardware uses an address in the middle of an operation.
struct HardwareEvent {
  bool before_store = false;  // counts moments alone; otherwise every load counts too
  std::uint32_t at = 0;       // before which one of the operation, from 0
  int space = 0;
  std::uint64_t virt = 0;
  bool write = false;  // sets dirty too, where the tables allow a write
};

// What came of it. Nothing was set when `found` is false: there is no such leaf, or it grants too
// little.
struct HardwareHit {
  HardwareEvent event{};
  bool found = false;
  bool unlinked = false;   // in a table that a processor only remembered
  std::uint64_t slot = 0;  // of the leaf
  std::uint64_t leaf = 0;  // the leaf before
  int level = 0;
  std::uint64_t changed = 0;  // bits of the leaf
};

template <class Spec>
class Hardware {
 public:
  static constexpr std::size_t armed_max = 16;

  Hardware(Memory& memory, Frames const& frames, Spaces const& spaces, Tlb<Spec> const& tlb)
      : memory_(memory), frames_(frames), spaces_(spaces), tlb_(tlb) {
    events_.reserve(armed_max);
    hits_.reserve(armed_max);
  }

  void reset(MachineOptions const& options) {
    settings_.emplace(Spec::settings(options));
    hits_.clear();
    disarm();
  }

  // Events beyond armed_max are forgotten.
  void arm(HardwareEvent const& event) {
    if (events_.size() < armed_max) events_.push_back(event);
    set_next();
  }
  void disarm() {
    events_.clear();
    set_next();
  }
  bool idle() const { return events_.empty(); }
  void clear_hits() { hits_.clear(); }
  // What armed events did since then, in order.
  std::span<HardwareHit const> hits() const { return hits_; }

  // The engine is about to load, or about to do what makes a moment; `counts` does not hold that
  // yet.
  void before_load(AccessCounts const& counts) {
    if (next_access_ > accesses(counts)) [[likely]]
      return;
    run_due(counts, false);
  }
  void before_moment(AccessCounts const& counts) {
    if (next_access_ > accesses(counts) && next_moment_ > counts.moments) [[likely]]
      return;
    run_due(counts, true);
  }

  // One use, now. It may go through a table that a processor only remembers.
  HardwareHit use(HardwareEvent const& event) {
    HardwareHit hit;
    hit.event = event;
    if (!Spec::canonical(event.virt)) return hit;
    std::uint64_t table = spaces_.root(event.space);
    int level = Spec::levels;
    if (spaces_.live(event.space) && set_bits(table, level, hit)) return hit;
    if (tlb_.stale_table_for(event.space, event.virt & SpecRules<Spec>::input_mask, table, level))
      hit.unlinked = set_bits(table, level, hit);
    return hit;
  }

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  static std::uint64_t accesses(AccessCounts const& counts) {
    return counts.loads + counts.moments;
  }

  void run_due(AccessCounts const& counts, bool moment) {
    for (std::size_t i = 0; i < events_.size();) {
      HardwareEvent const event = events_[i];
      bool const due =
          event.before_store ? moment && event.at == counts.moments : event.at == accesses(counts);
      if (!due) {
        ++i;
        continue;
      }
      events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(i));
      hits_.push_back(use(event));
    }
    set_next();
  }
  void set_next() {
    next_access_ = never;
    next_moment_ = never;
    for (HardwareEvent const& event : events_) {
      std::uint64_t& next = event.before_store ? next_moment_ : next_access_;
      if (event.at < next) next = event.at;
    }
  }

  // The rest of a walk from one table, with what hardware sets on the way. False without a leaf
  // that lets the access through.
  bool set_bits(std::uint64_t table, int level, HardwareHit& hit) {
    Access const access{hit.event.write ? AccessKind::write : AccessKind::read, false, false};
    Stepper<Spec> stepper(*settings_, level, table, {}, hit.event.virt);
    while (!stepper.done()) stepper.feed(Peek{memory_}.load(stepper.slot()));
    WalkResult<Spec> const result = judge<Spec>(*settings_, stepper.result(), access);
    if (!result.ok()) return false;
    hit.found = true;
    hit.slot = result.translation.slot();
    hit.leaf = result.translation.entry;
    hit.level = result.translation.level;
    for (Update const& update : result) {
      std::size_t const frame = memory_.index(update.slot);
      if (frame >= frames_.count() || frames_[frame].state == FrameState::free) continue;
      *memory_.word(update.slot) ^= update.mask;
      if (update.slot == hit.slot) hit.changed = update.mask;
    }
    return true;
  }

  Memory& memory_;
  Frames const& frames_;
  Spaces const& spaces_;
  Tlb<Spec> const& tlb_;
  std::optional<typename Spec::Settings> settings_;
  std::vector<HardwareEvent> events_;
  std::vector<HardwareHit> hits_;
  std::uint64_t next_access_ = never;
  std::uint64_t next_moment_ = never;
};

}  // namespace twinwalk::models
