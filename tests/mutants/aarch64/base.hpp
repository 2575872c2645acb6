// What the mutants of AArch64 are made from.
#pragma once

#include "engine/formats/aarch64.hpp"
#include "models/spec/aarch64.hpp"
#include "tests/mutants/broken_table.hpp"

namespace twinwalk::mutants::aarch64 {

using Stage1 = Breakage<Aarch64Stage1<Aarch64Range::lower>, models::Aarch64LowerSpec>;
using Stage2 = Breakage<Aarch64Stage2<48>, models::Aarch64Stage2Spec<48>>;
using Bases = BaseList<Stage1, Stage2>;

}  // namespace twinwalk::mutants::aarch64
