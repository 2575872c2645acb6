#include "proofs/memory.hpp"

namespace twinwalk::proofs {

SymWord SymMemory::read(Version version, SymWord const& address) {
  while (version > 0) {
    Change const& change = changes_[version - 1];
    SymBool const covered = settled(change.covers(address));
    --version;
    if (covered.is_false()) continue;
    if (covered.is_true() && !change.needs_old) return change.value(address, SymWord());
    SymWord const before = read(version, address);
    return select(covered, change.value(address, before), before);
  }
  return first(address);
}

SymWord SymMemory::read_where(SymBool const& condition, Version version, SymWord const& address) {
  if (condition.is_false()) return SymWord();
  // Named outside, so that it is the same word for everyone.
  SymWord const at_first = first(address);
  if (version == 0) return at_first;
  if (pruning_ == Pruning::off) return read(version, address);
  Explorer::Within const where(explorer_, condition);
  return read(version, address);
}

void SymMemory::write(SymWord const& address, SymWord const& value) {
  changes_.push_back({[address](SymWord const& other) { return other == address; },
                      [value](SymWord const&, SymWord const&) { return value; }, false});
}

void SymMemory::write_all(Covers covers, Value value) {
  changes_.push_back({std::move(covers), std::move(value), true});
}

// What stood at an address at first: a symbol of its own, equal to those of equal addresses.
SymWord SymMemory::first(SymWord const& address) {
  auto const found = cell_of_.find(address.term().id());
  if (found != cell_of_.end()) return cells_[found->second].value;
  SymWord const value = free_word(name_ + "_" + std::to_string(named_++));
  for (Cell const& cell : cells_) {
    explorer_.define(implies(cell.address == address, cell.value == value), topic_);
  }
  cell_of_.insert({address.term().id(), cells_.size()});
  cells_.push_back({address, value});
  return value;
}

SymBool SymMemory::settled(SymBool const& condition) {
  return pruning_ == Pruning::on ? explorer_.settle(condition) : condition;
}

void SymMemory::forget(std::size_t cells_before) {
  while (cells_.size() > cells_before) {
    cell_of_.erase(cells_.back().address.term().id());
    cells_.pop_back();
  }
}

}  // namespace twinwalk::proofs
