#include "proofs/theorems/flush.hpp"
#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// A leaf that becomes global, or whose key changes on a machine without keys, is flushed although
// no processor would notice: the first so that its copies of one address space do not linger beside
// the global one, the second because the field is not asked whether it counts. So is one that
// grants nothing, which the engine never makes: it does not ask for that either.
SymBool to_be_safe(Path const& path) {
  SymWord const global = (path.found.flags ^ path.after.flags) & SymWord(global_flag);
  SymBool const key =
      path.spec.key(path.level, path.found.entry) != path.spec.key(path.level, path.after.entry);
  return both(both(path.found.found, path.after.found),
              either(either(global != SymWord(0), key), grants_nothing(path.found.flags)));
}

// Of the calls that are proved, those that put something where there was nothing.
bool fills_holes(Path const& path) {
  Call const call = path.operation.call;
  return call == Call::map || call == Call::map_step || call == Call::share;
}

void judge(Path& path) {
  std::optional<SymScope> const scope = scope_of(path);
  if (!scope) return;
  SymBool tables = table_entry_changed(path.spec, path.before, path.after);
  // What sharing changes is the borrower's entry, which was a hole.
  if (path.operation.call == Call::share) tables = SymBool(true);
  path.prove("plan-is-exact", "a table entry changed where it says so",
             implies(SymBool(scope->table_changed), tables));
  SymBool const worth_it = either(must_forget(path.spec, path.found, path.after), to_be_safe(path));
  path.prove("plan-is-exact", "something must be forgotten where it asks for a flush",
             implies(SymBool(scope->demands_invalidation()), worth_it));
  path.prove("plan-is-exact", "no barrier, and not everything",
             SymBool(!scope->barrier && !scope->everything));
  path.prove("plan-is-exact", "a fence where something is mapped or linked, and only there",
             SymBool(scope->fence == (path.spec.new_entries_owe_fence() && fills_holes(path))));
}

}  // namespace

OperationTheorem const plan_is_exact{
    "plan-is-exact",
    "A plan says that a table entry changed only where one did, and asks for a flush only where a "
    "processor must forget something, or GLOBAL or the key field changed, or the leaf granted "
    "nothing; and for a fence where a new entry owes one.",
    judge, nullptr};

}  // namespace twinwalk::proofs
