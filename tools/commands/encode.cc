#include <fmt/core.h>

#include "fuzz/text.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/entry.hpp"
#include "tools/support/options.hpp"

namespace twinwalk::tools {
namespace {

// The word that the engine writes for one leaf, explained.
class Encode final : public Command {
 public:
  void declare(CLI::App& app) override {
    add_format(app, machine_.format);
    add_machine(app, machine_);
    app.add_option("--size", size_, "size of the page, such as 4K")->type_name("SIZE");
    app.add_option("--flags", flags_, "rights and attributes, such as rw-u,device")
        ->type_name("FLAGS")
        ->required();
    add_number(app, "--pa", address_, "physical address of the page")->required();
    add_json(app, json_);
  }

  Exit run() override {
    std::optional<PageSize> const size = fuzz::parse_size(size_);
    if (!size) return bad_usage("encode", "--size: '" + size_ + "' is no size such as 4K, 2M, 1G");
    std::optional<MappingFlags> const flags = fuzz::parse_flags(flags_);
    if (!flags) {
      return bad_usage("encode", "--flags: '" + flags_ + "' are no flags such as rw-u,device");
    }
    auto const result = engine_leaf(machine_.format, machine_.machine, *size, address_, *flags);
    if (auto const* error = std::get_if<PagingError>(&result)) {
      return bad_usage("encode",
                       fmt::format("{}: this machine has no such leaf", error_name(*error)));
    }
    EntryReport const report = explain_entry(machine_.format, machine_.machine, level_of(*size),
                                             std::get<std::uint64_t>(result));
    if (json_) {
      print_json(entry_json(report));
    } else {
      fmt::print("{:#x}\n{}", report.entry, print_entry(report));
    }
    return report.spec == report.engine ? Exit::held : Exit::finding;
  }

 private:
  fuzz::Sequence machine_;
  std::string size_ = "4K";
  std::string flags_;
  std::uint64_t address_ = 0;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_encode() { return std::make_unique<Encode>(); }

}  // namespace twinwalk::tools
