// Runs the rewritten engine once for each mutant, in a process of its own, and says what became of
// it: `judge FIRST LAST` prints a line for each number, "17 killed 3 tlb-never-stale" after three
// sequences, or "17 alive 12000". Number 0 is the engine as it is. What is rewritten brings
// `selected_mutant` along (rewrite.py).
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "engine/formats.hpp"
#include "engine/page_table.hpp"
#include "fuzz/executor.hpp"
#include "fuzz/format_shape.hpp"
#include "fuzz/generator.hpp"
#include "models/machine.hpp"
#include "models/specs.hpp"

namespace twinwalk {
namespace {

constexpr std::uint64_t sequences_of_a_format = 2000;
constexpr unsigned seconds_max = 60;

// How many sequences were run in all, and which oracle objected, if any.
struct Judged {
  std::uint64_t runs = 0;
  std::string oracle{};
};

template <class Format, class Spec>
void judge(Judged& judged) {
  if (!judged.oracle.empty()) return;
  static fuzz::Executor<PageTable<Format, models::Machine<Spec>>, Spec> executor;
  static fuzz::Sequence sequence;
  fuzz::GeneratorOptions options;
  options.format = 0;
  for (fuzz::FormatShape const& shape : fuzz::known_formats()) {
    if (shape.name == Spec::name) break;
    ++options.format;
  }
  for (std::uint64_t seed = 1; seed <= sequences_of_a_format; ++seed) {
    fuzz::generate(seed, options, sequence);
    ++judged.runs;
    if (auto const found = executor.run(sequence, {})) {
      judged.oracle = found->oracle;
      return;
    }
  }
}

// One format of each way to encode, so that every header that is mutated is used.
Judged judge_all() {
  Judged judged;
  judge<X86_64<4>, models::X86_64Spec<4>>(judged);
  judge<Riscv<3>, models::RiscvSpec<3, models::RiscvStage::first>>(judged);
  judge<Aarch64Stage1<Aarch64Range::lower>, models::Aarch64LowerSpec>(judged);
  judge<Ept<4>, models::EptSpec<4>>(judged);
  judge<LoongArch64, models::LoongArchSpec>(judged);
  judge<Riscv<3, RiscvStage::second>, models::RiscvSpec<3, models::RiscvStage::second>>(judged);
  return judged;
}

void judge_in_process(int number) {
  std::fflush(stdout);
  pid_t const child = fork();
  if (child == 0) {
    alarm(seconds_max);
    // What the engine asserts goes where nobody reads it; that it did is the verdict.
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(3);
    selected_mutant = number;
    Judged const judged = judge_all();
    if (judged.oracle.empty()) {
      std::printf("%d alive %llu\n", number, static_cast<unsigned long long>(judged.runs));
    } else {
      std::printf("%d killed %llu %s\n", number, static_cast<unsigned long long>(judged.runs),
                  judged.oracle.c_str());
    }
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    std::printf("%d killed 0 %s\n", number,
                WTERMSIG(status) == SIGALRM ? "runs on" : strsignal(WTERMSIG(status)));
  }
}

}  // namespace
}  // namespace twinwalk

int main(int count, char** words) {
  if (count != 3) return 2;
  int const last = std::atoi(words[2]);
  for (int number = std::atoi(words[1]); number <= last; ++number) {
    twinwalk::judge_in_process(number);
  }
  return 0;
}
