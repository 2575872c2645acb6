// The backend that needs no fuzzing engine: the corpus as it is, then sequences that follow from a
// seed, every other one a mutation of the corpus. Workers are processes, so an engine that dies
// takes nobody along.
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include "fuzz/generator.hpp"
#include "fuzz/mutator.hpp"
#include "fuzz/random.hpp"
#include "fuzz/runner.hpp"
#include "tools/campaign/campaign.hpp"
#include "tools/support/exit.hpp"
#include "tools/support/formats.hpp"

namespace twinwalk::tools {
namespace {

constexpr unsigned hang_seconds = 60;
constexpr int exit_done = 0;
constexpr int exit_finding = 33;

// What a worker tells its parent, in memory that both see.
struct Shared {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> runs{0};
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> touched{0};
  std::atomic<std::uint64_t> current{0};  // index of the sequence that runs
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

struct Unmap {
  void operator()(Shared* shared) const { ::munmap(shared, sizeof(Shared)); }
};
using SharedPointer = std::unique_ptr<Shared, Unmap>;

SharedPointer make_shared_state() {
  void* const memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  return SharedPointer(new (memory) Shared);
}

// The sequence at an index: it follows from seed, index and corpus alone.
void sequence_at(CampaignOptions const& options, std::uint64_t index, fuzz::Sequence& out) {
  if (index < options.corpus.size()) {
    out = options.corpus[index];
    return;
  }
  std::uint64_t state = options.seed;
  std::uint64_t const seed = fuzz::mix(state) ^ index;
  fuzz::Random random(seed);
  if (options.corpus.empty() || index % 2 == 0) {
    fuzz::generate(seed, {.format = options.format}, out);
    return;
  }
  out = random.pick(std::span(options.corpus));
  out.ops.resize(std::min(out.ops.size(), campaign_ops_max));
  for (std::uint32_t changes = 1 + random.below(4); changes > 0; --changes) {
    fuzz::mutate_ops(random, fuzz::known_formats(), campaign_ops_max, out);
  }
  out.format = options.format;
}

// One worker: every `jobs`-th sequence from `first` on.
struct Worker {
  pid_t pid = -1;
  SharedPointer shared;
  std::uint64_t first = 0;
  // Of earlier processes in this place.
  std::uint64_t runs = 0;
  std::uint64_t operations = 0;
  std::uint64_t touched = 0;
};

[[noreturn]] void work(CampaignOptions const& options, Shared& shared, std::uint64_t first) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGINT, SIG_IGN);  // the parent decides
  ::signal(SIGTERM, SIG_DFL);
  auto const runner = fuzz::make_runner(options.format, options.engine);
  fuzz::Sequence sequence;
  for (std::uint64_t i = first; !options.runs || i < *options.runs; i += options.jobs) {
    if (shared.stop.load(std::memory_order_relaxed)) break;
    shared.current.store(i, std::memory_order_relaxed);
    ::alarm(hang_seconds);
    sequence_at(options, i, sequence);
    bool const found = runner->run(sequence, {}).has_value();
    shared.runs.fetch_add(1, std::memory_order_relaxed);
    shared.operations.store(runner->statistics().operations, std::memory_order_relaxed);
    shared.touched.store(runner->statistics().touched_mapped, std::memory_order_relaxed);
    if (found) leave_child(exit_finding);
  }
  leave_child(exit_done);
}

class Seeded {
 public:
  Seeded(CampaignOptions const& options, FindingDesk& desk, StatusLine& status)
      : options_(options), desk_(desk), status_(status), workers_(options.jobs) {}

  CampaignResult run() {
    for (std::uint64_t j = 0; j < workers_.size(); ++j) {
      workers_[j].shared = make_shared_state();
      if (!workers_[j].shared || !start(workers_[j], j)) {
        stop();
        return result("no process or memory for a worker");
      }
    }
    while (running() && !over()) {
      for (Worker& worker : workers_) reap(worker);
      if (status_.due()) show();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    stop();
    return result(std::nullopt);
  }

 private:
  bool running() const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [](Worker const& worker) { return worker.pid > 0; });
  }
  bool over() const {
    return interrupted() || desk_.has_enough() ||
           (options_.seconds && clock_.seconds() >= *options_.seconds);
  }

  bool start(Worker& worker, std::uint64_t first) {
    worker.first = first;
    std::fflush(nullptr);
    worker.pid = ::fork();
    if (worker.pid == 0) work(options_, *worker.shared, first);
    return worker.pid > 0;
  }

  // Looks whether a worker has ended, and why.
  void reap(Worker& worker) {
    int status = 0;
    if (worker.pid <= 0 || ::waitpid(worker.pid, &status, WNOHANG) != worker.pid) return;
    worker.pid = -1;
    count(worker);
    if (WIFEXITED(status) && WEXITSTATUS(status) == exit_done) return;
    std::uint64_t const index = worker.shared->current;
    fuzz::Sequence sequence;
    sequence_at(options_, index, sequence);
    status_.clear();
    desk_.accept(sequence);
    if (!over()) start(worker, index + options_.jobs);
  }

  // What the process that just ended has done is kept with its place.
  static void count(Worker& worker) {
    Shared& shared = *worker.shared;
    worker.runs += shared.runs.exchange(0);
    worker.operations += shared.operations.exchange(0);
    worker.touched += shared.touched.exchange(0);
  }

  void stop() {
    for (Worker& worker : workers_) {
      if (worker.shared) worker.shared->stop = true;
    }
    for (Worker& worker : workers_) {
      if (worker.pid <= 0) continue;
      int status = 0;
      while (::waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
      }
      worker.pid = -1;
      count(worker);
      // It may have ended on a finding just now.
      if (WIFEXITED(status) && WEXITSTATUS(status) == exit_done) continue;
      fuzz::Sequence sequence;
      sequence_at(options_, worker.shared->current, sequence);
      if (!desk_.has_enough()) desk_.accept(sequence);
    }
  }

  CampaignResult result(std::optional<std::string> failure) const {
    CampaignResult sum;
    for (Worker const& worker : workers_) {
      sum.runs += worker.runs + (worker.shared ? worker.shared->runs.load() : 0);
      sum.operations += worker.operations + (worker.shared ? worker.shared->operations.load() : 0);
      sum.touched_mapped += worker.touched + (worker.shared ? worker.shared->touched.load() : 0);
    }
    sum.corpus = options_.corpus.size();
    sum.seconds = clock_.seconds();
    sum.failure = std::move(failure);
    return sum;
  }

  void show() {
    CampaignResult const now = result(std::nullopt);
    status_.show(fmt::format("{} seeded: {} runs, {:.0f}/s, corpus {}, {} findings, {:.0f} s",
                             format_name(options_.format), now.runs,
                             static_cast<double>(now.runs) / std::max(now.seconds, 0.001),
                             now.corpus, desk_.findings().size(), now.seconds));
  }

  CampaignOptions const& options_;
  FindingDesk& desk_;
  StatusLine& status_;
  std::vector<Worker> workers_;
  Stopwatch clock_;
};

}  // namespace

CampaignResult run_seeded(CampaignOptions const& options, FindingDesk& desk, StatusLine& status) {
  return Seeded(options, desk, status).run();
}

}  // namespace twinwalk::tools
