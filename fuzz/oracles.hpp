// Every oracle. The order decides which of several objections is reported: the closest to the cause
// first.
#pragma once

#include "fuzz/oracle.hpp"
#include "fuzz/oracles/accessed_dirty_never_lost.hpp"
#include "fuzz/oracles/break_before_make.hpp"
#include "fuzz/oracles/frames_balance.hpp"
#include "fuzz/oracles/freed_while_cached.hpp"
#include "fuzz/oracles/holes_are_clean.hpp"
#include "fuzz/oracles/no_empty_table.hpp"
#include "fuzz/oracles/no_reserved_bit.hpp"
#include "fuzz/oracles/plan_is_exact.hpp"
#include "fuzz/oracles/plans_span_tables.hpp"
#include "fuzz/oracles/refusal_changes_nothing.hpp"
#include "fuzz/oracles/result_agrees.hpp"
#include "fuzz/oracles/stays_in_memory.hpp"
#include "fuzz/oracles/tables_grant_everything.hpp"
#include "fuzz/oracles/tlb_never_stale.hpp"
#include "fuzz/oracles/trees_agree.hpp"
#include "fuzz/oracles/walker_agrees.hpp"

namespace twinwalk::fuzz {

using AllOracles =
    OracleList<StaysInMemory, BreakBeforeMake, FreedWhileCached, HolesAreClean, ResultAgrees,
               RefusalChangesNothing, NoReservedBit, WalkerAgrees, TablesGrantEverything,
               AccessedDirtyNeverLost, TlbNeverStale, PlansSpanTables, FramesBalance, PlanIsExact,
               NoEmptyTable, TreesAgree>;

}  // namespace twinwalk::fuzz
