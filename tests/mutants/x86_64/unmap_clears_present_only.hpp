#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct UnmapClearsPresentOnly : FourLevels {
  static constexpr Info info{
      .kind = Kind::encoding,
      .origin = "B81: CVE-2018-3620, the frame left in an entry that is not present",
      .oracle = "holes-are-clean",
      .summary = "takes P from the leaf that it unmaps and leaves the rest",
      .ops_max = 2};

  Word exchange(Machine& machine, Word slot, Word entry) override {
    Word const before = machine.load(slot);
    return machine.exchange(slot, entry == 0 ? before & ~Format::present_bit : entry);
  }
};

}  // namespace twinwalk::mutants::x86_64
