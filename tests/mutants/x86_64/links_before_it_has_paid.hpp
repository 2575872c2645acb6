#pragma once

#include "tests/mutants/x86_64/base.hpp"

namespace twinwalk::mutants::x86_64 {

struct LinksBeforeItHasPaid : FourLevels {
  static constexpr Info info{
      .kind = Kind::rollback,
      .origin = "PTM weakness 5: tables left behind where memory ends",
      .oracle = "refusal-changes-nothing",
      .summary = "links the first table of a path before it finds no frame for the next",
      .ops_max = 2};

  Failure refused(Machine& machine, Word root, VirtAddr va, Failure failure) override {
    Word const slot = root + ((va.value >> 39) & 511) * 8;
    Word frame = 0;
    if (failure.error != PagingError::NoMemory || machine.load(slot) != 0) return failure;
    if (!machine.alloc_frames(12, frame)) return failure;
    machine.fill(frame, 512, 0, 0);
    machine.set_live_count(frame, 0);
    machine.store(slot, Format::table(frame));
    machine.set_live_count(root, machine.live_count(root) + 1);
    return failure;
  }
};

}  // namespace twinwalk::mutants::x86_64
