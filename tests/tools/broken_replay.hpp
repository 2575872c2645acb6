// Formats with one thing broken on purpose, over any word: the proofs refute them on symbols, and
// what refutes them is run again on numbers.
#pragma once

#include "engine/formats/x86_64.hpp"
#include "proofs/memory_file.hpp"
#include "tools/replay/memory_run.hpp"

namespace twinwalk::tests {

// A page that was written looks clean once its rights were changed.
struct ProtectClearsDirty : X86_64<4> {
  template <Word W>
  static constexpr W with_attributes(int level, W entry, Attributes<W> attributes) {
    return X86_64<4>::with_attributes(level, entry, attributes) & W(~dirty_bit);
  }
};

// Tables keep user mode out, whatever their leaves say.
struct TableWithoutUser : X86_64<4> {
  template <Word W>
  static constexpr W table(W address) {
    return X86_64<4>::table(address) & W(~user_bit);
  }
};

tools::MemoryRun run_protect_clears_dirty(proofs::MemoryFile const& file);
tools::MemoryRun run_table_without_user(proofs::MemoryFile const& file);

}  // namespace twinwalk::tests
