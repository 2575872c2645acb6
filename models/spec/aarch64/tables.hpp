// The descriptors of the VMSAv8-64 translation tables with the 4 KiB granule and 48-bit addresses,
// as the manual prints them: stage 1 of a regime with two address ranges (EL1&0) and of one with a
// single range (EL2), and stage 2.
//
// Arm Architecture Reference Manual for A-profile, "The AArch64 Virtual Memory System
// Architecture", "VMSAv8-64 translation table format descriptors"; where its text leaves a rule
// open, Arm's pseudocode as the Sail model of Armv9.4 has it. A bit that is RES0 makes no
// descriptor faulty, so it is among the ignored ones here.
//
// Levels count as everywhere here: 1 is the last. The manual's level is 4 less that.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "models/spec/field.hpp"

namespace twinwalk::models {

// Whose translation it is.
enum class Aarch64Stage {
  two_ranges,  // stage 1 with a lower and an upper range, and EL0 (EL1&0)
  one_range,   // stage 1 with a lower range alone, and no EL0 (EL2)
  second,      // stage 2
};

namespace aarch64 {

inline constexpr int level_max = 4;
inline constexpr int largest_leaf_level = 3;  // without LPA2 there is no block of 512 GiB

// The high attributes, 63 to 48.
template <Aarch64Stage Stage>
constexpr auto high_attributes() {
  if constexpr (Stage == Aarch64Stage::second) {
    return std::array{Field{"ignored", 63, 59, Role::ignored, "VMSAv8-64 stage 2 attributes"},
                      Field{"software", 58, 56, Role::software, "VMSAv8-64 stage 2 attributes"},
                      Field{"was dirty", 55, 55, Role::dirty_kept, "software's; contract"},
                      Field{"XN[1]", 54, 54, Role::not_executable, "VMSAv8-64 stage 2 XN"},
                      Field{"XN[0]", 53, 53, Role::not_executable_user, "FEAT_XNX"},
                      Field{"Contiguous", 52, 52, Role::contiguous, "The Contiguous bit"},
                      Field{"DBM", 51, 51, Role::write_managed, "Hardware management of dirty"},
                      Field{"RES0", 50, 48, Role::ignored, "VMSAv8-64 stage 2 attributes"}};
  } else {
    constexpr bool two = Stage == Aarch64Stage::two_ranges;
    return std::array{Field{"ignored", 63, 59, Role::ignored, "VMSAv8-64 upper attributes"},
                      Field{"software", 58, 56, Role::software, "VMSAv8-64 upper attributes"},
                      Field{"was dirty", 55, 55, Role::dirty_kept, "software's; contract"},
                      two ? Field{"UXN", 54, 54, Role::not_executable_user, "VMSAv8-64 UXN"}
                          : Field{"XN", 54, 54, Role::not_executable, "VMSAv8-64 XN"},
                      two ? Field{"PXN", 53, 53, Role::not_executable, "VMSAv8-64 PXN"}
                          : Field{"RES0", 53, 53, Role::ignored, "VMSAv8-64 PXN"},
                      Field{"Contiguous", 52, 52, Role::contiguous, "The Contiguous bit"},
                      Field{"DBM", 51, 51, Role::write_managed, "Hardware management of dirty"},
                      Field{"GP", 50, 50, Role::ignored, "FEAT_BTI; guards branches alone"},
                      Field{"RES0", 49, 48, Role::ignored, "FEAT_LPA2 alone"}};
  }
}

// The low attributes, 11 to 2.
template <Aarch64Stage Stage>
constexpr auto low_attributes() {
  if constexpr (Stage == Aarch64Stage::second) {
    return std::array{Field{"RES0", 11, 11, Role::ignored, "FEAT_XS alone"},
                      Field{"AF", 10, 10, Role::accessed, "The Access flag"},
                      Field{"SH", 9, 8, Role::shareability, "VMSAv8-64 stage 2 SH"},
                      Field{"S2AP[1]", 7, 7, Role::writable, "VMSAv8-64 S2AP"},
                      Field{"S2AP[0]", 6, 6, Role::readable, "VMSAv8-64 S2AP"},
                      Field{"MemAttr", 5, 2, Role::memory_type, "VMSAv8-64 stage 2 MemAttr"}};
  } else {
    constexpr bool two = Stage == Aarch64Stage::two_ranges;
    return std::array{two ? Field{"nG", 11, 11, Role::not_global, "VMSAv8-64 nG"}
                          : Field{"RES0", 11, 11, Role::ignored, "VMSAv8-64 nG"},
                      Field{"AF", 10, 10, Role::accessed, "The Access flag"},
                      Field{"SH", 9, 8, Role::shareability, "VMSAv8-64 SH"},
                      Field{"AP[2]", 7, 7, Role::read_only, "VMSAv8-64 AP"},
                      two ? Field{"AP[1]", 6, 6, Role::user, "VMSAv8-64 AP"}
                          : Field{"RES1", 6, 6, Role::ignored, "VMSAv8-64 AP"},
                      Field{"NS", 5, 5, Role::ignored, "Secure state alone"},
                      Field{"AttrIndx", 4, 2, Role::memory_type, "VMSAv8-64 AttrIndx"}};
  }
}

// A block, or at the last level a page. The address bits of a block that lie in its offset are
// RES0, nT among them, and dropped.
template <Aarch64Stage Stage, int Level>
constexpr auto leaf() {
  constexpr auto high = high_attributes<Stage>();
  constexpr auto low = low_attributes<Stage>();
  constexpr int lowest = 12 + 9 * (Level - 1);
  std::array<Field, high.size() + low.size() + (Level == 1 ? 3 : 4)> fields{};
  std::size_t next = 0;
  for (Field const& field : high) fields[next++] = field;
  fields[next++] = {"OA", 47, lowest, Role::address, "VMSAv8-64 output address"};
  if (Level > 1) fields[next++] = {"RES0", lowest - 1, 12, Role::ignored, "LeafBase; nT"};
  for (Field const& field : low) fields[next++] = field;
  fields[next++] = {Level == 1 ? "page = 1" : "block = 0", 1, 1, Role::leads_on,
                    "VMSAv8-64 descriptor type"};
  fields[next++] = {"valid", 0, 0, Role::present, "VMSAv8-64 descriptor type"};
  return fields;
}

// A table descriptor: of stage 1 with what it takes from all below, unless TCR_ELx.HPD.
template <Aarch64Stage Stage>
constexpr auto limits() {
  if constexpr (Stage == Aarch64Stage::two_ranges) {
    return std::array{Field{"NSTable", 63, 63, Role::ignored, "Secure state alone"},
                      Field{"APTable[1]", 62, 62, Role::limits_below, "Hierarchical permissions"},
                      Field{"APTable[0]", 61, 61, Role::limits_below, "Hierarchical permissions"},
                      Field{"UXNTable", 60, 60, Role::limits_below, "Hierarchical permissions"},
                      Field{"PXNTable", 59, 59, Role::limits_below, "Hierarchical permissions"}};
  } else if constexpr (Stage == Aarch64Stage::one_range) {
    return std::array{Field{"NSTable", 63, 63, Role::ignored, "Secure state alone"},
                      Field{"APTable[1]", 62, 62, Role::limits_below, "Hierarchical permissions"},
                      Field{"RES0", 61, 61, Role::ignored, "Hierarchical permissions"},
                      Field{"XNTable", 60, 60, Role::limits_below, "Hierarchical permissions"},
                      Field{"RES0", 59, 59, Role::ignored, "Hierarchical permissions"}};
  } else {
    return std::array{Field{"RES0", 63, 59, Role::ignored, "VMSAv8-64 table descriptor"}};
  }
}
template <Aarch64Stage Stage>
constexpr auto table() {
  constexpr auto high = limits<Stage>();
  std::array<Field, high.size() + 5> fields{};
  std::size_t next = 0;
  for (Field const& field : high) fields[next++] = field;
  fields[next++] = {"ignored", 58, 48, Role::ignored, "VMSAv8-64 table descriptor"};
  fields[next++] = {"next table", 47, 12, Role::address, "VMSAv8-64 table descriptor"};
  fields[next++] = {"ignored", 11, 2, Role::ignored, "VMSAv8-64 table descriptor"};
  fields[next++] = {"table = 1", 1, 1, Role::leads_on, "VMSAv8-64 descriptor type"};
  fields[next++] = {"valid", 0, 0, Role::present, "VMSAv8-64 descriptor type"};
  return fields;
}

// What is no descriptor: bit 0 is 0, or it names a block where there is none.
inline constexpr std::array invalid{
    Field{"ignored", 63, 2, Role::ignored, "VMSAv8-64 descriptor type"},
    Field{"type", 1, 1, Role::leads_on, "VMSAv8-64 descriptor type"},
    Field{"valid", 0, 0, Role::present, "VMSAv8-64 descriptor type"},
};
static_assert(partitions_word(invalid));

// All descriptors of a stage.
template <Aarch64Stage Stage>
struct Descriptors {
  static constexpr auto page_4k = leaf<Stage, 1>();
  static constexpr auto block_2m = leaf<Stage, 2>();
  static constexpr auto block_1g = leaf<Stage, 3>();
  static constexpr auto pointer = table<Stage>();
  static_assert(partitions_word(page_4k) && partitions_word(block_2m) &&
                partitions_word(block_1g) && partitions_word(pointer));

