#include "models/vectors.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <sstream>

#include "tools/commands/all.hpp"
#include "tools/support/files.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"

namespace twinwalk::tools {
namespace {

// Runs a table of vectors through the walker.
class Vectors final : public Command {
 public:
  void declare(CLI::App& app) override {
    std::vector<std::string> archs;
    for (std::string_view arch : models::vector_archs()) archs.emplace_back(arch);
    app.add_option("--arch", arch_, "architecture of the table")
        ->required()
        ->type_name("ARCH")
        ->check(CLI::IsMember(archs));
    app.add_option("FILE", file_, "a table in the form of corpus/vectors")->required();
    add_json(app, json_);
  }

  Exit run() override {
    Parsed<std::string> const content = read_file(file_);
    if (!content) return refuse(file_, content.malformed());
    std::istringstream text(*content);
    models::VectorResult const result = models::run_vectors(arch_, text);
    if (auto const* error = std::get_if<models::VectorError>(&result)) {
      auto const place = [](int n) { return static_cast<std::size_t>(std::max(n, 1)); };
      return refuse(file_, {place(error->line), place(error->column), error->message});
    }
    auto const& report = std::get<models::VectorReport>(result);
    print(report);
    return report.disagree.empty() ? Exit::held : Exit::finding;
  }

 private:
  void print(models::VectorReport const& report) const {
    if (!json_) {
      for (models::VectorDisagreement const& row : report.disagree) {
        fmt::print("{}:{}: row {}, {}: expected {}, the walker says {}\n", file_, row.line,
                   row.number, row.title, row.expected, row.actual);
      }
      fmt::print("{} run, {} agree, {} disagree\n", report.run, report.agree,
                 report.disagree.size());
      return;
    }
    Json disagree = Json::array();
    for (models::VectorDisagreement const& row : report.disagree) {
      disagree.push_back(Json{{"number", row.number},
                              {"case", row.title},
                              {"line", row.line},
                              {"expected", row.expected},
                              {"actual", row.actual}});
    }
    print_json(
        Json{{"run", report.run}, {"agree", report.agree}, {"disagree", std::move(disagree)}});
  }

  std::string arch_;
  std::string file_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_vectors() { return std::make_unique<Vectors>(); }

}  // namespace twinwalk::tools
