// Every theorem about operations; each is a file beside this one.
#pragma once

#include <array>
#include <span>

#include "proofs/theorem.hpp"

namespace twinwalk::proofs {

extern OperationTheorem const assertions_hold;
extern OperationTheorem const result_agrees;
extern OperationTheorem const walker_agrees;
extern OperationTheorem const others_unchanged;
extern OperationTheorem const accessed_dirty_never_lost;
extern OperationTheorem const refusal_changes_nothing;
extern OperationTheorem const frames_balance;
extern OperationTheorem const freed_while_cached;
extern OperationTheorem const tlb_never_stale;
extern OperationTheorem const plan_is_exact;
extern OperationTheorem const plans_span_tables;
extern OperationTheorem const break_before_make;
extern OperationTheorem const holes_are_clean;
// These five are the clauses of the ownership invariant (invariant_preserved.cc).
extern OperationTheorem const ownership_preserved;
extern OperationTheorem const no_reserved_bit;
extern OperationTheorem const tables_grant_everything;
extern OperationTheorem const live_count_exact;
extern OperationTheorem const no_empty_table;
extern OperationTheorem const cursor_stays_right;
extern OperationTheorem const not_vacuous;
extern OperationTheorem const region_check_exact;
extern OperationTheorem const region_round_exact;

// Those that are claimed of calls on one leaf, of the split and of sharing.
inline constexpr std::array<OperationTheorem const*, 20> call_theorems{&assertions_hold,
                                                                       &result_agrees,
                                                                       &walker_agrees,
                                                                       &others_unchanged,
                                                                       &accessed_dirty_never_lost,
                                                                       &refusal_changes_nothing,
                                                                       &frames_balance,
                                                                       &freed_while_cached,
                                                                       &tlb_never_stale,
                                                                       &plan_is_exact,
                                                                       &plans_span_tables,
                                                                       &break_before_make,
                                                                       &ownership_preserved,
                                                                       &no_reserved_bit,
                                                                       &tables_grant_everything,
                                                                       &live_count_exact,
                                                                       &no_empty_table,
                                                                       &cursor_stays_right,
                                                                       &holes_are_clean,
                                                                       &not_vacuous};
// Of the rounds of a region's loops.
inline constexpr std::array<OperationTheorem const*, 13> round_theorems{
    &region_round_exact, &holes_are_clean,         &assertions_hold,   &frames_balance,
    &freed_while_cached, &tlb_never_stale,         &plans_span_tables, &ownership_preserved,
    &no_reserved_bit,    &tables_grant_everything, &live_count_exact,  &no_empty_table,
    &not_vacuous};
// Of the rounds of its checks.
inline constexpr std::array<OperationTheorem const*, 4> check_theorems{
    &region_check_exact, &refusal_changes_nothing, &assertions_hold, &not_vacuous};

// All there are that are claimed of a call.
inline std::span<OperationTheorem const* const> theorems_of(Call call) {
  if (is_region_check(call)) return check_theorems;
  if (is_region_round(call)) return round_theorems;
  return call_theorems;
}

}  // namespace twinwalk::proofs
