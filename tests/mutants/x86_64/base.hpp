// What the mutants of x86-64 are made from.
#pragma once

#include "engine/formats/x86_64.hpp"
#include "models/spec/x86_64.hpp"
#include "tests/mutants/broken_table.hpp"

namespace twinwalk::mutants::x86_64 {

using FourLevels = Breakage<X86_64<4>, models::X86_64Spec<4>>;
using Bases = BaseList<FourLevels>;

}  // namespace twinwalk::mutants::x86_64
