#include "proofs/theorems/flush.hpp"

namespace twinwalk::proofs {
namespace {

constexpr std::uint64_t flag(Flag one) { return static_cast<std::uint64_t>(one); }

// Rights that may be taken away; any of the others counts whichever way it changes. EXECUTE may
// stand for several kinds of fetch, each of which counts.
constexpr std::uint64_t rights = flag(Flag::READ) | flag(Flag::WRITE) | flag(Flag::EXECUTE);
constexpr std::uint64_t software = SymFlags::software_mask << SymFlags::software_shift;

}  // namespace

std::optional<SymScope> scope_of(Path const& path) {
  if (!path.ok()) return std::nullopt;
  if (path.operation.call != Call::split && !path.outcome.again) return path.outcome.plan;
  if (path.machine.flushes.empty()) return std::nullopt;
  return path.machine.flushes.back().scope;
}

SymBool must_forget(Spec const& spec, Walk const& before, Walk const& after) {
  constexpr std::uint64_t execute = flag(Flag::EXECUTE);
  SymWord const lost = (before.flags & ~after.flags & SymWord((rights & ~execute) | global_flag)) |
                       (before.fetches & ~after.fetches);
  SymWord const changed =
      (before.flags ^ after.flags) & SymWord(~(rights | global_flag | software));
  SymBool const dirty_cleared =
      both(spec.tells_clean_from_dirty(), (before.dirty & ~after.dirty) != SymWord(0));
  SymBool const moved =
      either(before.physical != after.physical, before.page_size_log2 != after.page_size_log2);
  SymBool const differs = either(either(moved, dirty_cleared), (lost | changed) != SymWord(0));
  return both(before.found, either(!after.found, differs));
}

SymBool table_entry_changed(Spec const& spec, Walk const& before, Walk const& after) {
  SymBool changed(false);
  for (int level = spec.levels(); level > 1; --level) {
    WalkLevel const& was = before[level];
    WalkLevel const& is = after[level];
    SymBool const differs =
        either(!same(was.is_table, is.is_table),
               both(was.is_table, before[level - 1].table != after[level - 1].table));
    changed = either(changed, both(both(was.reached, is.reached), differs));
  }
  return changed;
}

SymBool same_scope(SymScope const& a, SymScope const& b) {
  bool const flags = a.every_space == b.every_space && a.everything == b.everything &&
                     a.table_changed == b.table_changed && a.global == b.global &&
                     a.barrier == b.barrier && a.fence == b.fence && a.range_count == b.range_count;
  SymBool alike = both(SymBool(flags), a.root == b.root);
  for (int i = 0; i < a.range_count && flags; ++i) {
    alike = both(alike, both(a.ranges[i].first == b.ranges[i].first,
                             both(a.ranges[i].last == b.ranges[i].last,
                                  SymBool(a.ranges[i].stride == b.ranges[i].stride))));
  }
  return alike;
}

SymBool covers(SymScope const& scope, SymWord const& address) {
  SymBool held(scope.everything);
  for (int i = 0; i < scope.range_count; ++i) {
    held = either(held, both(at_most(scope.ranges[i].first, address),
                             at_most(address, scope.ranges[i].last)));
  }
  return held;
}

}  // namespace twinwalk::proofs
