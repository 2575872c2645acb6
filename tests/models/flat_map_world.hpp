// What the laws of the flat map are stated with: sizes, addresses, and an owner with a borrower.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <vector>

#include "models/flat_map.hpp"
#include "tests/models/toy_spec.hpp"

namespace twinwalk::models {

inline constexpr std::uint64_t k4 = 1 << 12;
inline constexpr std::uint64_t m2 = 1 << 21;
inline constexpr std::uint64_t g1 = 1 << 30;
inline constexpr std::uint64_t slot = std::uint64_t{1} << 39;
inline constexpr std::uint64_t half = std::uint64_t{1} << 47;
inline constexpr std::uint64_t high_half = 0 - half;
inline constexpr std::uint64_t plenty = 1000;

inline constexpr MappingFlags r = Flag::READ;
inline constexpr MappingFlags rw = Flag::READ | Flag::WRITE;
inline constexpr MappingFlags rx = Flag::READ | Flag::EXECUTE;
inline constexpr MappingFlags nothing{};

constexpr VirtAddr virt(std::uint64_t va) { return VirtAddr(va); }
constexpr PhysAddr phys(std::uint64_t pa) { return PhysAddr(pa); }

inline ::testing::AssertionResult is_refused(Outcome const& outcome, PagingError error,
                                             std::uint64_t where) {
  if (outcome.ok()) return ::testing::AssertionFailure() << "it succeeded";
  if (outcome.failure->error == error && outcome.failure->where.value == where) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "error " << static_cast<int>(outcome.failure->error)
                                       << " at 0x" << std::hex << outcome.failure->where.value;
}

// Two roots of one machine; `map` may borrow from `owner`.
template <class Spec>
struct OwnerAndMap {
  explicit OwnerAndMap(MachineOptions const& options = {}) {
    EXPECT_TRUE(owner.create(options, 1).ok());
    EXPECT_TRUE(map.create(options, 1).ok());
  }
  OwnerAndMap(OwnerAndMap const&) = delete;
  OwnerAndMap& operator=(OwnerAndMap const&) = delete;

  FlatMap<Spec> owner;
  FlatMap<Spec> map;
};

// One run of leaves of a size.
struct LeafRun {
  PageSize size;
  std::uint64_t count;
  friend bool operator==(LeafRun const&, LeafRun const&) = default;
  friend std::ostream& operator<<(std::ostream& out, LeafRun const& run) {
    return out << run.count << " of 2^" << size_log2(run.size);
  }
};
template <class Spec>
std::vector<LeafRun> runs(FlatMap<Spec> const& map) {
  std::vector<LeafRun> found;
  for (Extent const& e : map.extents().all()) found.push_back({e.size, e.count});
  return found;
}
using LeafRuns = std::vector<LeafRun>;

}  // namespace twinwalk::models
