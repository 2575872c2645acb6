#include <algorithm>

#include "proofs/theorems/flush.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// What was carried out is the plan, and names pages no larger than a processor may hold: those of
// the leaf, or the smallest where a table was in between.
void judge_flush(Path& path, SymScope const& scope) {
  bool const small = path.operation.call == Call::split || path.unlinks_a_table();
  int const size_max = path.spec.level_shift(small ? 1 : std::max(1, path.leaf_level(path.before)));
  bool fine = true;
  for (int i = 0; i < scope.range_count; ++i) {
    fine = fine && size_log2(scope.ranges[i].stride) <= size_max;
  }
  path.prove("tlb-never-stale", "the stride", SymBool(fine));
  if (!scope.demands_invalidation()) return;
  bool const flushed = !path.machine.flushes.empty();
  path.prove("tlb-never-stale", "the plan is what is carried out",
             flushed ? same_scope(scope, path.machine.flushes.back().scope) : SymBool(false));
}

void judge(Path& path) {
  std::optional<SymScope> const scope = scope_of(path);
  if (!scope) return;
  judge_flush(path, *scope);
  path.prove("tlb-never-stale", "the plan names the root",
             implies(SymBool(scope->demands_invalidation()), scope->root == path.in.root));
  // Whom a region concerns it says when all its rounds are done.
  if (is_region_round(path.operation.call)) return;
  path.prove("tlb-never-stale", "who borrowed is concerned",
             implies(both(is_pinned_below_root(path.machine, path.before, {}),
                          SymBool(scope->demands_invalidation())),
                     SymBool(scope->every_space)));
}

void judge_case(Path& path, Case const& other) {
  if (!path.ok()) return;
  bool const same_root = other.kind == Case::Kind::inside || other.kind == Case::Kind::outside;
  if (!same_root) return;
  Walk const& found = path.walk(other, path.first_store);
  Walk const& after = path.walk(other, path.end.entries);
  SymBool const must = must_forget(path.spec, found, after);
  SymScope const scope = scope_of(path).value_or(SymScope{});
  path.prove("tlb-never-stale", "covered", other,
             implies(must, covers(scope, other.before.address)));
  SymBool const was_global = (found.flags & SymWord(global_flag)) != SymWord(0);
  path.prove("tlb-never-stale", "global", other,
             implies(both(must, both(found.found, was_global)), SymBool(scope.global)));
  path.prove("tlb-never-stale", "a table entry changed", other,
             implies(table_entry_changed(path.spec, found, after), SymBool(scope.table_changed)));
}

}  // namespace

OperationTheorem const tlb_never_stale{
    "tlb-never-stale",
    "The plan covers every address whose translation shrank, moved, changed size or type, or whose "
    "dirty was cleared, in every address space that has it, and says when a table entry changed.",
    judge, judge_case};

}  // namespace twinwalk::proofs
