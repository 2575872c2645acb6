// The one translation unit that replays memory files on the shipped engine. It sees the engine's
// assertions as they ship, so nothing of proofs/ that redefines them may come in here.
#include "fuzz/format_pairs.hpp"
#include "tools/replay/memory_replay.hpp"

namespace twinwalk::tools {

MemoryRun run_shipped(proofs::MemoryFile const& file) {
  MemoryRun run;
  fuzz::for_each_format([&]<class Format, class Spec>() {
    if (Spec::name == file.format) run = MemoryReplay<Format, Spec>(file).run();
  });
  return run;
}

}  // namespace twinwalk::tools
