// What the mutants of RISC-V are made from.
#pragma once

#include "engine/formats/riscv.hpp"
#include "models/spec/riscv.hpp"
#include "tests/mutants/broken_table.hpp"

namespace twinwalk::mutants::riscv {

using Sv39 = Breakage<Riscv<3>, models::RiscvSpec<3, models::RiscvStage::first>>;
using Bases = BaseList<Sv39>;

}  // namespace twinwalk::mutants::riscv
