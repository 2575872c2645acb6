#pragma once

#include "tests/mutants/riscv/base.hpp"

namespace twinwalk::mutants::riscv {

struct TakesLeavesWithoutRights : Sv39 {
  static constexpr Info info{.kind = Kind::pointer_confusion,
                             .origin = "B23: seL4 038d1fcd, live in PTM",
                             .oracle = "result-agrees",
                             .summary = "takes a page without rights, which is a pointer",
                             .ops_max = 3};

  bool representable(Options const& options, MappingFlags flags) override {
    MappingFlags const readable = flags.without(Flag::WRITE) | Flag::READ;
    bool const none =
        !flags.has(Flag::READ) && !flags.has(Flag::WRITE) && !flags.has(Flag::EXECUTE);
    return Format::representable(options, none ? readable : flags);
  }
};

}  // namespace twinwalk::mutants::riscv
