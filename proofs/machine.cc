#include "proofs/machine.hpp"

#include <stdexcept>

namespace twinwalk::proofs {
namespace {

constexpr std::uint64_t entries_per_frame = 512;

SymWord index_in_frame(SymWord const& slot) { return (slot >> 3) & SymWord(entries_per_frame - 1); }

// index * stride, for a stride that is 0 or a power of two.
SymWord times(SymWord const& index, SymWord const& stride) {
  std::uint64_t number = 0;
  if (!stride.is_number(number)) throw std::logic_error("a stride is a number");
  if (number == 0) return SymWord(0);
  int log2 = 0;
  while ((number >> log2) != 1) ++log2;
  if (number != std::uint64_t{1} << log2 || log2 < 10) {
    throw std::logic_error("a stride is a page size, or its page number in place");
  }
  return index << log2;
}

}  // namespace

Machine::Machine(Explorer& explorer, Spec const& spec, Pruning pruning)
    : entries(explorer, "entry", pruning),
      live_counts(explorer, "live_count", pruning),
      links(explorer, "link", pruning),
      sums(explorer, "sum", pruning),
      owners(explorer, "owner", pruning, Topic::whereabouts),
      places(explorer, "place", pruning, Topic::whereabouts),
      explorer_(explorer),
      spec_(spec) {}

// ---- Slots ----

SymWord Machine::load(SymWord slot) {
  strike(slot);
  return entries.read(slot);
}

void Machine::store(SymWord slot, SymWord entry) {
  strike(slot);
  change(slot, entry);
}

SymWord Machine::exchange(SymWord slot, SymWord entry) {
  strike(slot);
  SymWord const before = entries.read(slot);
  change(slot, entry);
  return before;
}

SymWord Machine::compare_exchange(SymWord slot, SymWord expected, SymWord desired) {
  strike(slot);
  SymWord const found = entries.read(slot);
  if (found == expected) {
    change(slot, desired);
    return expected;
  }
  return found;
}

// Hardware's moves on a slot that the engine has accessed before.
void Machine::strike(SymWord const& slot) {
  ++accesses;
  if (!moves_) return;
  bool seen = false;
  for (SymWord const& earlier : seen_) {
    if (!explorer_.settle(earlier == slot).is_false()) {
      seen = true;
      break;
    }
  }
  seen_.push_back(slot);
  if (!seen) return;
  SymWord const old = entries.read(slot);
  SymWord const set = fresh("strike") & may_be_set(slot, old);
  given.push_back({Given::Kind::strike, set, slot, accesses - 1});
  set_by_hardware(slot, old, set);
}

// The same for every slot of a run, seen before or not.
void Machine::strike_run(SymMemory::Covers const& covers) {
  ++accesses;
  std::string const name = "strikes_" + std::to_string(named_++);
  auto const strikes = std::make_shared<SymMemory>(explorer_, name);
  entries.write_all(covers, [this, strikes](SymWord const& slot, SymWord const& old) {
    return old | (strikes->read(slot) & may_be_set(slot, old));
  });
}

SymWord Machine::may_be_set(SymWord const& slot, SymWord const& entry) {
  // In a table whose level is not known yet an entry counts as one of the last level.
  SymWord bits = spec_.hardware_may_set(1, entry);
  SymWord const place = places.read(0, frame_of(slot));
  for (int level = 2; level <= spec_.levels(); ++level) {
    SymBool const here =
        explorer_.settle((place >> 60) == SymWord(static_cast<std::uint64_t>(level)));
    bits = select(here, spec_.hardware_may_set(level, entry), bits);
  }
  return bits;
}

void Machine::change(SymWord const& slot, SymWord const& entry) {
  recount(frame_of(slot), is_live(entry) - is_live(entries.read(slot)));
  writes.push_back({entries.version(), slot, false});
  entries.write(slot, entry);
}

void Machine::set_by_hardware(SymWord const& slot, SymWord const& old, SymWord const& bits) {
  writes.push_back({entries.version(), slot, true, false, bits});
  entries.write(slot, old | bits);
}

void Machine::recount(SymWord const& frame, SymWord const& more) {
  std::uint64_t number = 1;
  if (more.is_number(number) && number == 0) return;
  recounted_.push_back(frame);
  sums.write(frame, sums.read(frame) + more);
}

SymWord Machine::is_live(SymWord const& entry) const { return as_word(!spec_.is_hole(1, entry)); }

bool Machine::leaves_slots_alone(Walk const& walk) {
  SymBool touched(false);
  for (Write const& write : writes) {
    for (int level = spec_.levels(); level >= 1; --level) {
      WalkLevel const& at = walk[level];
      SymBool const here =
          write.whole_run ? frame_of(write.slot) == at.table : write.slot == at.slot;
      touched = either(touched, both(at.reached, here));
    }
  }
  return !explorer_.possible_by_whereabouts(touched);
}

bool Machine::leaves_tables_alone(Walk const& walk) {
  SymBool touched(false);
  auto const touch = [&](SymWord const& frame) {
    for (int level = spec_.levels(); level >= 1; --level) {
      touched = either(touched, both(walk[level].reached, walk[level].table == frame));
    }
  };
  for (SymWord const& frame : relabelled) touch(frame);
  for (SymWord const& frame : recounted_) touch(frame);
  for (Frame const& frame : taken) touch(frame.address);
  for (Frame const& frame : freed) touch(frame.address);
  return !explorer_.possible_by_whereabouts(touched);
}

// ---- Frames ----

SymBool Machine::alloc_frames(int size_log2, SymWord& out) {
  if (size_log2 != 12) throw std::logic_error("tables are frames of 4K");
  std::string const number = std::to_string(taken_or_refused_++);
  if (!free_bool("frame_given_" + number)) {
    given.push_back({Given::Kind::no_frame, SymWord(), SymWord(), accesses});
    return SymBool(false);
  }
  SymWord const frame = free_word("frame_" + number, 40, 12);
  explorer_.assume((frame & ~spec_.machine().physical_mask) == SymWord(0));
  for (Frame const& other : taken) {
    explorer_.assume(other.address != frame, Topic::whereabouts);
  }
  // The allocator's part: nobody else uses it.
  explorer_.assume(places.read(0, frame) == SymWord(0), Topic::whereabouts);
  taken.push_back({frame, entries.version(), flushes.size()});
  given.push_back({Given::Kind::frame, frame, SymWord(), accesses});
  out = frame;
  return SymBool(true);
}

void Machine::dealloc_frames(SymWord frame, int /*size_log2*/) {
  freed.push_back({frame, entries.version(), flushes.size()});
}

void Machine::set_live_count(SymWord table, SymWord count) {
  relabelled.push_back(table);
  live_counts.write(table, count);
}

void Machine::set_link(SymWord table, SymWord next) {
  relabelled.push_back(table);
  links.write(table, next);
}

// ---- Whole tables ----

SymMemory::Covers Machine::run(SymWord const& slot, SymWord const& count) {
  return [slot, count](SymWord const& at) {
    SymWord const further = index_in_frame(at) - index_in_frame(slot);
    SymBool const in_count = at_most(further + SymWord(1), count);
    return both(both(frame_of(at) == frame_of(slot), (at & SymWord(7)) == SymWord(0)),
                both((further >> 9) == SymWord(0), in_count));
  };
}

void Machine::fill(SymWord slot, SymWord count, SymWord first, SymWord stride) {
  std::uint64_t number = 0;
  bool const known = count.is_number(number);
  if (known && number == 1) {
    store(slot, first);
    return;
  }
  ++accesses;
  SymWord const frame = frame_of(slot);
  writes.push_back({entries.version(), slot, false, true});
  entries.write_all(run(slot, count), [slot, first, stride](SymWord const& at, SymWord const&) {
    return first + times(index_in_frame(at) - index_in_frame(slot), stride);
  });
  recounted_.push_back(frame);
  // A stride is in the address alone, so what makes an entry live is in none of its bits.
  SymWord const whole = select(spec_.is_hole(1, first), SymWord(0), count);
  // Whoever fills a part of a table in use fills holes, or he would be refuted by what it held; and
  // so many holes leave room for only so many live ones (theorem live-count-sums).
  bool in_use = true;
  for (Frame const& own : taken) in_use = in_use && own.address.term().id() != frame.term().id();
  if (in_use) explorer_.assume(at_most(sums.read(frame) + count, SymWord(entries_per_frame)));
  sums.write(frame, select(count == SymWord(entries_per_frame), whole, sums.read(frame) + count));
}

void Machine::instantiate(SymWord const& slot) {
  for (ForEverySlot const& statement : statements_) explorer_.define(statement(slot));
}

void Machine::invalidate(SymScope const& scope) { flushes.push_back({scope, entries.version()}); }

SymWord Machine::fresh(std::string const& name, int bits, int lo) {
  return free_word(name + "_" + std::to_string(named_++), bits, lo);
}

}  // namespace twinwalk::proofs
