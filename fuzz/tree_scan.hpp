// A scan of a whole tree by the spec's reading: every leaf in address order, every table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/api.hpp"
#include "fuzz/leaf_runs.hpp"
#include "models/frames.hpp"
#include "models/spec/field.hpp"

namespace twinwalk::fuzz {

// Reads the tree of `root` and calls sink.leaf(Leaf), sink.table(address, level, first_address,
// live entries) bottom-up, and sink.malformed(entry, level, address).
template <class Machine, class Sink>
class TreeScan {
  using Spec = typename Machine::SpecType;

 public:
  TreeScan(Machine const& machine, Sink& sink) : machine_(machine), sink_(sink) {}

  void run(std::uint64_t root) { table(root, Spec::levels, 0); }

 private:
  void table(std::uint64_t address, int level, std::uint64_t base) {
    std::size_t const index = machine_.memory().index(address);
    std::uint64_t const slots = level == Spec::levels ? std::uint64_t{1} << (Spec::root_bits - 3)
                                                      : std::uint64_t{1} << Spec::index_bits;
    if (index >= machine_.frames().count()) return;
    std::uint64_t const* const words = machine_.memory().frame(index);
    std::uint64_t live = 0;
    for (std::uint64_t k = 0; k < slots; ++k) {
      models::EntryKind const kind = Spec::classify(machine_.settings(), level, words[k]);
      if (kind == models::EntryKind::hole) continue;
      ++live;
      std::uint64_t const first = Spec::sign_extend(base + (k << Spec::level_shift(level)));
      visit(kind, words[k], level, first);
    }
    sink_.table(address, level, Spec::sign_extend(base), live);
  }

  void visit(models::EntryKind kind, std::uint64_t entry, int level, std::uint64_t first) {
    if (kind == models::EntryKind::table) {
      table(Spec::table_address(level, entry), level - 1, first);
    } else if (kind == models::EntryKind::leaf) {
      Leaf leaf;
      leaf.virt = VirtAddr(first);
      leaf.phys = PhysAddr(Spec::output(level, entry, first));
      leaf.size = Spec::page_size(level);
      leaf.flags = Spec::template flags_of_leaf<std::uint64_t>(machine_.options(), level, entry);
      leaf.accessed = Spec::accessed(level, entry) != 0 ? 1 : 0;
      leaf.dirty = Spec::dirty(level, entry) != 0 ? 1 : 0;
      sink_.leaf(leaf);
    } else {
      sink_.malformed(entry, level, first);
    }
  }

  Machine const& machine_;
  Sink& sink_;
};

}  // namespace twinwalk::fuzz
