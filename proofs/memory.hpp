// A memory of words over symbols: what it held at first is unknown, and what was done to it since
// is a list. A read looks through that list from its end, and leaves out what the explorer knows to
// concern another address.
//
// Every state the memory went through can be read: `version` v is what stood after v changes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proofs/explorer.hpp"
#include "proofs/symbols.hpp"

namespace twinwalk::proofs {

// How reads keep their terms small.
enum class Pruning : bool {
  off,  // every change that could matter is in the term: slow, and takes the explorer's word in
        // nothing, so it checks the other way
  on,
};

class SymMemory {
 public:
  using Version = std::size_t;

  // Names of what it held at first begin with `name`.
  SymMemory(Explorer& explorer, std::string name, Pruning pruning = Pruning::on,
            Topic topic = Topic::anything)
      : explorer_(explorer), name_(std::move(name)), pruning_(pruning), topic_(topic) {}

  Version version() const { return changes_.size(); }

  SymWord read(SymWord const& address) { return read(version(), address); }
  SymWord read(Version version, SymWord const& address);
  // The same for a word that matters only where `condition` holds.
  SymWord read_where(SymBool const& condition, Version version, SymWord const& address);

  void write(SymWord const& address, SymWord const& value);
  // At each address that `covers` holds for, the word becomes `value(address, old word)`.
  using Covers = std::function<SymBool(SymWord const& address)>;
  using Value = std::function<SymWord(SymWord const& address, SymWord const& old)>;
  void write_all(Covers covers, Value value);

  // Where it was read, and what it held there at first: a counterexample's memory.
  struct Cell {
    SymWord address;
    SymWord value;
  };
  std::vector<Cell> const& cells() const { return cells_; }

  // Cells that are met while it lives are forgotten with it: for the addresses of one case.
  class Case {
   public:
    explicit Case(SymMemory& memory) : memory_(memory), cells_before_(memory.cells_.size()) {}
    ~Case() { memory_.forget(cells_before_); }
    Case(Case const&) = delete;
    Case& operator=(Case const&) = delete;

   private:
    SymMemory& memory_;
    std::size_t cells_before_;
  };

 private:
  struct Change {
    Covers covers;
    Value value;
    bool needs_old;
  };

  SymWord first(SymWord const& address);
  SymBool settled(SymBool const& condition);
  void forget(std::size_t cells_before);

  Explorer& explorer_;
  std::string name_;
  Pruning pruning_;
  Topic topic_;
  std::size_t named_ = 0;
  std::vector<Change> changes_;
  std::vector<Cell> cells_;
  std::unordered_map<unsigned, std::size_t> cell_of_;  // by the identity of the address
};

}  // namespace twinwalk::proofs
