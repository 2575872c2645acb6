#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct SetsLargeInTheRoot : FourLevels {
  static constexpr Info info{.kind = Kind::huge_pages,
                             .origin = "B14: Xen XSA-176, PS where it is reserved",
                             .oracle = "no-reserved-bit",
                             .summary = "sets PS in an entry of the root",
                             .ops_max = 1};

  void store(Machine& machine, Word slot, Word entry) override {
    bool const root = is_linked_root(machine, slot);
    machine.store(slot, root && entry != 0 ? entry | Format::large_bit : entry);
  }
};

}  // namespace twinwalk::mutants::x86_64
