// Formats for tests of the flat map alone. They say the shape of a format and which flags it holds,
// and nothing of bits, so that the map's laws do not wait for a manual.
#pragma once

#include <cstdint>

#include "engine/api.hpp"

namespace twinwalk::models {

// `Levels` levels of 2^IndexBits entries; leaves at the lowest `LeafLevels` of them. Flags follow
// the contract's rules for x86, with software bits 0..2.
template <int Levels, int IndexBits, int LeafLevels>
struct ToySpec {
  static constexpr int levels = Levels;
  static constexpr int page_shift = 12;
  static constexpr int index_bits = IndexBits;
  static constexpr int address_bits = page_shift + levels * index_bits;

  static constexpr bool supports(MachineOptions const& options, PageSize size) {
    int const offset = size_log2(size) - page_shift;
    if (offset < 0 || offset % index_bits != 0 || offset / index_bits >= LeafLevels) return false;
    return offset / index_bits != 2 || options.gigabyte_pages;
  }
  static constexpr bool representable(MachineOptions const& options, MappingFlags flags) {
    std::uint64_t const known = (Flag::READ | Flag::WRITE | Flag::EXECUTE | Flag::USER |
                                 Flag::DEVICE | Flag::UNCACHED | Flag::GLOBAL)
                                    .with_software(7)
                                    .bits;
    if ((flags.bits & ~known) != 0 || !flags.has(Flag::READ)) return false;
    return options.no_execute || flags.has(Flag::EXECUTE);
  }
  static constexpr MappingFlags normalise(MachineOptions const&, MappingFlags flags) {
    return flags.has(Flag::DEVICE) ? flags.without(Flag::UNCACHED) : flags;
  }
  static constexpr HardwareUpdates hardware_updates(MachineOptions const& options) {
    return options.hardware_updates;
  }
  static constexpr bool canonical(std::uint64_t va) {
    std::int64_t const top = static_cast<std::int64_t>(va) >> (address_bits - 1);
    return top == 0 || top == -1;
  }
  static constexpr bool physical_range_fits(MachineOptions const& options, std::uint64_t first,
                                            std::uint64_t last) {
    return first <= last && last >> options.physical_bits == 0;
  }
};

// The shape of x86_64 with four and with five levels.
using FourLevels = ToySpec<4, 9, 3>;
using FiveLevels = ToySpec<5, 9, 3>;
// 256 pages in all, four slots to a table and leaves at every level, the root included: small
// enough that random operations meet each other everywhere.
using Tiny = ToySpec<4, 2, 4>;

}  // namespace twinwalk::models
