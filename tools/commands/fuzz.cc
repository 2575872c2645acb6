#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "tools/campaign/campaign.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/formats.hpp"
#include "tools/support/fuzzer_binary.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/sequences.hpp"

namespace twinwalk::tools {
namespace {

constexpr double usual_seconds = 60;

// Drives an engine and its models with generated and mutated sequences until they disagree.
class Fuzz final : public Command {
 public:
  void declare(CLI::App& app) override {
    std::vector<std::string> names{"all"};
    for (fuzz::FormatShape const& shape : fuzz::known_formats()) names.emplace_back(shape.name);
    app.add_option("--format", format_, "one format, or all of them in turn")
        ->check(CLI::IsMember(names))
        ->type_name("FORMAT");
    app.add_option("--backend", backend_, "libfuzzer (where it is built) or seeded")
        ->check(CLI::IsMember({"libfuzzer", "seeded"}));
    app.add_option("--target", target_,
                   "ops: sequences; entry: single entries; memory: raw memory as page tables")
        ->check(CLI::IsMember({"ops", "entry", "memory"}));
    auto* const time = add_duration(app, "--time", seconds_, "how long, all formats together");
    add_number(app, "--runs", runs_, "how many sequences, all formats together", 1)->excludes(time);
    add_number(app, "--seed", seed_, "what the sequences follow from");
    add_number(app, "--jobs", jobs_,
               "processes at once; several share what they find, so only one repeats exactly", 1,
               256);
    add_engine(app, engine_);
    app.add_option("--corpus", corpus_, "files and folders to start from (default: the project's)");
    app.add_flag("--no-corpus", without_corpus_, "start from nothing");
    app.add_option("--out", out_, "folder for findings");
    add_number(app, "--stop-after", stop_after_,
               "end after so many different findings (default: 1, or 8 of a known-bad engine)", 1);
    add_json(app, json_);
  }

  Exit run() override {
    if (!find_formats()) {
      return bad_usage("fuzz", "--engine: " + engine_ + " does not have this format");
    }
    auto const binary = fuzzer_binary(target_);
    // An engine that is known to be wrong fails on the first seeds that libFuzzer reads, and again
    // each time it starts; from one seed after the other all of its bugs show.
    if (backend_.empty()) {
      bool const libfuzzer = !takes_sequences() || (binary && !is_known_bad());
      backend_ = libfuzzer ? "libfuzzer" : "seeded";
    }
    if (backend_ == "libfuzzer" && !binary) {
      return cannot("fuzz", fuzzer_name(target_) + " is not beside this program");
    }
    if (backend_ == "seeded" && !takes_sequences()) {
      return bad_usage("fuzz", "--target: the seeded backend makes sequences only");
    }
    // Other targets take all formats at once, whatever their bytes.
    if (!takes_sequences()) {
      formats_.resize(1);
      without_corpus_ = true;
    }
    if (without_corpus_) corpus_.clear();
    if (!without_corpus_ && corpus_.empty() && !corpus_folder().empty()) {
      for (char const* folder : {"seeds", "regressions", "traces"}) {
        std::error_code error;
        if (std::filesystem::is_directory(corpus_folder() / folder, error)) {
          corpus_.push_back((corpus_folder() / folder).string());
        }
      }
    }
    SequenceList const all = read_all_sequences(corpus_, 0);
    if (!all.bad_file.empty()) return refuse(all.bad_file, all.error);
    return run_all(all.sequences);
  }

 private:
  bool takes_sequences() const { return target_ == sequence_target; }
  bool is_known_bad() const { return engine_ != fuzz::shipped_engine; }
  std::string_view label(std::uint8_t format) const {
    return takes_sequences() ? format_name(format) : std::string_view(target_);
  }

  struct Leg {
    std::uint8_t format;
    CampaignResult result;
  };

  // The formats to run; an engine that lacks some is run on the others.
  bool find_formats() {
    for (std::size_t i = 0; i < fuzz::known_formats().size(); ++i) {
      auto const format = static_cast<std::uint8_t>(i);
      bool const wanted = format_ == "all" || format_ == format_name(format);
      if (wanted && fuzz::make_runner(format, engine_) != nullptr) formats_.push_back(format);
    }
    return !formats_.empty();
  }

  Exit run_all(std::vector<NamedSequence> const& corpus) {
    StatusLine status;
    FindingDesk desk(
        {.engine = engine_, .out = out_, .enough = stop_after_.value_or(is_known_bad() ? 8 : 1)},
        [&](FindingReport const& report) { announce(report, status); });
    std::vector<Leg> legs;
    Stopwatch const clock;
    for (std::size_t i = 0; i < formats_.size() && !desk.has_enough() && !interrupted(); ++i) {
      CampaignOptions const options = leg_options(i, clock.seconds(), corpus);
      legs.push_back({formats_[i], backend_ == "libfuzzer" ? run_libfuzzer(options, desk, status)
                                                           : run_seeded(options, desk, status)});
      status.clear();
      if (!json_) fmt::print("{}\n", summary(legs.back()));
      std::fflush(stdout);
      if (legs.back().result.failure) break;
    }
    return finish(legs, desk);
  }

