// AArch64 paging as one type for each kind of tree: the lower and the upper range of a regime that
// has both, the one range of EL2, and stage 2 with 48 and with 40 bits of guest address.
#pragma once

#include <span>
#include <string_view>
#include <type_traits>

#include "engine/api.hpp"
#include "models/spec/aarch64/cache.hpp"
#include "models/spec/aarch64/stage1.hpp"
#include "models/spec/aarch64/stage2.hpp"
#include "models/spec/aarch64/tables.hpp"
#include "models/spec/field.hpp"
#include "models/spec/radix.hpp"
#include "models/spec/word.hpp"

namespace twinwalk::models {

class Aarch64Stage1Vectors;
class Aarch64Stage2Vectors;

namespace aarch64 {

// 40 bits of guest address begin at the manual's level 1, in two tables that follow each other.
template <int AddressBits>
using Radices = std::conditional_t<AddressBits == 40, Radix<3, 10>, Radix<4>>;

}  // namespace aarch64

template <class Stage, class Geometry>
struct Aarch64Format : Aarch64Cache<Stage>, Geometry {
  static constexpr int largest_leaf_level = aarch64::largest_leaf_level;
  static constexpr bool supports(MachineOptions const& /*options*/, PageSize size) {
    return size == PageSize::Size4K || size == PageSize::Size2M || size == PageSize::Size1G;
  }

  // The first table, from TTBR or VTTBR; bits below its alignment are 0 or not the address's.
  template <class Word>
  static constexpr Word root_table(Word root) {
    return root & Word(mask(47, Geometry::root_bits));
  }

  // The field tables of this format's descriptors, top level first, and of its root register.
  static constexpr std::span<FieldTable const> field_tables() {
    std::span<FieldTable const> const all = Stage::Descriptors::tables;
    return Geometry::levels == aarch64::level_max ? all : all.subspan(1);
  }
  static constexpr std::span<FieldTable const> root_tables() {
    return aarch64::root_tables<Stage::stage>;
  }
};

// Stage 1 of EL1&0, the range that TTBR0_EL1 serves.
struct Aarch64LowerSpec : Aarch64Format<Aarch64Stage1<Aarch64Stage::two_ranges>,
                                        UnsignedAddresses<aarch64::Radices<48>>> {
  static constexpr std::string_view name = "aarch64-s1";
  static constexpr std::string_view arch = "aarch64_s1";
  using Vectors = Aarch64Stage1Vectors;
};

// The same for TTBR1_EL1.
struct Aarch64UpperSpec
    : Aarch64Format<Aarch64Stage1<Aarch64Stage::two_ranges>, UpperAddresses<aarch64::Radices<48>>> {
  static constexpr std::string_view name = "aarch64-s1-upper";
  static constexpr std::string_view arch = "aarch64_s1";
  using Vectors = Aarch64Stage1Vectors;
};

// Stage 1 of EL2.
struct Aarch64El2Spec : Aarch64Format<Aarch64Stage1<Aarch64Stage::one_range>,
                                      UnsignedAddresses<aarch64::Radices<48>>> {
  static constexpr std::string_view name = "aarch64-el2";
  static constexpr std::string_view arch = "aarch64_s1";
  using Vectors = Aarch64Stage1Vectors;
};

// Stage 2 of a guest with 48 or 40 bits of address.
template <int AddressBits>
struct Aarch64Stage2Spec
    : Aarch64Format<Aarch64Stage2, UnsignedAddresses<aarch64::Radices<AddressBits>>> {
  static constexpr std::string_view name = AddressBits == 40 ? "aarch64-s2-40" : "aarch64-s2";
  static constexpr std::string_view arch = "aarch64_s2";
  using Vectors = Aarch64Stage2Vectors;
};

}  // namespace twinwalk::models
