#include "tools/commands/all.hpp"

#include <array>

namespace twinwalk::tools {

std::span<CommandInfo const> all_commands() {
  static constexpr std::array commands{
      CommandInfo{"fuzz", "drive the engine and its models until they disagree", make_fuzz},
      CommandInfo{"prove", "prove what the engine does for every input", make_prove},
      CommandInfo{"mutants", "look for the seeded bugs", make_mutants},
      CommandInfo{"replay", "run sequences again and explain what shows", make_replay},
      CommandInfo{"minimize", "make a failing sequence small", make_minimize},
      CommandInfo{"import", "turn a trace of a real program into sequences", make_import},
      CommandInfo{"corpus", "merge, count and convert sequences", make_corpus},
      CommandInfo{"walk", "walk page tables as the hardware does", make_walk},
      CommandInfo{"vectors", "run a table of vectors through the walker", make_vectors},
      CommandInfo{"decode", "explain one page-table entry", make_decode},
      CommandInfo{"encode", "the entry that the engine writes for a leaf", make_encode},
      CommandInfo{"spec", "print a format's field tables", make_spec},
      CommandInfo{"list", "what there is", make_list},
      CommandInfo{"doctor", "what is installed", make_doctor},
  };
  return commands;
}

}  // namespace twinwalk::tools