  // What is left of time and runs is shared evenly by the formats still to come.
  CampaignOptions leg_options(std::size_t i, double elapsed,
                              std::vector<NamedSequence> const& corpus) const {
    auto const to_come = static_cast<double>(formats_.size() - i);
    CampaignOptions options;
    options.target = target_;
    options.format = formats_[i];
    options.engine = engine_;
    if (runs_) {
      options.runs = std::max<std::uint64_t>(*runs_ / formats_.size(), 1);
    } else {
      options.seconds = std::max((seconds_.value_or(usual_seconds) - elapsed) / to_come, 0.5);
    }
    options.seed = seed_;
    options.jobs =
        static_cast<unsigned>(jobs_ ? *jobs_ : std::max(std::thread::hardware_concurrency(), 1U));
    for (NamedSequence const& named : corpus) {
      options.corpus.push_back(retargeted(named.sequence, formats_[i], SIZE_MAX));
    }
    return options;
  }

  void announce(FindingReport const& report, StatusLine& status) const {
    status.clear();
    if (!json_) fmt::print("FINDING\n{}\n", print_finding(report));
    std::fflush(stdout);
  }

  std::string summary(Leg const& leg) const {
    CampaignResult const& r = leg.result;
    std::string text = fmt::format("{} {}: {} runs in {:.1f} s, {:.0f}/s", label(leg.format),
                                   backend_, r.runs, r.seconds, rate(r));
    if (r.coverage != 0) text += fmt::format(", coverage {}, corpus {}", r.coverage, r.corpus);
    if (r.operations != 0) {
      text += fmt::format(", {} operations, {:.0f}% on mapped state", r.operations,
                          100 * share_touched(r));
    }
    return text;
  }
  static double rate(CampaignResult const& r) {
    return static_cast<double>(r.runs) / std::max(r.seconds, 0.001);
  }
  static double share_touched(CampaignResult const& r) {
    return static_cast<double>(r.touched_mapped) /
           static_cast<double>(std::max<std::uint64_t>(r.operations, 1));
  }

  Exit finish(std::vector<Leg> const& legs, FindingDesk const& desk) const {
    if (json_) {
      print_json(as_json(legs, desk));
    } else {
      fmt::print("{} findings\n", desk.findings().size());
    }
    std::fflush(stdout);
    std::optional<std::string> failure = desk.failure();
    for (Leg const& leg : legs) {
      if (!failure) failure = leg.result.failure;
    }
    if (failure) cannot("fuzz", *failure);
    if (!desk.findings().empty()) return Exit::finding;
    if (failure) return Exit::environment;
    return interrupted() ? cannot("fuzz", "interrupted") : Exit::held;
  }

  Json as_json(std::vector<Leg> const& legs, FindingDesk const& desk) const {
    Json formats = Json::array();
    for (Leg const& leg : legs) {
      CampaignResult const& r = leg.result;
      Json item{{"format", takes_sequences() ? format_name(leg.format) : "all"},
                {"runs", r.runs},
                {"seconds", r.seconds},
                {"runs_per_second", rate(r)},
                {"corpus", r.corpus}};
      if (r.coverage != 0) item["coverage"] = r.coverage;
      if (r.operations != 0) {
        item["operations"] = r.operations;
        item["share_on_mapped_state"] = share_touched(r);
      }
      formats.push_back(std::move(item));
    }
    Json findings = Json::array();
    for (FindingReport const& report : desk.findings()) findings.push_back(finding_json(report));
    return Json{
        {"engine", engine_}, {"backend", backend_},           {"target", target_},
        {"seed", seed_},     {"formats", std::move(formats)}, {"findings", std::move(findings)}};
  }

  std::string format_ = "all";
  std::string backend_;
  std::string target_ = sequence_target;
  std::optional<double> seconds_;
  std::optional<std::uint64_t> runs_;
  std::uint64_t seed_ = 1;
  std::optional<std::uint64_t> jobs_;
  std::string engine_{fuzz::shipped_engine};
  std::vector<std::string> corpus_;
  bool without_corpus_ = false;
  std::string out_ = "findings";
  std::optional<std::uint64_t> stop_after_;
  bool json_ = false;
  std::vector<std::uint8_t> formats_;
};

}  // namespace

std::unique_ptr<Command> make_fuzz() { return std::make_unique<Fuzz>(); }

}  // namespace twinwalk::tools
