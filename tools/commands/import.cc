#include "tools/import/import.hpp"

#include <fmt/core.h>

#include <optional>

#include "fuzz/text.hpp"
#include "tools/commands/all.hpp"
#include "tools/import/trace_file.hpp"
#include "tools/support/files.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"
#include "tools/support/sequences.hpp"

namespace twinwalk::tools {
namespace {

// Turns a trace of a real program into sequences, one for each address space.
class ImportTrace final : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("TRACE", trace_,
                   "what `strace -f -e trace=%memory,%process` printed, or its gzip")
        ->required();
    app.add_option("-o,--out", folder_, "folder for the .ops files (default: here)");
    add_format(app, format_, false);
    add_number(app, "--process", process_, "only the address spaces of this process", 0, ~0U);
    add_number(app, "--ops-min", ops_min_, "leave out spaces with fewer operations");
    add_number(app, "--ops-max", ops_max_, "stop a space after this many operations", 1,
               fuzz::text_op_count_max);
    app.add_option("--largest", largest_, "the largest page that a region may use, such as 2M");
    add_number(app, "--bound", bound_, "bytes that one call maps at most", 1);
    add_json(app, json_);
  }

  Exit run() override {
    std::optional<PageSize> const largest = fuzz::parse_size(largest_);
    if (!largest) {
      return bad_usage("import", "--largest: '" + largest_ + "' is no size such as 4K, 2M, 1G");
    }
    Parsed<std::string> const text = read_trace_file(trace_);
    if (!text) return refuse(trace_, text.malformed());
    Parsed<Import> const import = import_trace(*text, options(*largest));
    if (!import) return refuse(trace_, import.malformed());
    std::vector<NewFile> files;
    for (std::size_t i = 0; i < import->spaces.size(); ++i) {
      files.push_back({std::filesystem::path(folder_) / sequence_file_name(stem(), *import, i),
                       fuzz::print(import->spaces[i].sequence, fuzz::known_formats(),
                                   comment(import->spaces[i]))});
    }
    if (auto const error = write_files(files)) return cannot("import", *error);
    report(*import, files);
    return Exit::held;
  }

 private:
  ImportOptions options(PageSize largest) const {
    ImportOptions options =
        import_options(fuzz::known_formats(), fuzz::known_formats()[format_].name).value();
    options.policy.largest = largest;
    if (bound_) options.policy.reservation_bound = *bound_;
    if (ops_max_) options.policy.ops_max = *ops_max_;
    if (ops_min_) options.ops_min = *ops_min_;
    if (process_) options.process = static_cast<std::uint32_t>(*process_);
    return options;
  }

  std::string stem() const { return stem_of(trace_); }

  std::string comment(ImportedSpace const& space) const {
    std::string text = "one address space of " + one_line(stem());
    if (!space.program.empty()) text += ", which ran " + space.program;
    if (space.truncated) text += "; cut off after the last operation";
    return text;
  }

  void report(Import const& import, std::vector<NewFile> const& files) const {
    Json list = Json::array();
    for (std::size_t i = 0; i < files.size(); ++i) {
      ImportedSpace const& space = import.spaces[i];
      list.push_back(Json{{"file", files[i].path.string()},
                          {"program", space.program},
                          {"processes", space.processes},
                          {"operations", space.sequence.ops.size()},
                          {"truncated", space.truncated}});
      if (!json_) {
        fmt::print("{}: {} operations{}\n", files[i].path.string(), space.sequence.ops.size(),
                   space.truncated ? ", cut off" : "");
      }
    }
    std::size_t skipped = 0;
    for (auto const& [name, count] : import.calls.skipped) skipped += count;
    if (json_) {
      print_json(Json{{"spaces", std::move(list)},
                      {"left_out", import.spaces_left_out},
                      {"lines", import.lines},
                      {"calls",
                       {{"applied", import.calls.applied},
                        {"failed", import.calls.failed},
                        {"elsewhere", import.calls.elsewhere},
                        {"of_the_dead", import.calls.of_the_dead},
                        {"lost", import.calls_lost},
                        {"skipped", import.calls.skipped}}}});
    } else {
      fmt::print(
          "{} lines, {} calls applied, {} failed, {} of no concern; {} spaces, {} left out\n",
          import.lines, import.calls.applied, import.calls.failed, skipped, files.size(),
          import.spaces_left_out);
    }
  }

  std::string trace_;
  std::string folder_ = ".";
  std::uint8_t format_ = 0;
  std::optional<std::uint64_t> process_;
  std::optional<std::uint64_t> ops_min_;
  std::optional<std::uint64_t> ops_max_;
  std::optional<std::uint64_t> bound_;
  std::string largest_ = "2M";
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_import() { return std::make_unique<ImportTrace>(); }

}  // namespace twinwalk::tools
