// AMD's nested page tables as the models know them: the host's long-mode format with a few
// differences, and those are all that these files say.
#pragma once

#include "models/spec/npt/format.hpp"
#include "models/spec/npt/vectors.hpp"
