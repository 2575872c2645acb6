// Where tables and flat map are compared after an operation: the edges of what it touched, just
// outside them, and what the last few operations touched.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/api.hpp"
#include "fuzz/step.hpp"

namespace twinwalk::fuzz {

class RecentAddresses {
 public:
  void clear() { count_ = 0; }
  void add(std::uint64_t va) {
    kept_[next_ % kept_.size()] = va;
    ++next_;
    if (count_ < kept_.size()) ++count_;
  }
  auto begin() const { return kept_.begin(); }
  auto end() const { return kept_.begin() + static_cast<std::ptrdiff_t>(count_); }

 private:
  std::array<std::uint64_t, 6> kept_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

template <class World>
void add_probe(World& world, std::uint8_t space, std::uint64_t va) {
  auto const& where = world.spaces[space];
  if (!where.exists() || !World::Spec::canonical(va)) return;
  for (auto const& probe : world.probes) {
    if (probe.space == space && probe.va == va) return;
  }
  world.probes.push_back(
      {space, va, world.machine.translate(where.id, va), where.map.leaf_at(VirtAddr(va))});
}

template <class World>
void collect_probes(World& world, Step const& step, RecentAddresses& recent) {
  world.probes.clear();
  Op const& op = step.op;
  if (info(op.kind).operands.has(Operand::va)) {
    std::uint64_t const page = bytes(PageSize::Size4K);
    std::uint64_t const length = info(op.kind).operands.has(Operand::length) ? op.length
                                 : op.kind == OpKind::map                    ? bytes(op.size)
                                                                             : page;
    std::uint64_t const va = op.va.value;
    std::uint64_t const end = va + length;
    for (std::uint64_t const at : {va, va - 1, va + length / 2, end - 1, end, end + page}) {
      add_probe(world, op.space, at);
    }
    recent.add(va);
  }
  // Another space may see the same tables, and a wrong slot shows elsewhere.
  for (std::uint64_t const va : recent) {
    for (std::uint8_t space = 0; space < world.spaces.size(); ++space) add_probe(world, space, va);
  }
}

}  // namespace twinwalk::fuzz
