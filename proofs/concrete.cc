#include "proofs/concrete.hpp"

namespace twinwalk::proofs {

Concrete::Concrete(Machine& machine, z3::model const& model) : machine_(machine), model_(model) {
  for (SymMemory* memory : {&machine.entries, &machine.live_counts, &machine.links}) {
    Known known{memory, memory->cells().size(), {}};
    for (SymMemory::Cell const& cell : memory->cells()) {
      // Cells of equal addresses hold equal words wherever both matter; the first is the path's.
      known.words.insert({evaluated(cell.address.term()), evaluated(cell.value.term())});
    }
    memories_.push_back(std::move(known));
  }
}

std::uint64_t Concrete::evaluated(z3::expr const& term) const {
  return model_.eval(term, true).get_numeral_uint64();
}

std::uint64_t Concrete::number(SymWord const& word) const {
  z3::expr_vector from(context());
  z3::expr_vector to(context());
  for (Known const& known : memories_) {
    std::vector<SymMemory::Cell> const& cells = known.memory->cells();
    for (std::size_t i = known.cells; i < cells.size(); ++i) {
      auto const found = known.words.find(evaluated(cells[i].address.term()));
      from.push_back(cells[i].value.term());
      to.push_back(SymWord(found == known.words.end() ? 0 : found->second).term());
    }
  }
  z3::expr term = word.term();
  return evaluated(term.substitute(from, to));
}

bool Concrete::truth(SymBool const& condition) const { return number(as_word(condition)) != 0; }

std::uint64_t Concrete::entry(SymMemory::Version version, std::uint64_t slot) const {
  return number(machine_.entries.read(version, SymWord(slot)));
}

std::vector<MemoryWord> Concrete::words(Known const& known) {
  std::vector<MemoryWord> words;
  for (auto const& [address, value] : known.words) {
    if (value != 0) words.push_back({address, value});
  }
  return words;
}

MachineOptions Concrete::options() const {
  MachineSymbols const& machine = machine_.spec().machine();
  std::uint64_t const physical_mask = number(machine.physical_mask);
  MachineOptions options;
  options.physical_bits = 0;
  while ((physical_mask >> options.physical_bits) != 0) ++options.physical_bits;
  for (std::size_t i = 0; i < machine_switches.size(); ++i) {
    machine_switches[i].set(options, truth(machine.switches[i]));
  }
  return options;
}

Walk Concrete::walk(SymMemory::Version version, std::uint64_t root, std::uint64_t address) const {
  auto const read = [&](SymBool const& reached, SymWord const& slot) {
    return truth(reached) ? SymWord(entry(version, number(slot))) : SymWord();
  };
  return machine_.spec().walk(read, SymWord(root), SymWord(address), 1);
}

WalkAnswer Concrete::answer(Walk const& walk) const {
  WalkAnswer answer;
  if (!truth(walk.canonical)) {
    answer.kind = WalkAnswer::Kind::non_canonical;
  } else if (truth(walk.malformed)) {
    answer.kind = WalkAnswer::Kind::malformed;
  } else if (truth(walk.found)) {
    answer.kind = WalkAnswer::Kind::leaf;
    answer.physical = number(walk.physical);
    answer.size = static_cast<PageSize>(number(walk.page_size_log2));
    answer.flags = MappingFlags(number(walk.flags));
    answer.accessed = number(walk.accessed) != 0;
    answer.dirty = number(walk.dirty) != 0;
  }
  return answer;
}

FlushScope Concrete::scope(SymScope const& scope) const {
  FlushScope result;
  result.root = number(scope.root);
  result.every_space = scope.every_space;
  result.everything = scope.everything;
  result.table_changed = scope.table_changed;
  result.global = scope.global;
  result.barrier = scope.barrier;
  result.fence = scope.fence;
  result.range_count = scope.range_count;
  for (int i = 0; i < scope.range_count; ++i) {
    auto const& range = scope.ranges[i];
    result.ranges[i] = {number(range.first), number(range.last), range.stride};
  }
  return result;
}

Leaf Concrete::leaf(SymLeaf const& leaf) const {
  return {VirtAddr(number(leaf.virt.value)),
          PhysAddr(number(leaf.phys.value)),
          leaf.size,
          MappingFlags(number(leaf.flags.bits)),
          number(leaf.accessed),
          number(leaf.dirty)};
}

}  // namespace twinwalk::proofs
