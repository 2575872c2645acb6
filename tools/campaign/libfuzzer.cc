// The libFuzzer backend: the binary beside this program does the work, in a folder of its own whose
// seed corpus is encoded from the texts and traces. What it stops on comes to the desk.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <span>

#include "fuzz/codec.hpp"
#include "tools/campaign/campaign.hpp"
#include "tools/support/exit.hpp"
#include "tools/support/files.hpp"
#include "tools/support/formats.hpp"
#include "tools/support/fuzzer_binary.hpp"
#include "tools/support/process.hpp"
#include "tools/support/sequences.hpp"

namespace twinwalk::tools {
namespace {

namespace fs = std::filesystem;

// The end of what a fuzzer printed: enough for its reason.
class LastWords {
 public:
  void add(std::string_view line) {
    if (line.starts_with('#')) return;  // its status
    text_.append(line).append("\n");
    if (text_.size() > 2 * bytes_max) text_.erase(0, text_.size() - bytes_max);
  }
  std::string const& text() const { return text_; }
  std::string last_line() const {
    std::size_t const end = text_.find_last_not_of('\n');
    if (end == std::string::npos) return {};
    std::size_t const begin = text_.rfind('\n', end);
    return text_.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
  }

 private:
  static constexpr std::size_t bytes_max = 1 << 14;
  std::string text_;
};

// One fuzzer process after the other in one place.
struct Slot {
  std::unique_ptr<RunningProgram> program;
  LastWords words;
  fs::path artifacts;
  std::uint64_t runs_before = 0;  // of processes that ended
  std::uint64_t runs = 0;
  std::uint64_t coverage = 0;
  std::uint64_t corpus = 0;
  unsigned starts = 0;
};

// The number behind a word of a status line such as "#8192 pulse cov: 1291 corp: 217/52Kb".
std::optional<std::uint64_t> number_after(std::string_view line, std::string_view word) {
  std::size_t const at = line.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view const rest = line.substr(line.find_first_not_of(' ', at + word.size()));
  std::uint64_t value = 0;
  auto const end = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return end.ec == std::errc() ? std::optional(value) : std::nullopt;
}

void read_status(Slot& slot, std::string_view line) {
  if (line.starts_with("stat::")) {
    slot.runs = number_after(line, "stat::number_of_executed_units:").value_or(slot.runs);
    return;
  }
  slot.words.add(line);
  if (!line.starts_with('#') || line.find(':') == std::string_view::npos) return;
  slot.runs = number_after(line, "#").value_or(slot.runs);
  slot.coverage = number_after(line, " cov:").value_or(slot.coverage);
  slot.corpus = number_after(line, " corp:").value_or(slot.corpus);
}

class LibFuzzer {
 public:
  LibFuzzer(CampaignOptions const& options, FindingDesk& desk, StatusLine& status)
      : options_(options), desk_(desk), status_(status), slots_(options.jobs) {}

  CampaignResult run() {
    auto const binary = fuzzer_binary(options_.target);
    if (!binary) return failed(fuzzer_name(options_.target) + " is not beside this program");
    binary_ = *binary;
    if (!prepare()) return failed("no temporary folder for the corpus");
    for (std::size_t j = 0; j < slots_.size(); ++j) start(j);
    while (!failure_ && running() && !over()) {
      listen();
      if (status_.due()) show();
    }
    for (Slot& slot : slots_) {
      if (slot.program) slot.program->terminate();
    }
    while (running()) listen();
    return result();
  }

 private:
  CampaignResult failed(std::string why) {
    failure_ = std::move(why);
    return result();
  }

  // The seeds as the fuzzer reads them.
  bool prepare() {
    if (work_.path().empty()) return false;
    std::vector<NewFile> files;
    // Named in a list, since the order of a folder differs from run to run and decides what
    // follows.
    std::string list;
    for (fuzz::Sequence const& sequence : options_.corpus) {
      std::vector<std::uint8_t> const bytes =
          fuzz::encode(retargeted(sequence, options_.format, campaign_ops_max));
      files.push_back({work_.path() / "seeds" / std::to_string(files.size()),
                       std::string(bytes.begin(), bytes.end())});
      list += (list.empty() ? "" : ",") + files.back().path.string();
    }
    files.push_back({work_.path() / "seed-list", list});
    std::error_code error;
    fs::create_directories(work_.path() / "corpus", error);
    fs::create_directories(work_.path() / "seeds", error);
    for (std::size_t j = 0; j < slots_.size(); ++j) {
      slots_[j].artifacts = work_.path() / fmt::format("stops-{}", j);
      fs::create_directories(slots_[j].artifacts, error);
    }
    return !error && !write_files(files);
  }

  bool running() const {
    return std::any_of(slots_.begin(), slots_.end(),
                       [](Slot const& slot) { return slot.program != nullptr; });
  }
  // The fuzzer keeps the time itself; this is for those that do not come to an end.
  bool over() const {
    return interrupted() || desk_.has_enough() ||
           (options_.seconds && clock_.seconds() >= *options_.seconds + grace_seconds);
  }

