// What the engine's tests share: a table of each format over an arena, and an MMU of a few lines
// that shares nothing with the engine.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "arena.hpp"
#include "engine/formats/x86_64.hpp"
#include "engine/page_table.hpp"

namespace twinwalk::test {

inline constexpr std::uint64_t KiB4 = 0x1000;
inline constexpr std::uint64_t MiB2 = 0x200000;
inline constexpr std::uint64_t GiB1 = 0x40000000;

inline constexpr MappingFlags read_only = Flag::READ;
inline constexpr MappingFlags read_write = Flag::READ | Flag::WRITE;
inline constexpr MappingFlags all_rights = Flag::READ | Flag::WRITE | Flag::EXECUTE;

// What a processor finds at an address, read off the bytes by hand (Intel SDM vol. 3A, 4.5).
struct Seen {
  int level = 0;            // of the leaf; 0 for a hole
  std::uint64_t entry = 0;  // the last entry read
  std::uint64_t slot = 0;   // where that stands
  std::uint64_t phys = 0;   // what the address translates to
  bool operator==(Seen const&) const = default;
};

inline Seen see(Arena const& arena, std::uint64_t root, int levels, std::uint64_t va) {
  std::uint64_t table = root;
  for (int level = levels;; --level) {
    int const shift = 12 + 9 * (level - 1);
    std::uint64_t const slot = table + 8 * ((va >> shift) & 0x1ff);
    std::uint64_t const entry = arena.peek(slot);
    if ((entry & 1) == 0) return {0, entry, slot, 0};
    std::uint64_t const address = entry & 0x000ffffffffff000;
    if (level == 1 || (level <= 3 && (entry & 0x80) != 0)) {
      std::uint64_t const offset = (std::uint64_t{1} << shift) - 1;
      return {level, entry, slot, (address & ~offset) | (va & offset)};
    }
    table = address;
  }
}

template <class F>
class TableOf : public ::testing::Test {
 protected:
  using Format = F;
  using Table = PageTable<F, Arena>;
  static constexpr int levels = F::levels;
  static constexpr bool five = levels == 5;
  // The last address of the lower half, and the first of the upper one.
  static constexpr std::uint64_t low_last = (std::uint64_t{1} << (F::address_bits - 1)) - 1;
  static constexpr std::uint64_t high_first = ~low_last;

  void SetUp() override { start({}); }
  void TearDown() override {
    arena.before_access = nullptr;
    arena.allocations_left = 1 << 30;
    if (table) table->destroy().carry_out();
    if (other) other->destroy().carry_out();
    EXPECT_TRUE(arena.frames().empty()) << arena.frames().size() << " frames were lost";
  }

  // A fresh table on such a machine.
  void start(MachineOptions const& machine) {
    if (table) table->destroy().carry_out();
    options = typename Table::Options(machine);
    arena.physical_bits = machine.physical_bits;
    table.emplace(*Table::create(arena, options));
    arena.forget();
  }
  Table& second() {
    if (!other) {
      other.emplace(*Table::create(arena, options));
      arena.forget();
    }
    return *other;
  }

  Seen seen(std::uint64_t va) const { return see(arena, table->root().value, levels, va); }

  // How many frames a table of `leaves` in one place costs, the root included.
  int frame_count() const { return static_cast<int>(arena.frames().size()); }

  // Maps what must succeed, and carries the plan out.
  void map(std::uint64_t va, std::uint64_t pa, PageSize size, MappingFlags flags = read_write) {
    auto mapped = table->map(VirtAddr(va), PhysAddr(pa), size, flags);
    ASSERT_TRUE(mapped);
    mapped->carry_out();
  }
  void map4K(std::uint64_t va, std::uint64_t pa, MappingFlags flags = read_write) {
    map(va, pa, PageSize::Size4K, flags);
  }
  void map2M(std::uint64_t va, std::uint64_t pa, MappingFlags flags = read_write) {
    map(va, pa, PageSize::Size2M, flags);
  }
  void map1G(std::uint64_t va, std::uint64_t pa, MappingFlags flags = read_write) {
    map(va, pa, PageSize::Size1G, flags);
  }

  // As hardware does it.
  void set_in_leaf(std::uint64_t va, std::uint64_t bits) {
    Seen const there = seen(va);
    ASSERT_NE(there.level, 0);
    arena.poke(there.slot, there.entry | bits);
  }

  Arena arena;
  typename Table::Options options;
  std::optional<Table> table;
  std::optional<Table> other;
};

using EveryFormat = ::testing::Types<X86_64<4>, X86_64<5>>;

inline constexpr std::uint64_t accessed_bit = 0x20;
inline constexpr std::uint64_t dirty_bit = 0x40;

template <class T>
PagingError error_of(T const& result) {
  return result.error();
}

// Carries out what a call owes; false when it was refused.
template <class R>
bool settled(R result) {
  if (!result) return false;
  if constexpr (requires { result->plan; }) {
    result->plan.carry_out();
  } else {
    result->carry_out();
  }
  return true;
}

}  // namespace twinwalk::test
