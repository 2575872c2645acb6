// What the mutants of LoongArch64 are made from.
#pragma once

#include "engine/formats/loongarch64.hpp"
#include "models/spec/loongarch64.hpp"
#include "tests/mutants/broken_table.hpp"

namespace twinwalk::mutants::loongarch64 {

using La64 = Breakage<LoongArch64, models::LoongArchSpec>;
using Bases = BaseList<La64>;

}  // namespace twinwalk::mutants::loongarch64