  void start(std::size_t j) {
    Slot& slot = slots_[j];
    std::vector<std::string> words{
        binary_.string(), "-len_control=0", "-timeout=60", "-print_final_stats=1",
        fmt::format("-max_len={}",
                    takes_sequences() ? fuzz::encoded_size(campaign_ops_max) : raw_bytes_max),
        // Without a reload the same seed gives the same run; several that share a corpus need one.
        fmt::format("-reload={}", options_.jobs > 1 ? 1 : 0),
        fmt::format("-seed={}", 1 + (options_.seed + j + slot.starts * 1000003ULL) % 0x7fffffff),
        fmt::format("-artifact_prefix={}/", slot.artifacts.string())};
    if (options_.seconds) {
      double const left = std::max(1.0, *options_.seconds - clock_.seconds());
      words.push_back(fmt::format("-max_total_time={:.0f}", std::floor(left)));
    }
    if (options_.runs) {
      std::uint64_t const share = (*options_.runs + options_.jobs - 1) / options_.jobs;
      words.push_back(fmt::format("-runs={}", share - std::min(share, slot.runs_before)));
    }
    words.push_back((work_.path() / "corpus").string());
    if (!options_.corpus.empty()) {
      words.push_back("-seed_inputs=@" + (work_.path() / "seed-list").string());
    }
    ++slot.starts;
    slot.words = {};
    slot.program = std::make_unique<RunningProgram>(
        Program{std::move(words),
                {{"TWINWALK_FORMAT", std::string(format_name(options_.format))},
                 {"TWINWALK_ENGINE", options_.engine}}});
    if (!slot.program->started()) failure_ = binary_.string() + " cannot be run";
  }

  // Waits a moment for output, and for the ends of processes.
  void listen() {
    std::vector<pollfd> wanted;
    std::vector<std::size_t> whose;
    for (std::size_t j = 0; j < slots_.size(); ++j) {
      if (!slots_[j].program) continue;
      wanted.push_back({slots_[j].program->output(), POLLIN, 0});
      whose.push_back(j);
    }
    if (::poll(wanted.data(), wanted.size(), 200) <= 0) return;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].revents == 0) continue;
      Slot& slot = slots_[whose[i]];
      if (slot.program->read([&](std::string_view line) { read_status(slot, line); })) continue;
      Ending const ending = slot.program->wait();
      slot.program.reset();
      ended(whose[i], ending);
    }
  }

  void ended(std::size_t j, Ending const& ending) {
    Slot& slot = slots_[j];
    slot.runs_before += slot.runs;
    slot.runs = 0;
    bool const stopped_on_something = take_artifacts(slot);
    bool const fine = !ending.signalled && ending.status == 0;
    if (!fine && !stopped_on_something && !over()) {
      failure_ = fmt::format("{} ended with {}: {}", fuzzer_name(options_.target), ending.status,
                             slot.words.last_line());
    }
    bool const time_left = !options_.seconds || clock_.seconds() + 1 < *options_.seconds;
    bool const runs_left = !options_.runs || slot.runs_before * options_.jobs < *options_.runs;
    if (stopped_on_something && !failure_ && !over() && time_left && runs_left) start(j);
  }

  bool take_artifacts(Slot& slot) {
    bool any = false;
    for (fs::path const& file :
         files_below({slot.artifacts.string()}, [](fs::path const&) { return true; }).files) {
      any = true;
      Parsed<std::string> const bytes = read_file(file);
      std::error_code error;
      fs::remove(file, error);
      // A slow input is none that failed.
      if (!bytes || file.filename().string().starts_with("slow-unit")) continue;
      status_.clear();
      take_input(*bytes, slot.words.text());
    }
    return any;
  }

  void take_input(std::string const& bytes, std::string const& words) {
    RawFinding raw{fuzzer_name(options_.target), "", bytes, {}, words, binary_.string()};
    if (!takes_sequences()) {
      raw.objection = one_line(words.substr(0, words.find('\n')));
      desk_.accept_raw(raw);
      return;
    }
    auto const* data = reinterpret_cast<std::uint8_t const*>(bytes.data());
    fuzz::decode(std::span(data, bytes.size()), fuzz::known_formats(), raw.sequence);
    raw.sequence.format = options_.format;
    if (desk_.accept(raw.sequence)) return;
    raw.oracle = survival_oracle;
    raw.objection = "the fuzzer's binary stops on this input, this program does not";
    raw.command = command();
    desk_.accept_raw(raw);
  }

  bool takes_sequences() const { return options_.target == sequence_target; }

  std::string command() const {
    return fmt::format("TWINWALK_FORMAT={} TWINWALK_ENGINE={} {}", format_name(options_.format),
                       options_.engine, binary_.string());
  }

  CampaignResult result() const {
    CampaignResult sum;
    for (Slot const& slot : slots_) {
      sum.runs += slot.runs_before + slot.runs;
      sum.coverage = std::max(sum.coverage, slot.coverage);
      sum.corpus = std::max(sum.corpus, slot.corpus);
    }
    sum.seconds = clock_.seconds();
    sum.failure = failure_;
    return sum;
  }

  void show() {
    CampaignResult const now = result();
    status_.show(fmt::format(
        "{} libfuzzer: {} runs, {:.0f}/s, coverage {}, corpus {}, {} findings, {:.0f} s",
        takes_sequences() ? format_name(options_.format) : options_.target, now.runs,
        static_cast<double>(now.runs) / std::max(now.seconds, 0.001), now.coverage, now.corpus,
        desk_.findings().size(), now.seconds));
  }

  static constexpr double grace_seconds = 30;
  // A few page tables' worth of words.
  static constexpr std::size_t raw_bytes_max = 4096;

  CampaignOptions const& options_;
  FindingDesk& desk_;
  StatusLine& status_;
  TemporaryFolder const work_;
  fs::path binary_;
  std::vector<Slot> slots_;
  std::optional<std::string> failure_;
  Stopwatch clock_;
};

}  // namespace

CampaignResult run_libfuzzer(CampaignOptions const& options, FindingDesk& desk,
                             StatusLine& status) {
  return LibFuzzer(options, desk, status).run();
}

}  // namespace twinwalk::tools
