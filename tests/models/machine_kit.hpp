// Hand-made x86-64 tables on a machine, for the tests of what the machine notices: every step is
// one store, as a kernel without an engine would write it.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "engine/api.hpp"
#include "models/machine.hpp"
#include "models/specs.hpp"

namespace twinwalk::models {

using Spec4 = X86_64Spec<4>;

namespace bits {
inline constexpr std::uint64_t present = 1;
inline constexpr std::uint64_t writable = 2;
inline constexpr std::uint64_t user = 4;
inline constexpr std::uint64_t accessed = 0x20;
inline constexpr std::uint64_t dirty = 0x40;
inline constexpr std::uint64_t large = 0x80;
inline constexpr std::uint64_t global = 0x100;
inline constexpr std::uint64_t table = present | writable | user;
inline constexpr std::uint64_t read_only = present;
inline constexpr std::uint64_t read_write = present | writable;
}  // namespace bits

inline constexpr std::uint64_t page = 0x1000;
inline constexpr std::uint64_t large_page = 0x200000;

inline FlushScope flush_of(std::uint64_t root, std::uint64_t first, std::uint64_t length,
                           PageSize stride = PageSize::Size4K) {
  FlushScope scope;
  scope.root = root;
  scope.range_count = 1;
  scope.ranges[0] = {first, first + length - 1, stride};
  return scope;
}
inline FlushScope with_tables(FlushScope scope) {
  scope.table_changed = true;
  return scope;
}
inline FlushScope with_globals(FlushScope scope) {
  scope.global = true;
  return scope;
}
inline FlushScope for_every_space(FlushScope scope) {
  scope.every_space = true;
  return scope;
}
inline FlushScope everything_of(std::uint64_t root) {
  FlushScope scope;
  scope.root = root;
  scope.everything = true;
  scope.table_changed = true;
  scope.global = true;
  return scope;
}

// A machine with one address space whose tables are built by hand.
class MachineKit {
 public:
  explicit MachineKit(MachineShape const& shape = {.frames = 64, .placement = 5},
                      MachineOptions const& options = {}) {
    machine.reset(shape, options);
    root = new_table();
    space = machine.add_space(root);
  }

  // A frame of holes.
  std::uint64_t new_table() {
    std::uint64_t frame = 0;
    if (machine.alloc_frames(12, frame)) machine.fill(frame, 512, 0, 0);
    return frame;
  }
  static std::uint64_t slot_in(std::uint64_t table, int level, std::uint64_t virt) {
    return Spec4::slot(table, level, virt);
  }
  // The slot of `level` for an address, with the tables above it made where they are missing.
  std::uint64_t slot(std::uint64_t virt, int level = 1, std::uint64_t from = no_root) {
    std::uint64_t table = from == no_root ? root : from;
    for (int l = 4; l > level; --l) {
      std::uint64_t const at = slot_in(table, l, virt);
      if ((machine.load(at) & bits::present) == 0) machine.store(at, new_table() | bits::table);
      table = Spec4::table_address(l, machine.load(at));
    }
    return slot_in(table, level, virt);
  }
  // Maps a page by one store and answers with its slot.
  std::uint64_t map(std::uint64_t virt, std::uint64_t entry, int level = 1) {
    std::uint64_t const at = slot(virt, level);
    machine.store(at, entry);
    return at;
  }
  // Something stale that no pending flush covers.
  bool stale(std::initializer_list<FlushScope> pending = {}) {
    return machine.tlb().stale_beyond({pending.begin(), pending.size()}).has_value();
  }
  bool found(FindingKind kind) const { return machine.findings().has(kind); }

  static constexpr std::uint64_t no_root = ~std::uint64_t{0};

  Machine<Spec4> machine;
  std::uint64_t root = 0;
  int space = 0;
};

}  // namespace twinwalk::models
