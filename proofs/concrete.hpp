// One model of a path: every word and every memory of it as a number.
#pragma once

#include <z3++.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "proofs/machine.hpp"
#include "proofs/memory_file.hpp"

namespace twinwalk::proofs {

class Concrete {
 public:
  Concrete(Machine& machine, z3::model const& model);

  std::uint64_t number(SymWord const& word) const;
  bool truth(SymBool const& condition) const;

  // What stood in a slot after so many changes.
  std::uint64_t entry(SymMemory::Version version, std::uint64_t slot) const;
  std::uint64_t live_count(std::uint64_t frame) const { return last(machine_.live_counts, frame); }
  std::uint64_t link(std::uint64_t frame) const { return last(machine_.links, frame); }

  // What memories held at first, wherever the path or a claim about it has looked.
  std::vector<MemoryWord> first_entries() const { return words(memories_[0]); }
  std::vector<MemoryWord> first_live_counts() const { return words(memories_[1]); }
  std::vector<MemoryWord> first_links() const { return words(memories_[2]); }

  MachineOptions options() const;
  bool amd() const { return truth(machine_.spec().machine().amd); }

  // The spec's walk. Its words are numbers; what depends on the machine is still a term.
  Walk walk(SymMemory::Version version, std::uint64_t root, std::uint64_t address) const;
  WalkAnswer answer(Walk const& walk) const;

  FlushScope scope(SymScope const& scope) const;
  Leaf leaf(SymLeaf const& leaf) const;

 private:
  // What a memory held at first by the model. Looking at more of it later makes symbols that the
  // model has never heard of; they stand for what is known here.
  struct Known {
    SymMemory* memory;
    std::size_t cells;
    std::map<std::uint64_t, std::uint64_t> words;
  };

  std::uint64_t last(SymMemory& memory, std::uint64_t address) const {
    return number(memory.read(SymWord(address)));
  }
  std::uint64_t evaluated(z3::expr const& term) const;
  static std::vector<MemoryWord> words(Known const& known);

  Machine& machine_;
  z3::model model_;
  std::vector<Known> memories_;
};

}  // namespace twinwalk::proofs
