// What the mutants of EPT are made from.
#pragma once

#include "engine/formats/ept.hpp"
#include "models/spec/ept.hpp"
#include "tests/mutants/broken_table.hpp"

namespace twinwalk::mutants::ept {

using Ept4 = Breakage<Ept<4>, models::EptSpec<4>>;
using Bases = BaseList<Ept4>;

}  // namespace twinwalk::mutants::ept
