// The words that the printer and the parser of .ops share. Internal to fuzz/text*.cc.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "fuzz/op.hpp"

namespace twinwalk::fuzz::words {

template <class Value>
struct Word {
  std::string_view name;
  Value value;
};

inline constexpr std::array<Word<PageSize>, 5> sizes{{{"4K", PageSize::Size4K},
                                                      {"2M", PageSize::Size2M},
                                                      {"1G", PageSize::Size1G},
                                                      {"512G", PageSize::Size512G},
                                                      {"256T", PageSize::Size256T}}};

inline constexpr std::array<Word<AccessKind>, 3> accesses{
    {{"read", AccessKind::read}, {"write", AccessKind::write}, {"fetch", AccessKind::fetch}}};

// What a `hardware` line sets.
inline constexpr std::array<Word<AccessKind>, 2> updates{
    {{"accessed", AccessKind::read}, {"dirty", AccessKind::write}}};

inline constexpr std::array<Word<Moment>, 2> moments{
    {{"before-store", Moment::before_store}, {"before-load", Moment::before_load}}};

inline constexpr std::array<Word<Expectation>, expectation_count - 1> expectations{
    {{"ok", Expectation::ok},
     {"fault", Expectation::fault},
     {"UnsupportedPageSize", Expectation::unsupported_page_size},
     {"InvalidAddress", Expectation::invalid_address},
     {"NotAligned", Expectation::not_aligned},
     {"UnrepresentableFlags", Expectation::unrepresentable_flags},
     {"Borrowed", Expectation::borrowed},
     {"NotMapped", Expectation::not_mapped},
     {"AlreadyMapped", Expectation::already_mapped},
     {"MappedToHugePage", Expectation::mapped_to_huge_page},
     {"NoMemory", Expectation::no_memory}}};

inline constexpr std::array<Word<Flag>, 4> plain_flags{{{"device", Flag::DEVICE},
                                                        {"uncached", Flag::UNCACHED},
                                                        {"global", Flag::GLOBAL},
                                                        {"ignore-pat", Flag::IGNORE_PAT}}};

// The value without `max`: a region may use the largest page there is.
inline constexpr PageSize no_policy = PageSize::Size256T;

// Where a share borrows from without `from`.
constexpr std::uint8_t usual_owner(std::uint8_t space) { return space == 0 ? 1 : 0; }

// The bits of flags that no word names. The type field has a name only where it is explicit.
constexpr std::uint64_t unnamed_bits(MappingFlags flags) {
  constexpr std::uint64_t type_field = MappingFlags::memory_type_mask
                                       << MappingFlags::memory_type_shift;
  MappingFlags const rights = Flag::READ | Flag::WRITE | Flag::EXECUTE | Flag::USER | Flag::TYPED;
  std::uint64_t named = rights.bits | (MappingFlags::key_mask << MappingFlags::key_shift) |
                        (MappingFlags::software_mask << MappingFlags::software_shift);
  for (auto const& flag : plain_flags) named |= static_cast<std::uint64_t>(flag.value);
  if (flags.has(Flag::TYPED)) named |= type_field;
  return op_flags_mask & ~named;
}

// The value that a word names, or nothing.
template <class Value, std::size_t N>
constexpr Value const* find(std::array<Word<Value>, N> const& words, std::string_view name) {
  for (auto const& word : words) {
    if (word.name == name) return &word.value;
  }
  return nullptr;
}

// The word for a value; every value of the type has one.
template <class Value, std::size_t N>
constexpr std::string_view name(std::array<Word<Value>, N> const& words, Value value) {
  for (auto const& word : words) {
    if (word.value == value) return word.name;
  }
  return "?";
}

}  // namespace twinwalk::fuzz::words
