#include "proofs/theorems/operation_theorems.hpp"

namespace twinwalk::proofs {
namespace {

// Each clause of the invariant is a theorem of its own; all are claimed of the same walks.
void preserve(Path& path, Case const& other, std::string_view theorem) {
  std::vector<Clause> const& before = path.clauses_before(other);
  std::vector<Clause> const& after = path.clauses_after(other);
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].theorem != theorem) continue;
    path.prove(theorem, "in the end", other, implies(before[i].holds, after[i].holds));
  }
}

}  // namespace

OperationTheorem const no_reserved_bit{
    "no-reserved-bit", "No call leaves a present entry with a bit that the manual reserves.",
    nullptr, [](Path& path, Case const& other) { preserve(path, other, "no-reserved-bit"); }};

OperationTheorem const tables_grant_everything{"tables-grant-everything",
                                               "Each entry that leads to a table grants everything "
                                               "the format allows and carries no attribute.",
                                               nullptr, [](Path& path, Case const& other) {
                                                 preserve(path, other, "tables-grant-everything");
                                               }};

OperationTheorem const ownership_preserved{
    "ownership-preserved",
    "Every walk meets tables of its root's alone, each at its own place, or below a slot that it "
    "borrowed those of the slot's owner, who leads to the same table; if that held before a call, "
    "it "
    "does after.",
    nullptr, [](Path& path, Case const& other) { preserve(path, other, "ownership-preserved"); }};

OperationTheorem const live_count_exact{
    "live-count-exact",
    "The live count of every table is the number of its entries that are no holes, and a pinned "
    "table's says so.",
    nullptr, [](Path& path, Case const& other) { preserve(path, other, "live-count-exact"); }};

OperationTheorem const no_empty_table{
    "no-empty-table", "Only roots and pinned tables may be empty.", nullptr,
    [](Path& path, Case const& other) { preserve(path, other, "no-empty-table"); }};

}  // namespace twinwalk::proofs
