// RISC-V paging as the models know it: Sv39, Sv48, Sv57 and their second stages.
#pragma once

#include "models/spec/riscv/format.hpp"
#include "models/spec/riscv/vectors.hpp"
