// Assertions against programmer errors. They stay on unless the user says otherwise; define
// TWINWALK_ASSERT before the first include to report in the kernel's own way.
#pragma once

#ifndef TWINWALK_ASSERT
#define TWINWALK_ASSERT(condition)      \
  do {                                  \
    if (!(condition)) __builtin_trap(); \
  } while (false)
#endif
