// How the engine encodes AArch64: both stages.
#pragma once

#include "aarch64_stage1.hpp"
#include "aarch64_stage2.hpp"
