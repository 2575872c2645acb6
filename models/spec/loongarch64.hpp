// LoongArch64 paging as the models know it.
#pragma once

#include "models/spec/loongarch64/format.hpp"
#include "models/spec/loongarch64/vectors.hpp"
