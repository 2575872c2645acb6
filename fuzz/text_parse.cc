#include <array>
#include <limits>
#include <utility>

#include "fuzz/machine_keys.hpp"
#include "fuzz/text.hpp"
#include "fuzz/text_line.hpp"
#include "fuzz/text_words.hpp"

namespace twinwalk::fuzz {
namespace {

constexpr std::uint64_t any_word = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t any_count = std::numeric_limits<std::uint32_t>::max();

// Reads a number into a field of whatever width; `most` fits into it.
template <class Field>
bool read_field(TextLine& line, std::string_view what, std::uint64_t most, Field& field) {
  std::uint64_t value = 0;
  if (!line.number(what, most, value)) return false;
  field = static_cast<Field>(value);
  return true;
}

class Parser {
 public:
  Parser(FormatList formats, Sequence& out) : formats_(formats), out_(out) {}

  std::optional<ParseError> run(std::string_view text) {
    std::size_t number = 0;
    bool more = true;
    while (more) {
      std::size_t const end = text.find('\n');
      line_.read(++number, text.substr(0, end));
      if (line_.error()) return line_.error();
      if (!line_.empty() && !one_line()) return line_.error();
      more = end != std::string_view::npos;
      if (more) text.remove_prefix(end + 1);
    }
    if (!has_format_) return ParseError{number, 1, "there is no `format` line"};
    return std::nullopt;
  }

 private:
  bool one_line() {
    bool const header = line_.peek() == "format" || line_.peek() == "machine";
    if (header && !out_.ops.empty()) {
      return line_.fail(quoted(line_.peek()) + " must come before the operations");
    }
    if (!header && !has_format_) return line_.fail("expected `format NAME` first");
    bool const fine = line_.take("format")    ? format_line()
                      : line_.take("machine") ? machine_line()
                                              : op_line();
    return fine && (line_.at_end() || line_.fail("unexpected " + quoted(line_.peek())));
  }

  bool format_line() {
    if (has_format_) return line_.fail_at_last("`format` is given twice");
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      if (line_.take(formats_[i].name)) {
        out_.format = static_cast<std::uint8_t>(i);
        has_format_ = true;
        return true;
      }
    }
    return line_.wrong("a known format");
  }

  bool machine_line() {
    if (!has_format_) return line_.fail_at_last("expected `format NAME` first");
    while (!line_.at_end()) {
      std::string_view const word = line_.peek();
      std::size_t const equals = word.find('=');
      std::size_t index = 0;
      while (index < machine_keys.size() && machine_keys[index].name != word.substr(0, equals)) {
        ++index;
      }
      if (index == machine_keys.size() || equals == std::string_view::npos) {
        return line_.wrong("a setting of the machine such as physical-bits=46");
      }
      if (std::exchange(has_setting_[index], true)) {
        return line_.fail(quoted(machine_keys[index].name) + " is given twice");
      }
      if (!setting(machine_keys[index], word.substr(equals + 1), equals + 1)) return false;
      line_.skip();
    }
    return true;
  }

  bool setting(MachineKey const& key, std::string_view word, std::size_t offset) {
    for (std::size_t i = 0; i < key.words.size(); ++i) {
      if (key.words[i] == word) {
        key.set(out_, i);
        return true;
      }
    }
    std::string expected = std::string(key.name) + " is ";
    if (key.words.empty()) {
      std::optional<std::uint64_t> const value = parse_number(word);
      if (value && *value >= key.least && *value <= key.most) {
        key.set(out_, *value);
        return true;
      }
      expected += std::to_string(key.least) + " to " + std::to_string(key.most);
    } else {
      for (std::string_view choice : key.words) {
        expected.append(choice == key.words.front() ? "" : ", ").append(choice);
      }
    }
    return line_.fail(expected + ", found " + quoted(word), offset);
  }

  // [space N] [cpu N] [defer] NAME OPERANDS [expect WORD]
  bool op_line() {
    Op op;
    OperandSet given;
    if (!modifiers(op, given)) return false;
    OpInfo const* kind = nullptr;
    for (OpInfo const& entry : op_table) {
      if (entry.name == line_.peek()) kind = &entry;
    }
    if (kind == nullptr) return line_.wrong("the name of an operation");
    for (Operand modifier : {Operand::space, Operand::cpu, Operand::defer}) {
      if (given.has(modifier) && !kind->operands.has(modifier)) {
        return line_.fail(quoted(kind->name) + " takes no " + quoted(modifier_name(modifier)));
      }
    }
    line_.skip();
    op.kind = kind->kind;
    op.owner = words::usual_owner(op.space);
    op.size = kind->operands.has(Operand::policy) ? words::no_policy : PageSize::Size4K;
    if (!operands(op, kind->operands) || !expectation(op, *kind)) return false;
    if (out_.ops.size() == text_op_count_max) return line_.fail_at_last("too many operations");
    out_.ops.push_back(canonical(op));
    return true;
  }

