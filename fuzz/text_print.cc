#include <charconv>
#include <string>

#include "fuzz/machine_keys.hpp"
#include "fuzz/text.hpp"
#include "fuzz/text_words.hpp"

namespace twinwalk::fuzz {
namespace {

std::string number(std::uint64_t value, int base) {
  char digits[24];
  auto const end = std::to_chars(digits, digits + sizeof digits, value, base);
  return std::string(base == 16 ? "0x" : "").append(digits, end.ptr);
}
std::string hex(std::uint64_t value) { return number(value, 16); }
std::string decimal(std::uint64_t value) { return number(value, 10); }

// What comes before the name. `space 0` and `cpu 0` go without saying.
std::string modifiers(Op const& op) {
  std::string out;
  if (op.space != 0) out += "space " + decimal(op.space) + ' ';
  if (op.cpu != 0) out += "cpu " + decimal(op.cpu) + ' ';
  if (op.defer) out += "defer ";
  return out;
}

// The count has another form in each kind that has one.
std::string count_text(Op const& op) {
  switch (op.kind) {
    case OpKind::fail:
      return " alloc " + decimal(op.count);
    case OpKind::hardware:
      return ' ' + decimal(op.count);
    case OpKind::walk:
      return op.count == 0 ? "" : " stop " + decimal(op.count);
    default:
      return op.count == 0 ? "" : ' ' + decimal(op.count);
  }
}

std::string operands(Op const& op) {
  OperandSet const takes = info(op.kind).operands;
  std::string out;
  auto const word = [&out](std::string_view text) { out.append(1, ' ').append(text); };
  if (takes.has(Operand::update)) word(words::name(words::updates, op.access));
  if (takes.has(Operand::va)) word(hex(op.va.value));
  if (takes.has(Operand::size)) word(print(op.size));
  if (takes.has(Operand::length)) word(hex(op.length));
  if (takes.has(Operand::flags)) word(print(op.flags));
  if (takes.has(Operand::pa)) word("-> " + hex(op.pa.value));
  if (takes.has(Operand::policy) && op.size != words::no_policy) {
    word("max " + std::string(print(op.size)));
  }
  if (takes.has(Operand::access)) word(words::name(words::accesses, op.access));
  if (takes.has(Operand::access) && op.user) word("user");
  if (takes.has(Operand::visit) && op.visit) word("visit");
  if (takes.has(Operand::owner) && op.owner != words::usual_owner(op.space)) {
    word("from " + decimal(op.owner));
  }
  if (takes.has(Operand::level)) word("level " + decimal(op.level));
  if (takes.has(Operand::word)) word(hex(op.word));
  if (takes.has(Operand::moment)) word(words::name(words::moments, op.moment));
  if (takes.has(Operand::count)) out += count_text(op);
  return out;
}

std::string machine_line(Sequence const& sequence) {
  std::string out = "machine";
  for (MachineKey const& key : machine_keys) {
    std::uint64_t const value = key.get(sequence);
    out.append(1, ' ').append(key.name).append(1, '=');
    out += key.words.empty() ? decimal(value) : std::string(key.words[value]);
  }
  return out;
}

// A comment must read back, whatever it quotes.
void append_comment(std::string& out, std::string_view line) {
  out += line.empty() ? "#" : "# ";
  for (char const c : line.substr(0, text_line_bytes_max - 2)) {
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  out += '\n';
}

}  // namespace

std::string_view print(PageSize size) { return words::name(words::sizes, size); }

std::string print(MappingFlags flags) {
  std::string out;
  out += flags.has(Flag::READ) ? 'r' : '-';
  out += flags.has(Flag::WRITE) ? 'w' : '-';
  out += flags.has(Flag::EXECUTE) ? 'x' : '-';
  if (flags.has(Flag::USER)) out += 'u';
  for (auto const& flag : words::plain_flags) {
    if (flags.has(flag.value)) out.append(1, ',').append(flag.name);
  }
  if (flags.has(Flag::TYPED)) out += ",type=" + decimal(flags.memory_type());
  if (flags.key() != 0) out += ",key=" + decimal(flags.key());
  if (flags.software() != 0) out += ",soft=" + hex(flags.software());
  std::uint64_t const rest = flags.bits & words::unnamed_bits(flags);
  if (rest != 0) out += ",bits=" + hex(rest);
  return out;
}

std::string print(Op const& op) {
  std::string out = modifiers(op);
  std::string_view const name = info(op.kind).name;
  std::string const rest = operands(op);
  bool const aligned = out.empty() && !rest.empty();
  out += name;
  // Addresses of plain operations stand below each other.
  if (aligned && name.size() < 7) out.append(7 - name.size(), ' ');
  out += rest;
  if (op.expect != Expectation::none) {
    out.append(" expect ").append(words::name(words::expectations, op.expect));
  }
  return out;
}

std::string print(Sequence const& sequence, FormatList formats, std::string_view comment) {
  std::string out;
  while (!comment.empty()) {
    std::size_t const end = comment.find('\n');
    append_comment(out, comment.substr(0, end));
    comment = end == std::string_view::npos ? std::string_view() : comment.substr(end + 1);
  }
  out.append("format  ").append(formats[sequence.format].name).append(1, '\n');
  out.append(machine_line(sequence)).append(1, '\n');
  for (Op const& op : sequence.ops) out.append(print(op)).append(1, '\n');
  return out;
}

}  // namespace twinwalk::fuzz
