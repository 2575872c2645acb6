// What a change of one address's walk owes its processors, said in neutral words: the same for
// every format (docs/invalidation.md, table 2.1).
#pragma once

#include <optional>

#include "proofs/path.hpp"

namespace twinwalk::proofs {

inline constexpr std::uint64_t global_flag = static_cast<std::uint64_t>(Flag::GLOBAL);

// What a successful call asked to be flushed: its plan, or for a split what it flushed itself.
std::optional<SymScope> scope_of(Path const& path);

// Whether a processor that holds what an address was must forget it. More rights alone may be lazy;
// a page that changes sides between user and supervisor loses a right either way.
SymBool must_forget(Spec const& spec, Walk const& before, Walk const& after);

// Whether an entry that leads to a table appeared, went, or leads elsewhere.
SymBool table_entry_changed(Spec const& spec, Walk const& before, Walk const& after);

// Whether two scopes ask for the same.
SymBool same_scope(SymScope const& a, SymScope const& b);

// Whether a scope's ranges hold an address.
SymBool covers(SymScope const& scope, SymWord const& address);

}  // namespace twinwalk::proofs
