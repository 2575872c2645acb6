#include <fmt/format.h>

#include <span>
#include <vector>

#include "models/spec/field.hpp"
#include "tools/commands/all.hpp"
#include "tools/support/formats.hpp"
#include "tools/support/json.hpp"
#include "tools/support/options.hpp"

namespace twinwalk::tools {
namespace {

using models::Field;
using models::FieldTable;

std::string bits_of(Field const& field) {
  return field.hi == field.lo ? std::to_string(field.hi) : fmt::format("{}:{}", field.hi, field.lo);
}

std::string as_text(FieldTable const& table) {
  std::string text = fmt::format("{} ({})\n", table.name, table.cite);
  for (Field const& field : table.fields) {
    text += fmt::format("  {:<7}{:<30}{:<20}{}\n", bits_of(field), field.name,
                        role_name(field.role), field.cite);
  }
  return text + "\n";
}

std::string as_markdown(FieldTable const& table) {
  std::string text =
      fmt::format("### {}\n\n{}\n\n| bits | field | role | source |\n|---|---|---|---|\n",
                  table.name, table.cite);
  for (Field const& field : table.fields) {
    text += fmt::format("| {} | {} | {} | {} |\n", bits_of(field), field.name,
                        role_name(field.role), field.cite);
  }
  return text + "\n";
}

Json as_json(FieldTable const& table) {
  Json fields = Json::array();
  for (Field const& field : table.fields) {
    fields.push_back(Json{{"name", field.name},
                          {"hi", field.hi},
                          {"lo", field.lo},
                          {"role", role_name(field.role)},
                          {"cite", field.cite}});
  }
  Json json{{"name", table.name}, {"level", table.level}};
  if (table.level != 0) json["kind"] = models::kind_name(table.kind);
  json["cite"] = table.cite;
  json["fields"] = std::move(fields);
  return json;
}

// Prints the field tables that walker and proofs are made from.
class Spec final : public Command {
 public:
  void declare(CLI::App& app) override {
    add_format(app, format_);
    add_number(app, "--level", level_, "one level only; 1 is the last, 0 the root register");
    app.add_option("--as", form_, "text, markdown or json")
        ->check(CLI::IsMember({"text", "markdown", "json"}));
    add_json(app, json_);
  }

  Exit run() override {
    std::vector<FieldTable> tables;
    with_format(format_, [&]<class S>(std::type_identity<S>, auto) {
      std::span<FieldTable const> const roots = S::root_tables();
      std::span<FieldTable const> const entries = S::field_tables();
      tables.insert(tables.end(), roots.begin(), roots.end());
      tables.insert(tables.end(), entries.begin(), entries.end());
    });
    if (level_) {
      std::erase_if(tables, [&](FieldTable const& table) {
        return static_cast<std::uint64_t>(table.level) != *level_;
      });
    }
    if (tables.empty()) return bad_usage("spec", "--level: the format has no such level");
    print(tables);
    return Exit::held;
  }

 private:
  void print(std::vector<FieldTable> const& tables) const {
    if (json_ || form_ == "json") {
      Json list = Json::array();
      for (FieldTable const& table : tables) list.push_back(as_json(table));
      print_json(Json{{"format", format_name(format_)}, {"tables", std::move(list)}});
      return;
    }
    bool const markdown = form_ == "markdown";
    if (markdown) fmt::print("## {}\n\n", format_name(format_));
    for (FieldTable const& table : tables) {
      fmt::print("{}", markdown ? as_markdown(table) : as_text(table));
    }
  }

  std::uint8_t format_ = 0;
  std::optional<std::uint64_t> level_;
  std::string form_ = "text";
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_spec() { return std::make_unique<Spec>(); }

}  // namespace twinwalk::tools
