// AArch64 paging as the models know it: stage 1 of both kinds of regime, and stage 2.
#pragma once

#include "models/spec/aarch64/format.hpp"
#include "models/spec/aarch64/vectors.hpp"
