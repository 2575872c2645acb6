#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/mutants/hunt.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"

namespace twinwalk::tools {
namespace {

// What became of one seeded bug.
struct Row {
  mutants::Mutant const* mutant;
  std::vector<std::uint64_t> executions{};  // of the seeds that found it, in rising order
  std::vector<double> cpu_seconds{};
  std::set<std::string> oracles{};
  std::size_t reproducer_ops = 0;

  bool killed(std::uint64_t seeds) const { return executions.size() == seeds; }
};

// The lower one of the two in the middle.
template <class T>
T median(std::vector<T> const& sorted) {
  return sorted.empty() ? T{} : sorted[(sorted.size() - 1) / 2];
}

// Who finds which seeded bug, and how fast.
class Mutants final : public Command {
 public:
  void declare(CLI::App& app) override {
    std::set<std::string> names;
    for (mutants::Mutant const& mutant : mutants::all_mutants()) names.emplace(mutant.name);
    app.add_option("NAME", names_, "mutants (twinwalk list mutants); without any, all of them")
        ->check(CLI::IsMember(names));
    add_number(app, "--seeds", seeds_, "how often each is looked for, from another seed", 1, 1000);
    add_number(app, "--runs", runs_, "how many sequences each time at most", 1);
    add_json(app, json_);
  }

  Exit run() override {
    std::vector<Row> rows;
    for (mutants::Mutant const& mutant : mutants::all_mutants()) {
      bool const asked =
          names_.empty() || std::find(names_.begin(), names_.end(), mutant.name) != names_.end();
      if (!asked) continue;
      rows.push_back(hunted(mutant));
      if (!json_) print(rows.back());
    }
    auto const killed = std::count_if(rows.begin(), rows.end(),
                                      [this](Row const& row) { return row.killed(seeds_); });
    auto const alive = static_cast<std::ptrdiff_t>(rows.size()) - killed;
    if (json_) {
      Json list = Json::array();
      for (Row const& row : rows) list.push_back(in_json(row));
      print_json(Json{{"mutants", std::move(list)}, {"killed", killed}, {"alive", alive}});
    } else {
      fmt::print("\n{} killed, {} alive\n", killed, alive);
    }
    return alive == 0 ? Exit::held : Exit::finding;
  }

 private:
  // Seeds far enough apart that no two hunts run the same sequence.
  static constexpr std::uint64_t between_seeds = std::uint64_t{1} << 32;

  Row hunted(mutants::Mutant const& mutant) const {
    Row row{&mutant};
    auto const engine = mutant.make();
    for (std::uint64_t seed = 0; seed < seeds_; ++seed) {
      auto const caught = mutants::hunt(mutant, *engine, 1 + seed * between_seeds, runs_);
      if (!caught) continue;
      row.executions.push_back(caught->executions);
      row.cpu_seconds.push_back(caught->cpu_seconds);
      row.oracles.insert(caught->finding.oracle);
      if (row.reproducer_ops == 0) {
        row.reproducer_ops = mutants::shrink(*engine, *caught).sequence.ops.size();
      }
    }
    std::sort(row.executions.begin(), row.executions.end());
    std::sort(row.cpu_seconds.begin(), row.cpu_seconds.end());
    return row;
  }

  void print(Row const& row) const {
    if (!has_printed_) {
      fmt::print("{:<50} {:<19} {:>5} {:>7} {:>7} {:>8} {:>4}  {}\n", "mutant", "class", "found",
                 "median", "worst", "CPU s", "ops", "by");
      has_printed_ = true;
    }
    std::string by;
    for (std::string const& oracle : row.oracles) by += (by.empty() ? "" : ", ") + oracle;
    std::string const found = fmt::format("{}/{}", row.executions.size(), seeds_);
    fmt::print("{:<50} {:<19} {:>5} {:>7} {:>7} {:>8.4f} {:>4}  {}\n", row.mutant->name,
               mutants::name(row.mutant->info.kind), found, median(row.executions),
               row.executions.empty() ? 0 : row.executions.back(), median(row.cpu_seconds),
               row.reproducer_ops, by);
  }

  Json in_json(Row const& row) const {
    Json oracles = Json::array();
    for (std::string const& oracle : row.oracles) oracles.push_back(oracle);
    Json const fuzz{{"found", row.executions.size()},
                    {"seeds", seeds_},
                    {"median_execs", median(row.executions)},
                    {"worst_execs", row.executions.empty() ? 0 : row.executions.back()},
                    {"median_cpu_seconds", median(row.cpu_seconds)},
                    {"worst_cpu_seconds", row.cpu_seconds.empty() ? 0 : row.cpu_seconds.back()}};
    return Json{{"name", row.mutant->name},
                {"class", mutants::name(row.mutant->info.kind)},
                {"format", row.mutant->format},
                {"origin", row.mutant->info.origin},
                {"oracles", std::move(oracles)},
                {"fuzz", fuzz},
                {"reproducer_ops", row.reproducer_ops}};
  }

  std::vector<std::string> names_;
  std::uint64_t seeds_ = 8;
  std::uint64_t runs_ = 20000;
  bool json_ = false;
  mutable bool has_printed_ = false;
};

}  // namespace

std::unique_ptr<Command> make_mutants() { return std::make_unique<Mutants>(); }

}  // namespace twinwalk::tools
