#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct JudgesAlignmentFirst : FourLevels {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "contract: the order of refusals",
                             .oracle = "result-agrees",
                             .summary = "judges alignment before it judges addresses",
                             .ops_max = 1};

  std::optional<Failure> refuse_map(VirtAddr va, PhysAddr pa, PageSize size) override {
    bool const possible = size == PageSize::Size4K || size == PageSize::Size2M;
    if (!possible || ((va.value | pa.value) & (bytes(size) - 1)) == 0) return std::nullopt;
    return Failure{PagingError::NotAligned, va};
  }
};

}  // namespace twinwalk::mutants::x86_64