  // Top level first; a format of fewer levels has the end of the list.
  static constexpr std::array tables{
      FieldTable{"level 0 table descriptor", 4, EntryKind::table, "VMSAv8-64", pointer},
      FieldTable{"level 1 block descriptor, 1 GiB", 3, EntryKind::leaf, "VMSAv8-64", block_1g},
      FieldTable{"level 1 table descriptor", 3, EntryKind::table, "VMSAv8-64", pointer},
      FieldTable{"level 2 block descriptor, 2 MiB", 2, EntryKind::leaf, "VMSAv8-64", block_2m},
      FieldTable{"level 2 table descriptor", 2, EntryKind::table, "VMSAv8-64", pointer},
      FieldTable{"level 3 page descriptor, 4 KiB", 1, EntryKind::leaf, "VMSAv8-64", page_4k},
  };

  static constexpr std::span<Field const> fields_of(int level, EntryKind kind) {
    for (FieldTable const& one : tables) {
      if (one.level == level && one.kind == kind) return one.fields;
    }
    return invalid;
  }
};

inline constexpr std::array ttbr{
    Field{"ASID", 63, 48, Role::address_space, "TTBR0_EL1, TTBR1_EL1"},
    Field{"BADDR", 47, 1, Role::address, "TTBR0_EL1, TTBR1_EL1"},
    Field{"CnP", 0, 0, Role::control, "TTBR0_EL1, TTBR1_EL1"},
};
inline constexpr std::array ttbr0_el2{
    Field{"RES0", 63, 48, Role::reserved, "TTBR0_EL2"},
    Field{"BADDR", 47, 1, Role::address, "TTBR0_EL2"},
    Field{"CnP", 0, 0, Role::control, "TTBR0_EL2"},
};
inline constexpr std::array vttbr{
    Field{"VMID", 63, 48, Role::address_space, "VTTBR_EL2"},
    Field{"BADDR", 47, 1, Role::address, "VTTBR_EL2"},
    Field{"CnP", 0, 0, Role::control, "VTTBR_EL2"},
};
static_assert(partitions_word(ttbr) && partitions_word(ttbr0_el2) && partitions_word(vttbr));

template <Aarch64Stage Stage>
inline constexpr std::array root_tables = [] {
  if constexpr (Stage == Aarch64Stage::two_ranges) {
    return std::array{FieldTable{"TTBR_EL1", 0, EntryKind::table, "TTBR0_EL1, TTBR1_EL1", ttbr}};
  } else if constexpr (Stage == Aarch64Stage::one_range) {
    return std::array{FieldTable{"TTBR0_EL2", 0, EntryKind::table, "TTBR0_EL2", ttbr0_el2}};
  } else {
    return std::array{FieldTable{"VTTBR_EL2", 0, EntryKind::table, "VTTBR_EL2", vttbr}};
  }
}();

}  // namespace aarch64
}  // namespace twinwalk::models