  static std::string_view modifier_name(Operand modifier) {
    return modifier == Operand::space ? "space" : modifier == Operand::cpu ? "cpu" : "defer";
  }

  bool modifiers(Op& op, OperandSet& given) {
    for (;;) {
      Operand modifier = Operand::defer;
      if (line_.take("space")) {
        modifier = Operand::space;
      } else if (line_.take("cpu")) {
        modifier = Operand::cpu;
      } else if (!line_.take("defer")) {
        return true;
      }
      if (given.has(modifier)) {
        return line_.fail_at_last(quoted(modifier_name(modifier)) + " is given twice");
      }
      given = given | modifier;
      if (!modifier_value(modifier, op)) return false;
    }
  }

  bool modifier_value(Operand modifier, Op& op) {
    if (modifier == Operand::space) {
      return read_field(line_, "a space", space_count_max - 1, op.space);
    }
    if (modifier == Operand::cpu) {
      return read_field(line_, "a processor", cpu_count_max - 1, op.cpu);
    }
    op.defer = true;
    return true;
  }

  // In the order in which the printer writes them.
  bool operands(Op& op, OperandSet takes) {
    auto const has = [takes](Operand operand) { return takes.has(operand); };
    auto& line = line_;
    return (!has(Operand::update) || line.one_of("what is set", words::updates, op.access)) &&
           (!has(Operand::va) || read_field(line, "an address", any_word, op.va.value)) &&
           (!has(Operand::size) || line.one_of("a page size", words::sizes, op.size)) &&
           (!has(Operand::length) || read_field(line, "a length", any_word, op.length)) &&
           (!has(Operand::flags) || line.flags(op.flags)) &&
           (!has(Operand::pa) ||
            (line.expect("->") && read_field(line, "a physical address", any_word, op.pa.value))) &&
           (!has(Operand::policy) || policy(op)) && (!has(Operand::access) || access(op)) &&
           (!has(Operand::visit) || visit(op)) && (!has(Operand::owner) || owner(op)) &&
           (!has(Operand::level) ||
            (line.expect("level") && read_field(line, "a level", 8, op.level) && level(op))) &&
           (!has(Operand::word) || read_field(line, "a word", any_word, op.word)) &&
           (!has(Operand::moment) || line.one_of("a moment", words::moments, op.moment)) &&
           (!has(Operand::count) || count(op));
  }

  bool level(Op const& op) {
    return op.level != 0 || line_.fail_at_last("levels are counted from 1, where 4K leaves are");
  }

  bool policy(Op& op) {
    return !line_.take("max") || line_.one_of("a page size", words::sizes, op.size);
  }

  bool access(Op& op) {
    if (!line_.one_of("an access", words::accesses, op.access)) return false;
    op.user = line_.take("user");
    return true;
  }

  bool visit(Op& op) {
    op.visit = line_.take("visit");
    return true;
  }

  bool owner(Op& op) {
    if (!line_.take("from")) return true;
    if (!read_field(line_, "a space", space_count_max - 1, op.owner)) return false;
    return op.owner != op.space || line_.fail_at_last("a space cannot borrow from itself");
  }

  bool count(Op& op) {
    if (op.kind == OpKind::fail && !line_.expect("alloc")) return false;
    if (op.kind == OpKind::walk && !line_.take("stop")) return true;
    if (op.kind == OpKind::flush && line_.at_end()) return true;
    return read_field(line_, "a count", any_count, op.count);
  }

  bool expectation(Op& op, OpInfo const& kind) {
    if (!line_.take("expect")) return true;
    if (!line_.one_of("an outcome", words::expectations, op.expect)) return false;
    return canonical(op).expect == op.expect ||
           line_.fail_at_last(quoted(kind.name) + " cannot be expected to end so");
  }

  FormatList formats_;
  Sequence& out_;
  TextLine line_;
  bool has_format_ = false;
  std::array<bool, machine_keys.size()> has_setting_{};
};

}  // namespace

std::optional<ParseError> parse(std::string_view text, FormatList formats, Sequence& out) {
  Sequence read;
  for (MachineKey const& key : machine_keys) key.set(read, key.usual);
  std::optional<ParseError> error = Parser(formats, read).run(text);
  if (!error) out = std::move(read);
  return error;
}

}  // namespace twinwalk::fuzz
