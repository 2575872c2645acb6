#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct RefusesAtTheWrongPlace : FourLevels {
  static constexpr Info info{.kind = Kind::rollback,
                             .origin = "B62: Xen XSA-389, what was done is not told right",
                             .oracle = "result-agrees",
                             .summary = "says that a region could not be mapped, and not where",
                             .ops_max = 2};

  Failure refused(Machine&, Word, VirtAddr va, Failure failure) override {
    return {failure.error, va};
  }
};

}  // namespace twinwalk::mutants::x86_64
