#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct RefusesTheLastPage : FourLevels {
  static constexpr Info info{
      .kind = Kind::ranges,
      .origin = "B67: asterinas 9ed6b760",
      .oracle = "result-agrees",
      .summary = "takes a page that ends with the address space for one that wraps",
      .ops_max = 3};

  std::optional<Failure> refuse_map(VirtAddr va, PhysAddr, PageSize size) override {
    if (va.value + bytes(size) != 0) return std::nullopt;
    return Failure{PagingError::InvalidAddress, va};
  }
};

}  // namespace twinwalk::mutants::x86_64
