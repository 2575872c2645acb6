#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/format_shape.hpp"
#include "fuzz/op.hpp"
#include "fuzz/oracle.hpp"
#include "fuzz/oracles.hpp"
#include "fuzz/runner.hpp"
#include "proofs/job.hpp"
#include "tests/mutants/mutant.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/trial.hpp"

namespace twinwalk::tools {
namespace {

struct Item {
  std::string name;
  std::string summary;
};
using Items = std::vector<Item>;

Items formats() {
  Items items;
  for (fuzz::FormatShape const& shape : fuzz::known_formats()) {
    items.push_back({std::string(shape.name), fmt::format("{} levels, addresses of {} bits",
                                                          shape.levels, shape.address_bits)});
  }
  return items;
}

Items oracles() {
  Items items;
  fuzz::AllOracles::for_each([&]<class Oracle>() {
    items.push_back({std::string(Oracle::name), std::string(Oracle::statement)});
  });
  // Two that need more than a run's own state.
  items.push_back({std::string(survival_oracle), std::string(survival_statement)});
  items.push_back({std::string(fuzz::expectation_oracle),
                   "What the author of a text expects is what comes out."});
  return items;
}

Items operations() {
  Items items;
  for (fuzz::OpInfo const& info : fuzz::op_table) {
    std::string const form = info.form.empty() ? "" : " " + std::string(info.form);
    items.push_back({std::string(info.name) + form, std::string(info.summary)});
  }
  return items;
}

Items engines() {
  Items items;
  for (fuzz::EngineInfo const& info : fuzz::known_engines()) {
    items.push_back({std::string(info.name), std::string(info.summary)});
  }
  return items;
}

Items theorems() {
  Items items;
  for (proofs::TheoremInfo& info : proofs::all_theorems()) {
    items.push_back({std::move(info.name), std::move(info.statement)});
  }
  return items;
}

Items seeded_bugs() {
  Items items;
  for (mutants::Mutant const& mutant : mutants::all_mutants()) {
    items.push_back({std::string(mutant.name),
                     fmt::format("{} ({})", mutant.info.summary, mutant.info.origin)});
  }
  return items;
}

struct Kind {
  char const* name;
  Items (*items)();
};
constexpr Kind kinds[] = {{"formats", formats},   {"oracles", oracles},
                          {"theorems", theorems}, {"mutants", seeded_bugs},
                          {"engines", engines},   {"operations", operations}};

// What there is, from the registries that everything else iterates.
class List final : public Command {
 public:
  void declare(CLI::App& app) override {
    std::vector<std::string> names;
    for (Kind const& kind : kinds) names.emplace_back(kind.name);
    app.add_option("KIND", kind_, "formats, oracles, theorems, mutants, engines or operations")
        ->required()
        ->check(CLI::IsMember(names));
    add_json(app, json_);
  }

  Exit run() override {
    for (Kind const& kind : kinds) {
      if (kind_ == kind.name) print(kind.items());
    }
    return Exit::held;
  }

 private:
  void print(Items const& items) const {
    if (json_) {
      Json list = Json::array();
      for (Item const& item : items) {
        list.push_back(Json{{"name", item.name}, {"summary", item.summary}});
      }
      print_json(Json{{kind_, std::move(list)}});
      return;
    }
    std::size_t width = 0;
    for (Item const& item : items) width = std::max(width, item.name.size());
    for (Item const& item : items) fmt::print("{:<{}}  {}\n", item.name, width, item.summary);
  }

  std::string kind_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_list() { return std::make_unique<List>(); }

}  // namespace twinwalk::tools
