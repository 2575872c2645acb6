// Intel's extended page tables as the models know them.
#pragma once

#include "models/spec/ept/format.hpp"
#include "models/spec/ept/vectors.hpp"
