#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct StepsFromAnUnalignedHole : FourLevels {
  static constexpr Info info{
      .kind = Kind::ranges,
      .origin = "B70: tgoskits cc3adc35",
      .oracle = "result-agrees",
      .summary = "ends a range where its first 2M do, if it begins within them",
      .ops_max = 3};

  Word length_of_range(VirtAddr va, Word length) override {
    Word const rest = bytes(PageSize::Size2M) - va.value % bytes(PageSize::Size2M);
    return rest != bytes(PageSize::Size2M) && length > rest ? rest : length;
  }
};

}  // namespace twinwalk::mutants::x86_64
