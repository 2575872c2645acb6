// x86-64 paging with 4 or 5 levels, as the manuals describe it. Transcribed from fact sheets made
// from the Intel SDM vol. 3A (chapter 4, 5 since 2024) and the AMD APM vol. 2 (chapter 5), never
// from an engine. The parts, each written on those before it:
//
//   tables     every entry, bit by bit, as the manual prints it
//   settings   the state of a processor that a walk depends on
//   reading    what one entry is, where it leads and what it grants
//   rules      which accesses a path allows, the exception otherwise, accessed and dirty
//   flags      the neutral flags: what a leaf can hold and what it reads back as
//   cache      what a processor may keep, and when that is stale
//   format     all of it as one type, X86_64Spec<4> and X86_64Spec<5>, with its geometry
//   vectors    what the settings and results of a vector table mean
#pragma once

#include "models/spec/x86_64/format.hpp"   // IWYU pragma: export
#include "models/spec/x86_64/vectors.hpp"  // IWYU pragma: export
