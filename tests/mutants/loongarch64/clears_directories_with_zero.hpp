#pragma once

#include "tests/mutants/loongarch64/base.hpp"

namespace twinwalk::mutants::loongarch64 {

struct ClearsDirectoriesWithZero : La64 {
  static constexpr Info info{.kind = Kind::encoding,
                             .origin = "PTM: an empty directory is zero, and leads to physical 0",
                             .oracle = "frames-balance",
                             .summary = "writes zero and not the void where it unlinks a table",
                             .ops_max = 3};

  void store(Machine& machine, Word slot, Word entry) override {
    machine.store(slot, entry == machine.options().void_frame.value ? 0 : entry);
  }
};

}  // namespace twinwalk::mutants::loongarch64
