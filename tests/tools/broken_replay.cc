// Apart from the tests themselves, which see the engine's assertions as the proofs define them.
#include "tests/tools/broken_replay.hpp"

#include "models/spec/x86_64.hpp"
#include "tools/replay/memory_replay.hpp"

namespace twinwalk::tests {

using Spec = models::X86_64Spec<4>;

tools::MemoryRun run_protect_clears_dirty(proofs::MemoryFile const& file) {
  return tools::MemoryReplay<ProtectClearsDirty, Spec>(file).run();
}
tools::MemoryRun run_table_without_user(proofs::MemoryFile const& file) {
  return tools::MemoryReplay<TableWithoutUser, Spec>(file).run();
}

}  // namespace twinwalk::tests
