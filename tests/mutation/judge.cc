// Runs the rewritten engine once for each mutant, in a process of its own, and says what became of
// it: `judge 17 18@ept-4` prints a line for each number, "17 killed 3 tlb-never-stale" after three
// sequences, or "18 alive 14000"; 18 was tried on ept-4 first. Number 0 is the engine as it is.
// What is rewritten brings `selected_mutant` along (rewrite.py).
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
constexpr unsigned seconds_max = 15;  // several times what the whole engine takes

// How many sequences were run in all, and which oracle objected, if any.
struct Judged {
  std::uint64_t runs = 0;
  std::string oracle{};
};

template <class Format, class Spec>
void judge(Judged& judged) {
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

// One format of each way to encode, so that every header that is mutated is used; `first` before
// the others.
Judged judge_all(std::string_view first) {
  Judged judged;
  auto const each = [&](auto visit) {
    visit.template operator()<X86_64<4>, models::X86_64Spec<4>>();
    visit.template operator()<Riscv<3>, models::RiscvSpec<3, models::RiscvStage::first>>();
    visit.template operator()<Aarch64Stage1<Aarch64Range::lower>, models::Aarch64LowerSpec>();
    visit.template operator()<Aarch64Stage1<Aarch64Range::el2>, models::Aarch64El2Spec>();
    visit.template operator()<Ept<4>, models::EptSpec<4>>();
    visit.template operator()<LoongArch64, models::LoongArchSpec>();
    visit.template
    operator()<Riscv<3, RiscvStage::second>, models::RiscvSpec<3, models::RiscvStage::second>>();
  };
  for (bool const is_first : {true, false}) {
    each([&]<class Format, class Spec>() {
      if (judged.oracle.empty() && (Spec::name == first) == is_first) judge<Format, Spec>(judged);
    });
  }
  return judged;
}

void judge_in_process(int number, std::string_view first) {
  std::fflush(stdout);
  pid_t const child = fork();
  if (child == 0) {
    alarm(seconds_max);
    // What the engine asserts goes where nobody reads it; that it did is the verdict.
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(3);
    selected_mutant = number;
    Judged const judged = judge_all(first);
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
  for (int i = 1; i < count; ++i) {
    std::string_view const word(words[i]);
    std::size_t const at = word.find('@');
    twinwalk::judge_in_process(std::atoi(words[i]),
                               at == word.npos ? std::string_view() : word.substr(at + 1));
  }
  return 0;
}
