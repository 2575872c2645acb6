#pragma once

#include "tests/mutants/aarch64/base.hpp"

namespace twinwalk::mutants::aarch64 {

struct PresetsNoAccessFlag : Stage1 {
  static constexpr Info info{.kind = Kind::accessed_dirty,
                             .origin = "B38: an access flag that nobody sets",
                             .oracle = "accessed-dirty-never-lost",
                             .summary = "leaves the Access flag to hardware that sets none",
                             .ops_max = 3};

  Attributes<Word> encode(Options const& options, MappingFlags flags) override {
    return {Format::encode(options, flags).bits & ~Format::accessed_bit};
  }
};

}  // namespace twinwalk::mutants::aarch64
