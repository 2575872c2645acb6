#include "tools/import/call_text.hpp"

#include <charconv>
#include <optional>
#include <system_error>

namespace twinwalk::tools {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Walks over one call from left to right. Each function leaves the cursor behind what it read, or
// reports what it missed.
class CallScanner {
 public:
  explicit CallScanner(CallText const& call) : call_(call), text_(call.text()) {}

  Parsed<Event> scan() {
    event_.where = call_.at(0);
    event_.last_line = call_.at(text_.size()).line;
    if (auto wrong = name()) return *wrong;
    if (auto wrong = arguments()) return *wrong;
    if (auto wrong = outcome()) return *wrong;
    return std::move(event_);
  }

 private:
  using Complaint = std::optional<Malformed>;

  Malformed complain(std::string what) const {
    return malformed_at(call_.at(at_), std::move(what));
  }
  bool ended() const { return at_ >= text_.size(); }
  bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void skip_blanks() {
    while (!ended() && is_blank(text_[at_])) ++at_;
  }

  Complaint name() {
    while (!ended() && is_name_character(text_[at_])) ++at_;
    if (at_ == 0) return complain("a system call or a line of strace is expected here");
    if (ended() || text_[at_] != '(') return complain("an opening parenthesis is expected here");
    event_.name = text_.substr(0, at_);
    ++at_;
    return {};
  }

  // Everything to the parenthesis that closes the call, cut at the commas outside of brackets.
  Complaint arguments() {
    std::string closers;  // of the brackets that are open, innermost last
    std::string argument;
    skip_blanks();
    std::size_t start = at_;
    for (;;) {
      if (ended()) return complain("the line ends within the arguments of '" + event_.name + "'");
      char const c = text_[at_];
      if (closers.empty() && (c == ',' || c == ')')) {
        keep(argument, start);
        ++at_;
        if (c == ')') return {};
        skip_blanks();
        start = at_;
        argument.clear();
        continue;
      }
      if (sees("/*")) {
        if (auto wrong = pass("*/", "comment")) return wrong;
        continue;
      }
      std::size_t const from = at_;
      if (auto wrong = one_step(closers)) return wrong;
      argument.append(text_.substr(from, at_ - from));
    }
  }

  // One character, one string, or the path that strace -y prints behind a descriptor.
  Complaint one_step(std::string& closers) {
    char const c = text_[at_];
    if (c == '"') return string();
    bool const shift = sees("<<");
    if (c == '<' && !shift && at_ > 0 && is_name_character(text_[at_ - 1])) {
      return pass(">", "path");
    }
    if (c == '(') closers.push_back(')');
    if (c == '[') closers.push_back(']');
    if (c == '{') closers.push_back('}');
    if (c == ')' || c == ']' || c == '}') {
      if (closers.empty() || closers.back() != c) {
        return complain(std::string("'") + c + "' closes nothing");
      }
      closers.pop_back();
    }
    at_ += shift ? 2 : 1;
    return {};
  }

  Complaint string() {
    std::size_t const start = at_;
    for (++at_; !ended(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return {};
      }
    }
    at_ = start;
    return complain("this string does not end");
  }

  // To behind the next `end`, which closes a thing called `what`.
  Complaint pass(std::string_view end, std::string const& what) {
    std::size_t const found = text_.find(end, at_ + 1);
    if (found == std::string_view::npos) return complain("this " + what + " does not end");
    at_ = found + end.size();
    return {};
  }

  void keep(std::string const& argument, std::size_t start) {
    std::size_t end = argument.size();
    while (end > 0 && is_blank(argument[end - 1])) --end;
    // `fork()` has no argument at all, and not one that is empty.
    bool const closes = text_[at_] == ')';
    if (end == 0 && closes && event_.arguments.empty()) return;
    event_.arguments.push_back({argument.substr(0, end), call_.at(start)});
  }

  Complaint outcome() {
    skip_blanks();
    if (ended() || text_[at_] != '=') return complain("'=' and what it returned are expected here");
    ++at_;
    skip_blanks();
    Outcome& outcome = event_.outcome;
    outcome.where = call_.at(at_);
    if (sees("?")) {
      ++at_;
    } else {
      if (auto wrong = number(outcome)) return wrong;
      outcome.known = true;
    }
    // What follows explains the number: the name of an error, decoded flags, a time, a path.
    if (!ended() && !is_blank(text_[at_]) && text_[at_] != '<') {
      return complain("a number or '?' is expected as what it returned");
    }
    return {};
  }

  Complaint number(Outcome& outcome) {
    std::size_t const start = at_;
    if (sees("-")) {
      outcome.failed = true;
      ++at_;
    }
    int const base = sees("0x") ? 16 : 10;
    if (base == 16) at_ += 2;
    char const* const first = text_.data() + at_;
    char const* const last = text_.data() + text_.size();
    auto const [end, error] = std::from_chars(first, last, outcome.value, base);
    if (error != std::errc()) {
      at_ = start;
      return complain(error == std::errc::result_out_of_range
                          ? "this number does not fit 64 bits"
                          : "a number or '?' is expected as what it returned");
    }
    at_ += static_cast<std::size_t>(end - first);
    return {};
  }

  CallText const& call_;
  std::string_view text_;
  std::size_t at_ = 0;
  Event event_;
};

}  // namespace

void CallText::append(std::string_view piece, Position where) {
  pieces_.push_back({text_.size(), where});
  text_ += piece;
}

std::string_view CallText::name() const { return text().substr(0, text_.find('(')); }

Position CallText::at(std::size_t offset) const {
  Position where;
  for (Piece const& piece : pieces_) {
    if (piece.offset > offset) break;
    where = {piece.where.line, piece.where.column + (offset - piece.offset)};
  }
  return where;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

Parsed<Event> parse_call(CallText const& call) { return CallScanner(call).scan(); }

}  // namespace twinwalk::tools
