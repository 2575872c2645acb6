#include "tools/import/call_arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

#include "tools/import/call_text.hpp"

namespace twinwalk::tools {
namespace {

constexpr std::array<NamedValue, 2> clone_names{{
    {"CLONE_VM", clone_vm},
    {"CLONE_THREAD", clone_thread},
}};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text == "NULL") return 0;
  bool const negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int const base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint64_t value = 0;
  char const* const end = text.data() + text.size();
  auto const [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end) return {};
  return negative ? 0 - value : value;
}

std::uint64_t value_of(std::string_view name, std::span<NamedValue const> names) {
  auto const found = std::find_if(names.begin(), names.end(),
                                  [&](NamedValue const& named) { return named.name == name; });
  return found == names.end() ? 0 : found->value;
}

bool is_name(std::string_view word) {
  return !word.empty() && !(word.front() >= '0' && word.front() <= '9') &&
         std::all_of(word.begin(), word.end(), is_name_character);
}

std::optional<std::uint64_t> parse_bit(std::string_view word, std::span<NamedValue const> names) {
  if (is_name(word)) return value_of(word, names);
  std::size_t const shift = word.find("<<");
  std::optional<std::uint64_t> const number = parse_number(word.substr(0, shift));
  if (!number || shift == std::string_view::npos) return number;
  if (!is_name(word.substr(shift + 2))) return {};
  std::uint64_t const amount = value_of(word.substr(shift + 2), names);
  return amount < 64 ? *number << amount : 0;
}

Parsed<std::uint64_t> parse_bits(std::string_view text, Position where,
                                 std::span<NamedValue const> names) {
  std::uint64_t bits = 0;
  for (;;) {
    std::size_t const bar = text.find('|');
    std::optional<std::uint64_t> const bit = parse_bit(text.substr(0, bar), names);
    if (!bit) return malformed_at(where, "a name or a number is expected here");
    bits |= *bit;
    if (bar == std::string_view::npos) return bits;
    text.remove_prefix(bar + 1);
    where.column += bar + 1;
  }
}

}  // namespace

Parsed<Argument> argument_at(Event const& call, std::size_t index) {
  if (index < call.arguments.size()) return call.arguments[index];
  return malformed_at(call.where, "'" + call.name + "' has " +
                                      std::to_string(call.arguments.size()) + " arguments, and " +
                                      std::to_string(index + 1) + " are needed");
}

Parsed<std::uint64_t> number_at(Event const& call, std::size_t index) {
  Parsed<Argument> const argument = argument_at(call, index);
  if (!argument) return argument.malformed();
  std::optional<std::uint64_t> const number = parse_number(argument->text);
  if (!number) return malformed_at(argument->where, "a number is expected here");
  return *number;
}

Parsed<std::uint64_t> bits_at(Event const& call, std::size_t index,
                              std::span<NamedValue const> names) {
  Parsed<Argument> const argument = argument_at(call, index);
  if (!argument) return argument.malformed();
  return parse_bits(argument->text, argument->where, names);
}

Parsed<std::uint64_t> clone_flags(Event const& call) {
  constexpr std::string_view label = "flags=";
  for (Argument const& argument : call.arguments) {
    std::string_view text = argument.text;
    std::size_t const start = text.starts_with('{') ? 1 : 0;
    if (!text.substr(start).starts_with(label)) continue;
    text.remove_prefix(start + label.size());
    Position const where{argument.where.line, argument.where.column + start + label.size()};
    return parse_bits(text.substr(0, text.find_first_of(",} ")), where, clone_names);
  }
  return malformed_at(call.where, "'" + call.name + "' without its flags");
}

std::string base_name(Argument const& argument) {
  std::string_view path = argument.text;
  if (!path.starts_with('"')) return {};
  path.remove_prefix(1);
  path = path.substr(0, path.rfind('"'));
  std::string name;
  for (char const c : path.substr(path.rfind('/') + 1)) {
    if (is_name_character(c) || c == '.' || c == '+' || c == '-') name.push_back(c);
  }
  return name;
}

}  // namespace twinwalk::tools
